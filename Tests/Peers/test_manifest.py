"""What the daemon contains: nothing that opens the archive. Shown from the manifest and from the binary.

Beside the module that opens: code of it that stands somewhere else (a copy, a link, a call of HPKE's other half), and
ways to have another program do it (a library loaded, a process begun).
"""

from __future__ import annotations

import functools
import json
import re
import subprocess
from pathlib import Path
from typing import Any, Dict, List, Set, Tuple

import pytest

from conftest import BINARIES, REPOSITORY
from silatools import toolchain

#: The only module that opens the archive, and those built on it.
OPENING = {"Unsealing", "Inbox", "StaffAgent", "InboxReader"}
#: What only the daemon has: a staff program never touches the database.
KEEPING = {"Store", "Bridge", "Daemon", "StaffAPI", "GRDB"}


@pytest.fixture(scope="module")
def manifest() -> Dict[str, Any]:
    done = subprocess.run(
        [toolchain.swift(), "package", "dump-package"], cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=300, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def targets(manifest: Dict[str, Any]) -> Dict[str, Set[str]]:
    """Target → what it depends on, targets and products alike."""
    found: Dict[str, Set[str]] = {}
    for target in manifest["targets"]:
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


@pytest.mark.parametrize("program", ["silad", "silad-faults"])
def test_manifest_no_part_of_the_daemon_borrows_sources(manifest, targets, program):
    """A target that takes files of another folder, or flags that link what the manifest does not name."""
    for target in manifest["targets"]:
        if target["name"] not in closure(targets, program) or target["type"] == "test":
            continue
        assert not target.get("path") and not target.get("sources"), target["name"]
        for setting in target["settings"]:
            # Optimising is all that is asked of the compiler; nothing is asked of the linker.
            flags = setting["kind"].get("unsafeFlags", {}).get("_0", [])
            assert flags in ([], ["-O"]) and (setting["tool"] != "linker" or not flags), (target["name"], setting)
        for path in (REPOSITORY / "Sources" / target["name"]).rglob("*"):
            assert not path.is_symlink(), f"{path} stands somewhere else"


def test_manifest_no_source_of_the_daemon_is_a_copy(targets):
    opening = {significant(path) for path in (REPOSITORY / "Sources" / "Unsealing").rglob("*.swift")}
    assert opening and "" not in opening
    for name in closure(targets, "silad") | closure(targets, "silad-faults"):
        for path in (REPOSITORY / "Sources" / name).rglob("*.swift"):
            assert significant(path) not in opening, f"{path} is a copy of one that opens"


def significant(path: Path) -> str:
    """A source file without comments and spaces."""
    return re.sub(r"\s+", "", re.sub(r"//.*", "", path.read_text("utf-8")))


@functools.lru_cache(maxsize=None)
def symbols(program: str) -> str:
    done = subprocess.run(
        ["nm", str(BINARIES / program)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        check=True)
    return done.stdout


def mentions(program: str, module: str) -> int:
    """How often a module's name stands in symbols. Swift mangles it with its length in front: `$s9Unsealing`, and in
    the middle where a type of it is an argument."""
    return len(re.findall(rf"(?<![0-9]){len(module)}{module}(?=[A-Z])", symbols(program)))


@pytest.mark.parametrize("program", ["silad", "silad-faults"])
def test_binary_holds_no_code_of_the_opening_module(program):
    for module in sorted(OPENING):
        assert f"$s{len(module)}{module}" not in symbols(program), module
    assert mentions(program, "Unsealing") == 0


def test_binary_check_can_fail():
    assert "$s9Unsealing" in symbols("sila") and mentions("sila", "Unsealing")
    assert "$s7Sealing" in symbols("silad")


#: What is hashed into each opening (Documentation/formats.md). Not those of 15 bytes and less: the compiler puts
#: them into instructions. A daemon without these words cannot open a key of the archive, whatever it is called.
WORDS = [b"sila archive key", b"sila recovery words", b"sila wrapped working key"]


@pytest.mark.parametrize("program", ["silad", "silad-faults"])
@pytest.mark.parametrize("words", WORDS)
def test_binary_holds_no_words_that_opening_needs(program, words):
    assert words in (BINARIES / "sila").read_bytes(), "the check can fail"
    assert words not in (BINARIES / program).read_bytes()


@functools.lru_cache(maxsize=None)
def callers(program: str) -> List[Tuple[str, str]]:
    """(function, what it calls) for the calls that open with a private key or load code."""
    command = (
        "objdump --disassemble --no-show-raw-insn \"$1\" | "
        "LC_ALL=C grep -E '^[0-9a-f]+ <|call.*(4HPKEO9RecipientV|dlopen)'")
    done = subprocess.run(
        ["bash", "-c", command, "bash", str(BINARIES / program)], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found, function = [], ""
    for line in done.stdout.splitlines():
        if line.endswith(">:"):
            function = line.split("<", 1)[1][:-2]
        elif "call" in line and "<" in line:
            found.append((function, line.split("<", 1)[1].rstrip(">")))
    assert function, "it was disassembled"
    return found


def modules_of(targets: Dict[str, Set[str]], program: str) -> List[str]:
    """How symbols of the program's own modules begin."""
    names = [part.replace("-", "_") for part in closure(targets, program) & set(targets)]
    return [f"$s{len(name)}{name}" for name in names]


def test_binary_nothing_of_the_daemon_opens_with_a_private_key_or_loads_code(targets):
    """HPKE's receiving half is linked with its library; nothing of ours may call it, under any name."""
    own = tuple(modules_of(targets, "silad"))
    assert "$s7Sealing" in own and "$s5Store" in own
    assert [call for call in callers("silad") if call[0].startswith(own)] == []
    # That the disassembly shows such calls at all.
    opening = [call for call in callers("sila") if call[0].startswith("$s9Unsealing")]
    assert any("9RecipientV" in called for _, called in opening)


@pytest.mark.parametrize("program", ["silad", "silad-faults"])
def test_binary_of_the_daemon_begins_no_other_program(program):
    """`sila` beside it would open for it."""
    done = subprocess.run(
        ["nm", "-D", "--undefined-only", str(BINARIES / program)], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=120, check=True)
    imported = {line.split()[-1].split("@")[0] for line in done.stdout.splitlines()}
    assert "pthread_create" in imported or "read" in imported, "the list is not empty"
    begins = {"fork", "vfork", "system", "popen", "posix_spawn", "posix_spawnp", "execv", "execve", "execvp", "execl"}
    assert not imported & begins


def needed(program: str) -> Set[str]:
    """The libraries that a program is linked to."""
    done = subprocess.run(
        ["readelf", "-d", str(BINARIES / program)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, check=True)
    return set(re.findall(r"\(NEEDED\).*\[(.+?)\]", done.stdout))


@pytest.mark.parametrize("program", ["silad", "silad-faults"])
def test_the_daemon_draws_nothing(targets, program):
    """Fonts and pictures are for staff: what reads them has had many mistakes in it."""
    drawing = ("libcairo", "libpango", "libglib", "libqrencode")
    assert not closure(targets, program) & {"CPangoCairo", "CQREncode", "InvitationCard"}
    assert not any(name.startswith(drawing) for name in needed(program))
    assert any(name.startswith("libcairo") for name in needed("sila")), "the check can fail"


def test_binary_of_staff_holds_no_database_code():
    for module in ["GRDB", "Store", "Bridge"]:
        assert f"$s{len(module)}{module}" not in symbols("sila"), module
