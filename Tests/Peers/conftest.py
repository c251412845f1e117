"""Fixtures: one server of each kind for most tests, deployments and contacts of one's own for each test.

Tests marked `both_servers` run on Prosody and on ejabberd, all others on Prosody. Marked is what a server has
a say in: order, archive, resumption, offline messages, device lists, errors. Not marked are tests of staff, of
the quickstart and of start-up, where the server is only a way in, and the longest ones. `SILA_SERVER=ejabberd`
runs everything on that one.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Sequence, Type

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "Scripts"))

from silatools import ports  # noqa: E402
from silatools.contact import Contact  # noqa: E402
from silatools.deployment import Daemon, Deployment  # noqa: E402
from silatools.ejabberd import Ejabberd  # noqa: E402
from silatools.prosody import Prosody  # noqa: E402
from silatools.server import Server  # noqa: E402

BINARIES = Path(os.environ.get("SILA_BIN_DIR", REPOSITORY / ".build" / "debug"))
FIRST_PORT, LAST_PORT = 15330, 15399
SESSION = secrets.token_hex(3)


@pytest.fixture(scope="session", autouse=True)
def _open_umask() -> None:
    os.umask(0o077)


KINDS: Dict[str, Type[Server]] = {"prosody": Prosody, "ejabberd": Ejabberd}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a marked test once a kind of server. The names of others stay as they are."""
    is_marked = metafunc.definition.get_closest_marker("both_servers") is not None
    if is_marked and "server_kind" in metafunc.fixturenames and "SILA_SERVER" not in os.environ:
        # The scope lets pytest run all tests of one kind before those of the other.
        metafunc.parametrize("server_kind", list(KINDS), indirect=True, scope="session")


@pytest.fixture(scope="session")
def server_kind(request: pytest.FixtureRequest) -> str:
    """The kind of server that this test uses, a key of `KINDS`."""
    return getattr(request, "param", os.environ.get("SILA_SERVER", "prosody"))


def make_server(folder: Path, kind: str = "prosody", **settings: int) -> Server:
    return KINDS[kind](folder, ports.find_free(FIRST_PORT, LAST_PORT), **settings)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """Running servers that all tests share, one of a kind, started when first asked for."""
    running: Dict[str, Server] = {}

    def get(kind: str) -> Server:
        if kind not in running:
            made = make_server(tmp_path_factory.mktemp(kind), kind)
            made.start()
            running[kind] = made
        return running[kind]

    yield get
    for made in running.values():
        made.stop()


@pytest.fixture(scope="session")
def server(servers: Callable[[str], Server], server_kind: str) -> Server:
    """A running server that all tests share. Accounts are never used twice."""
    return servers(server_kind)


@pytest.fixture
def own_server(tmp_path: Path, server_kind: str) -> Iterator[Server]:
    """A running server that the test may restart; its stanzas may be 8 MiB."""
    made = make_server(tmp_path / server_kind, server_kind, stanza_limit=8 * 1024 * 1024)
    made.start()
    yield made
    made.stop()


class Bridge:
    """A deployment with its daemon."""

    def __init__(self, deployment: Deployment, jid: str) -> None:
        self.deployment, self.jid = deployment, jid
        self.daemon: Daemon | None = None

    def start(self, program: str = "silad", options: Sequence[str] = (), *, online: bool = True) -> Daemon:
        self.daemon = Daemon(self.deployment, program, options)
        return self.daemon.start(online=online)

    def stop(self) -> None:
        if self.daemon:
            self.daemon.stop()


@pytest.fixture
def make_bridge(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Bridge]]:
    """Makes deployments; stops their daemons after the test. Not started."""
    bridges: List[Bridge] = []

    def make(server: Server, *, show_drafts: bool = True, account: str = "helpline",
             invites: bool = True) -> Bridge:
        number = len(bridges)
        folder = tmp_path / f"bridge{number}"
        deployment = Deployment(folder / "deployment", folder / "staff", BINARIES)
        user = account_name(request, f"{account}{number or ''}")
        deployment.create(server, user, show_drafts=show_drafts, invites=invites)
        bridge = Bridge(deployment, f"{user}@{server.domain}")
        bridges.append(bridge)
        return bridge

    yield make
    for bridge in bridges:
        bridge.stop()
        socket = bridge.deployment.socket
        if bridge.deployment.folder not in socket.parents:
            shutil.rmtree(socket.parent, ignore_errors=True)
        if bridge.daemon and request.node.stash.get(HAS_FAILED, False):
            print(f"--- end of {bridge.daemon.log}")
            print("\n".join(bridge.daemon.log.read_text("utf-8", "replace").splitlines()[-40:]))


@pytest.fixture
def bridge(server: Server, make_bridge: Callable[..., Bridge]) -> Bridge:
    """A running `silad` with the real bot."""
    made = make_bridge(server)
    made.start()
    return made


@pytest.fixture
def echo(server: Server, make_bridge: Callable[..., Bridge]) -> Bridge:
    """A running `silad-faults` that answers every message with its own words."""
    made = make_bridge(server)
    made.start("silad-faults", ["--responder", "echo"])
    return made


@pytest.fixture
def make_contact(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Contact]]:
    """Makes contacts with accounts of their own; ends them after the test. Not connected."""
    contacts: List[Contact] = []

    def make(server: Server, name: str, *, resource: str = "phone", exact_name: bool = False) -> Contact:
        user = name if exact_name else account_name(request, name)
        password = f"demo-{user}"
        server.add_user(user, password)
        contact = Contact(
            Path(sys.executable), f"{user}@{server.domain}", password, server.port, server.ca,
            tmp_path / "contacts", resource=resource)
        contacts.append(contact)
        return contact

    yield make
    for contact in contacts:
        contact.close()


def account_name(request: pytest.FixtureRequest, name: str) -> str:
    """An account of this test alone."""
    # A hash: the names of parametrised tests differ only at their end.
    test = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:8]
    return f"{name}-{test}-{SESSION}"


HAS_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> pytest.TestReport:
    report = yield
    if report.failed:
        item.stash[HAS_FAILED] = True
    return report
