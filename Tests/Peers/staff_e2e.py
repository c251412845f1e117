"""What tests of keys, faults and erasure share: deployments made once and copied, and people in them.

A passphrase costs seconds in a debug build (scrypt, 128 MiB). Key files of these tests have N = 1024, which
the format allows; those made by `sila` itself are tried in `test_staff_keys.py`.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import shutil
import socket
import struct
import subprocess
import threading
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest

from conftest import BINARIES, Bridge
from silatools import processes
from silatools.deployment import Daemon, Deployment, write_secret
from silatools.prosody import Prosody
from staff import Helpline, Member
from staff_formats import Keys, Opener, key_id, proquints
from test_staff_api import StaffAPI

# Deployments

class Template:
    """A deployment as `sila init` made it, and what it printed. Copied, never used."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.deployment = folder, Deployment(folder / "deployment", folder / "staff", BINARIES)
        for path in (folder, self.deployment.folder, self.deployment.staff):
            path.mkdir(mode=0o700, exist_ok=True)
        self.passphrase = f"words of the first {secrets.token_hex(4)}"
        write_secret(self.deployment.passphrase_file, self.passphrase)
        done = subprocess.run(
            [self.deployment.program("sila"), "init", "--deployment", str(self.deployment.folder), "--keys",
             str(self.key_file.parent), "--passphrase-file", str(self.deployment.passphrase_file), "--name",
             "coordinator", "--yes", "--json", *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, done.stderr
        self.printed = json.loads(done.stdout)
        #: As `sila` wrote it.
        self.own_key_file = self.key_file.read_text()
        Keys.read(self.key_file, self.passphrase).write(self.key_file, self.passphrase)

    @property
    def key_file(self) -> Path:
        return self.deployment.staff / "keys" / "coordinator.key"


class CopiedDeployment(Deployment):
    def __init__(self, folder: Path, staff: Path, binaries: Path, template: Template) -> None:
        super().__init__(folder, staff, binaries)
        shutil.copytree(template.deployment.folder, folder)
        shutil.copytree(template.deployment.staff, staff)

    def _init(self, coordinator: str) -> str:
        return ""


_TEMPLATES: Dict[str, Template] = {}


def template(folders: pytest.TempPathFactory, mode: str = "file") -> Template:
    """The deployment of a key mode that this run of tests copies."""
    if mode not in _TEMPLATES:
        _TEMPLATES[mode] = Template(folders.mktemp("template"), "--key-mode", mode)
    return _TEMPLATES[mode]


class Office(Helpline):
    """A helpline whose members have light key files."""

    def admit_quickly(self, name: str, role: str) -> Member:
        """Keys made here, admitted by `sila staff add`, the deployment's words pinned by `sila whoami`."""
        member = self.newcomer(name)
        keys = Keys(name)
        member.folder.mkdir(mode=0o700)
        keys.write(member.key_file, member.passphrase)
        write_secret(
            member.folder / "profile.json", json.dumps({"version": 1, "member": name, "socket": str(self.socket)}))
        member.request.write_text(keys.request)
        member.fingerprint = keys.fingerprint
        self.coordinator.sila("staff", "add", member.request, "--role", role, "--fingerprint", keys.fingerprint)
        member.sila("whoami", "--fingerprint", self.words)
        return member

    @property
    def words(self) -> str:
        """The five words of the deployment."""
        pin = json.loads((self.bridge.deployment.folder / "keys" / "roster.pin").read_text())
        return proquints(bytes.fromhex(pin["first"])[:10])

    @property
    def database(self) -> Path:
        return self.bridge.deployment.folder / "store" / "sila.sqlite"

    def keys(self, name: str = "coordinator") -> Keys:
        return Keys.read(self.members[name].key_file, self.members[name].passphrase)

    def api(self, name: str = "coordinator", *, path: Optional[Path] = None) -> StaffAPI:
        return StaffAPI(path or self.socket, self.keys(name))

    def archive_key(self, compartment: str) -> bytes:
        """The id of the newest archive key."""
        roster = json.loads((self.bridge.deployment.folder / "keys" / "roster.json").read_text())
        return [
            key_id(base64.b64decode(entry["statement"]["publicKey"])) for entry in roster["entries"]
            if entry["statement"].get("compartment") == compartment][-1]

    def opener(self, *names: str) -> Opener:
        folder = self.bridge.deployment.folder / "keys"
        return Opener(
            folder / "archive-keyring.json", folder / "roster.json", [self.keys(name) for name in names])


def make_office(
    folder: Path, server: Prosody, folders: pytest.TempPathFactory, *, mode: str = "file", **settings: Any
) -> Office:
    """A deployment with its coordinator. Not started: `office.bridge.start()`."""
    deployment = CopiedDeployment(folder / "deployment", folder / "staff", BINARIES, template(folders, mode))
    user = f"helpline-{secrets.token_hex(4)}"
    deployment.create(server, user, **settings)
    if mode != "file":
        text = deployment.config.read_text()
        assert 'mode: "file"' in text
        deployment.config.write_text(text.replace('mode: "file"', f'mode: "{mode}"'))
    return Office(Bridge(deployment, f"{user}@{server.domain}"))


def close_office(office: Office) -> None:
    office.close()
    office.bridge.stop()
    socket_path = office.socket
    if office.bridge.deployment.folder not in socket_path.parents:
        shutil.rmtree(socket_path.parent, ignore_errors=True)


@pytest.fixture
def new_office(
    tmp_path: Path, server: Prosody, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Office]]:
    """Makes offices of this test's own, as `make_office` does."""
    offices: List[Office] = []

    def make(**settings: Any) -> Office:
        offices.append(make_office(tmp_path / f"office{len(offices)}", server, tmp_path_factory, **settings))
        return offices[-1]

    yield make
    for office in offices:
        close_office(office)


class LockedDaemon(Daemon):
    """`silad` in key mode `operator`: `start` returns once it says that it waits locked."""

    _has_started = False

    def start(self, *, online: bool = False, seconds: float = 60) -> "LockedDaemon":
        super().start(online=False, seconds=seconds)
        self._has_started = True
        return self

    def wait_for_line(self, line: str, seconds: float = 60, count: int = 1) -> None:
        super().wait_for_line(line if self._has_started else "locked", seconds, count)


def bare(member: Member, *arguments: object, seconds: float = 60) -> "subprocess.CompletedProcess[str]":
    """A command of `sila` of somebody who is not there to type, and whose passphrase lies nowhere."""
    environment = {name: value for name, value in os.environ.items() if name != "SILA_PASSPHRASE_FILE"}
    return subprocess.run(
        [str(BINARIES / "sila"), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=seconds, start_new_session=True, env={**environment, **member.environment})


def agent_process(member: Member) -> Optional[int]:
    """The process of the member's agent, `None` when nobody listens on its socket."""
    for path in [*member.runtime.rglob("agent*.sock"), *member.folder.rglob("agent*.sock")]:
        with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
            connection.connect(str(path))
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            return struct.unpack("3i", credentials)[0]
    return None


def make_module_office(folders: pytest.TempPathFactory, server: Prosody) -> Iterator[Office]:
    """A running helpline for the tests of a module, with `roos` of staff."""
    office = make_office(folders.mktemp("office"), server, folders)
    try:
        office.bridge.start()
        office.admit_quickly("roos", "staff")
        yield office
    finally:
        close_office(office)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, server: Prosody) -> Iterator[Office]:
    yield from make_module_office(tmp_path_factory, server)


def practice(member: Member) -> str:
    """A conversation of the member's, with messages in it."""
    return member.json("practice")["conversation"]["id"]


def found_in_the_end(member: Member, word: str) -> None:
    """Nothing tells when the index has taken in what is new."""
    deadline, pause = processes.Deadline(30), threading.Event()
    while member.run("search", word).returncode != 0:
        assert not deadline.passed, f"{word} is never found"
        pause.wait(0.2)


def words_of_staff(member: Member, conversation: str) -> List[str]:
    """What staff said in a conversation, as the member reads it."""
    return [item["text"] for item in member.items(conversation) if item["from"] == "staff"]
