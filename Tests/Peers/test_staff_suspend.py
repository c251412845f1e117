"""A machine that is suspended while it is unlocked: the agent forgets, and before that serves nobody.

The agent is the real process of `sila unlock`. That the machine slept it sees as from the kernel: CLOCK_BOOTTIME is
ahead of CLOCK_MONOTONIC by more than before (`suspended.c`, preloaded).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
from pathlib import Path
from typing import Any, Dict, Iterator

import pytest

import staff_e2e
from silatools import processes
from silatools.deployment import write_secret
from staff import Member
from staff_e2e import Office, agent_process, bare

office = staff_e2e.office
SOURCE = Path(__file__).with_name("suspended.c")


class Laptop:
    """The machine of a member, which can sleep. Unlocked."""

    def __init__(self, member: Member, folder: Path) -> None:
        self.member, self._asleep = member, folder / "asleep"
        library = folder / "suspended.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, SOURCE], check=True)
        self._set_asleep(0)
        done = member.run(
            "unlock", environment={"LD_PRELOAD": str(library), "SUSPENDED_SECONDS": str(self._asleep)})
        assert done.returncode == 0, done.stderr
        found = agent_process(member)
        assert found is not None
        self.agent: int = found
        assert str(library) in Path(f"/proc/{found}/maps").read_text(), "the agent sees this machine's clocks"

    def _set_asleep(self, seconds: int) -> None:
        # In one step: the agent may read at any moment.
        write_secret(self._asleep.with_suffix(".new"), str(seconds))
        os.replace(self._asleep.with_suffix(".new"), self._asleep)

    def sleep(self, seconds: int) -> None:
        """As the kernel does it: nothing runs, then the clock has jumped. `wake` lets things run again."""
        os.kill(self.agent, signal.SIGSTOP)
        self._set_asleep(seconds)

    def wake(self) -> None:
        os.kill(self.agent, signal.SIGCONT)


@pytest.fixture
def laptop(office: Office, tmp_path: Path) -> Iterator[Laptop]:
    laptop = Laptop(office.admit_quickly(f"lara{len(office.members)}", "staff"), tmp_path)
    yield laptop
    if processes.start_time(laptop.agent) is not None:
        laptop.wake()


def ask(connection: socket.socket, body: Dict[str, Any]) -> None:
    payload = json.dumps({"version": 1, "body": body}).encode()
    connection.sendall(struct.pack(">I", len(payload)) + payload)


def answer(connection: socket.socket) -> Any:
    """What the agent answers, `None` when it hung up instead."""
    with contextlib.suppress(ConnectionResetError), connection.makefile("rb") as stream:
        head = stream.read(4)
        if len(head) == 4:
            return json.loads(stream.read(struct.unpack(">I", head)[0]))["body"]
    return None


@contextlib.contextmanager
def connected(member: Member) -> Iterator[socket.socket]:
    """A program of the same user at the agent's socket, taken by the agent already."""
    [path] = member.runtime.rglob("agent*.sock")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(path))
        ask(connection, {"status": {}})
        assert answer(connection)["status"]["_0"]["member"] == member.name
        yield connection


DRAFTS = {"localKey": {"purpose": "drafts"}}


def test_after_a_suspend_nothing_is_unlocked(laptop: Laptop) -> None:
    member = laptop.member
    assert bare(member, "inbox", "--json").returncode == 0, "unlocked: no passphrase is asked"
    laptop.sleep(3600)
    laptop.wake()
    # It looks once a second.
    assert processes.ended(laptop.agent, 10), "the agent noticed by itself"
    assert agent_process(member) is None and not list(member.runtime.rglob("agent*.sock"))
    for command in (["inbox", "--json"], ["show", "c1"], ["search", "x"]):
        done = bare(member, *command)
        assert (done.returncode, done.stdout) == (66, ""), command
        assert "passphrase" in done.stderr or "unlock" in done.stderr
    assert "Unlocked" not in bare(member, "whoami").stdout
    assert member.run("inbox").returncode == 0, "with the passphrase it is as before"


def test_what_is_asked_before_the_agent_noticed_gets_no_key(laptop: Laptop) -> None:
    with connected(laptop.member) as connection, connected(laptop.member) as other:
        ask(other, DRAFTS)
        assert len(answer(other)["localKey"]["_0"]) == 44, "awake it gives the key of the drafts"
        laptop.sleep(60)
        # Waits in the socket while the machine sleeps: the first that the agent sees when it goes on.
        ask(connection, DRAFTS)
        ask(other, {"signLogin": {"deployment": "AAAA", "challenge": "AAAA"}})
        laptop.wake()
        for one in (connection, other):
            given = answer(one)
            assert given is None or given["failed"]["_0"]["code"] == "notUnlocked", given
    assert processes.ended(laptop.agent, 10)


def test_without_a_suspend_it_stays_unlocked(laptop: Laptop) -> None:
    # Stopped, as by a debugger or a busy machine, and no clock has jumped.
    laptop.sleep(0)
    laptop.wake()
    member = laptop.member
    for _ in range(2):
        # Longer than the agent's own look at the clocks, which it takes once a second.
        assert not processes.ended(laptop.agent, 1.5)
        assert bare(member, "inbox", "--json").returncode == 0
    assert agent_process(member) == laptop.agent
    with connected(member) as connection:
        ask(connection, DRAFTS)
        assert "localKey" in answer(connection)
