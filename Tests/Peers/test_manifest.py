"""What the daemon contains: nothing that opens the archive. Shown from the manifest and from the binary."""

from __future__ import annotations

import json
import subprocess
from typing import Dict, Set

import pytest

from conftest import BINARIES, REPOSITORY
from silatools import toolchain

#: The only module that opens the archive, and those built on it.
OPENING = {"Unsealing", "Inbox", "StaffAgent", "InboxReader"}
#: What only the daemon has: a staff program never touches the database.
KEEPING = {"Store", "Bridge", "Daemon", "StaffAPI", "GRDB"}


@pytest.fixture(scope="module")
def targets() -> Dict[str, Set[str]]:
    """Target → what it depends on, targets and products alike."""
    done = subprocess.run(
        [toolchain.swift(), "package", "dump-package"], cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=300, check=True)
    found: Dict[str, Set[str]] = {}
    for target in json.loads(done.stdout)["targets"]:
        names = set()
        for dependency in target["dependencies"]:
            kind, values = next(iter(dependency.items()))
            assert kind in ("byName", "product", "target"), kind
            names.add(values[0])
        found[target["name"]] = names
    return found


def closure(targets: Dict[str, Set[str]], name: str) -> Set[str]:
    seen: Set[str] = set()
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += targets.get(name, set())
    return seen


@pytest.mark.parametrize("program", ["silad", "silad-faults", "Daemon", "StaffAPI", "Store", "Bridge"])
def test_manifest_no_part_of_the_daemon_reaches_what_opens(targets, program):
    assert program in targets
    assert not closure(targets, program) & OPENING


def test_manifest_the_staff_program_reaches_what_opens_and_not_the_store(targets):
    reached = closure(targets, "sila")
    assert "Unsealing" in reached
    assert not reached & KEEPING


def symbols(program: str) -> str:
    done = subprocess.run(
        ["nm", str(BINARIES / program)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@pytest.mark.parametrize("program", ["silad", "silad-faults"])
def test_binary_holds_no_code_of_the_opening_module(program):
    # Swift mangles a module's name with its length in front: `$s9Unsealing`.
    for module in sorted(OPENING):
        assert f"$s{len(module)}{module}" not in symbols(program), module


def test_binary_check_can_fail():
    assert "$s9Unsealing" in symbols("sila")
    assert "$s7Sealing" in symbols("silad")


def test_binary_of_staff_holds_no_database_code():
    for module in ["GRDB", "Store", "Bridge"]:
        assert f"$s{len(module)}{module}" not in symbols("sila"), module
