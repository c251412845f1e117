"""A helpline with people: its bridge, a coordinator, and members who join as people do.

Fixtures for tests of staff; a test module imports those it uses. `helpline` is the bridge with its
coordinator; `helpline.admit("nadia", "intern")` lets somebody join. Every member has keys in a folder
of their own, as on a machine of their own. `member.sila(...)` runs a command as a script does, with the
passphrase in a file; `member.at_terminal()` is a `Person` in tmux, who types the passphrase.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence

import pytest

from conftest import BINARIES, Bridge
from person import COLUMNS, ROWS, Person
from silatools import processes
from silatools.deployment import write_secret
from silatools.errors import ToolError
from silatools.prosody import Prosody

SILA = BINARIES / "sila"


class Member:
    """Somebody with keys: `folder` holds them, `runtime` the socket of their agent."""

    def __init__(self, name: str, folder: Path, runtime: Path, passphrase: str) -> None:
        self.name, self.folder, self.runtime, self.passphrase = name, folder, runtime, passphrase
        self.passphrase_file = runtime / f"{name}.passphrase"
        write_secret(self.passphrase_file, passphrase)
        #: What they bring to a coordinator, and their five words; there once they joined.
        self.request, self.fingerprint = runtime / f"{name}.request", ""
        self._people: List[Person] = []

    @property
    def key_file(self) -> Path:
        return self.folder / f"{self.name}.key"

    @property
    def environment(self) -> Dict[str, str]:
        """What makes `sila` work as this member; it asks for the passphrase."""
        return {"SILA_KEYS": str(self.folder), "XDG_RUNTIME_DIR": str(self.runtime), "LC_ALL": "C.UTF-8"}

    def run(
        self, *arguments: object, stdin: str = "", seconds: float = 120, environment: Optional[Dict[str, str]] = None
    ) -> "subprocess.CompletedProcess[str]":
        """A command of `sila` with the passphrase from a file, whatever comes of it."""
        return subprocess.run(
            [str(SILA), *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=seconds,
            # No terminal: a command that wants to ask must fail, not wait.
            start_new_session=True,
            env={**os.environ, **self.environment, "SILA_PASSPHRASE_FILE": str(self.passphrase_file),
                 **(environment or {})})

    def sila(self, *arguments: object, status: int = 0, stdin: str = "", seconds: float = 120) -> str:
        """What a command printed. Another exit status than `status` is an error.

        With `status` 0 that is standard output; else also what was said on standard error.
        """
        done = self.run(*arguments, stdin=stdin, seconds=seconds)
        if done.returncode != status:
            raise ToolError(
                f"{self.name}: 'sila {' '.join(map(str, arguments))}' ended with {done.returncode}, not {status}:\n"
                f"{done.stdout}{done.stderr}")
        return done.stdout if status == 0 else done.stdout + done.stderr

    def json(self, *arguments: object, **options: Any) -> Any:
        """The result of a command with `--json`."""
        return json.loads(self.sila(*arguments, "--json", **options))

    def inbox(self, which: str = "--all") -> List[Dict[str, Any]]:
        return self.json("inbox", which)["conversations"]

    def conversation_with(self, text: str) -> str:
        """The short id of the conversation in which these words stand: staff are told no addresses."""
        for row in self.inbox():
            if any(item["text"] == text for item in self.items(row["id"])):
                return row["id"]
        raise ToolError(f"no conversation that {self.name} is served holds {text!r}")

    def items(self, conversation: str, limit: int = 500) -> List[Dict[str, Any]]:
        """What `sila show --json` gives of a conversation, oldest first."""
        return self.json("show", conversation, "--limit", limit)["items"]

    def unlock(self, *options: object) -> None:
        """Starts the agent: from then on commands need no passphrase, and are ten times as fast."""
        self.sila("unlock", *options)

    @contextlib.contextmanager
    def watch(self, *options: object) -> Iterator["Watch"]:
        """`sila watch --json` that runs meanwhile."""
        watch = Watch(self, options)
        try:
            yield watch
        finally:
            watch.close()

    def at_terminal(self, *, columns: int = COLUMNS, rows: int = ROWS, **environment: str) -> Person:
        """Somebody at this member's machine. Nothing tells `sila` the passphrase: it is typed."""
        person = Person(BINARIES, {**self.environment, **environment}, columns=columns, rows=rows)
        self._people.append(person)
        return person

    def close(self) -> None:
        """Ends the terminals, and an agent that still runs."""
        for person in self._people:
            person.close()
        if (self.folder / "profile.json").exists():
            self.run("lock")


class Watch:
    """The events of `sila watch --json`: all there were, then those that come."""

    def __init__(self, member: Member, options: Sequence[object]) -> None:
        self.events: List[Dict[str, Any]] = []
        self._changed = threading.Condition()
        self._has_ended = False
        # From the first event on: from when on "now" is, nobody outside can know.
        self._process = subprocess.Popen(
            [str(SILA), "watch", "--json", "--after", "0", *map(str, options)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, **member.environment, "SILA_PASSPHRASE_FILE": str(member.passphrase_file)})
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait(
        self, what: str, condition: Callable[[Dict[str, Any]], bool], seconds: float = 60, count: int = 1
    ) -> Dict[str, Any]:
        """The `count`-th event that fulfils a condition, once it has come."""
        deadline = processes.Deadline(seconds)
        with self._changed:
            while len(found := [event for event in self.events if condition(event)]) < count:
                if self._has_ended:
                    raise ToolError(f"sila watch ended before {what}: {self._process.stderr.read().strip()}")
                if deadline.passed:
                    raise ToolError(f"sila watch waited {seconds:.0f} s in vain for {what}; it saw {self.events}")
                self._changed.wait(deadline.left)
            return found[count - 1]

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(5)
        for pipe in (self._process.stdout, self._process.stderr):
            pipe.close()

    def _read(self) -> None:
        for line in self._process.stdout:
            event = json.loads(line)
            with self._changed:
                self.events.append(event)
                self._changed.notify_all()
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()


class Helpline:
    """A bridge with people. `coordinator` is the first of them; `members` are all, by name."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        # A short path: a socket's has 107 bytes at most.
        self._folder = Path(tempfile.mkdtemp(prefix="sila-staff-"))
        deployment = bridge.deployment
        self.members: Dict[str, Member] = {}
        self.coordinator = self._member(
            "coordinator", deployment.staff / "keys", deployment.passphrase_file.read_text().strip())
        self._name_socket()

    @property
    def jid(self) -> str:
        return self.bridge.jid

    @property
    def socket(self) -> Path:
        return self.bridge.deployment.socket

    def newcomer(self, name: str) -> Member:
        """Somebody with a machine, before they join."""
        return self._member(name, self._folder / name / "keys", f"four words of {name} {secrets.token_hex(3)}")

    def join(self, name: str, *options: object) -> Member:
        """Somebody who made their keys and whom nobody has admitted yet: see `request` and `fingerprint`."""
        member = self.members.get(name) or self.newcomer(name)
        made = member.json(
            "join", "--name", name, "--socket", self.socket, "--passphrase-file", member.passphrase_file, *options)
        member.request.write_text(made["request"])
        member.fingerprint = made["fingerprint"]
        return member

    def admit(self, name: str, role: str, *, by: Optional[Member] = None) -> Member:
        """Lets somebody join: keys, admission by a coordinator, and the deployment's words pinned."""
        member, coordinator = self.join(name), by or self.coordinator
        admitted = coordinator.json(
            "staff", "add", member.request, "--role", role, "--fingerprint", member.fingerprint)
        assert (admitted["member"], admitted["role"]) == (name, role)
        member.sila("whoami", "--fingerprint", coordinator.json("whoami")["deployment"])
        return member

    def close(self) -> None:
        for member in self.members.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                member.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _member(self, name: str, folder: Path, passphrase: str) -> Member:
        runtime = self._folder / name
        runtime.mkdir(mode=0o700)
        self.members[name] = Member(name, folder, runtime, passphrase)
        return self.members[name]

    def _name_socket(self) -> None:
        """The profile that `sila init` made names the usual socket; that of a deep folder lies elsewhere."""
        path = self.coordinator.folder / "profile.json"
        profile = json.loads(path.read_text())
        if profile["socket"] != str(self.socket):
            path.write_text(json.dumps({**profile, "socket": str(self.socket)}))


@pytest.fixture
def make_helpline(server: Prosody, make_bridge: Callable[..., Bridge]) -> Iterator[Callable[..., Helpline]]:
    """Makes helplines with their coordinator. Not started: `helpline.bridge.start()`.

    `make(show_drafts=False)` as for `make_bridge`.
    """
    helplines: List[Helpline] = []

    def make(on: Optional[Prosody] = None, **settings: Any) -> Helpline:
        helplines.append(Helpline(make_bridge(on or server, **settings)))
        return helplines[-1]

    yield make
    for helpline in helplines:
        helpline.close()


@pytest.fixture
def helpline(make_helpline: Callable[..., Helpline]) -> Helpline:
    """A running bridge with a coordinator."""
    made = make_helpline()
    made.bridge.start()
    return made
