"""A contact with an account on another server, as most have: two servers of the operators' example, and DNS."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Iterator

import pytest

from conftest import FIRST_PORT, LAST_PORT
from example_server import ExampleProsody
from names import NameServer
from silatools import certificates, ports

OURS, ELSEWHERE = "sila.example.org", "elsewhere.example.net"


@pytest.fixture
def names() -> Iterator[NameServer]:
    made = NameServer()
    yield made
    made.close()


@pytest.fixture
def two_servers(tmp_path: Path, names: NameServer) -> Iterator[Callable[[str], ExampleProsody]]:
    """One for the helpline, one for the contact. Each believes the other's authority, and checks certificates."""
    servers = {
        domain: ExampleProsody(tmp_path / domain, ports.find_free(FIRST_PORT, LAST_PORT), domain)
        for domain in (OURS, ELSEWHERE)}
    for domain, server in servers.items():
        server.folder.mkdir()
        certificates.make(server.folder / "certs", domain)
    authorities = tmp_path / "authorities.pem"
    authorities.write_text("".join(server.ca.read_text() for server in servers.values()))
    for server in servers.values():
        server.more = (
            f'ssl = {{ cafile = "{authorities}" }}\n'
            f'unbound = {{ resolvconf = false; forward = {{ "127.0.0.1@{names.port}" }}; '
            'options = { ["do-not-query-localhost:"] = "no" } }\n')
        server.start()
        names.servers[server.domain] = server.servers_port
    yield servers.__getitem__
    for server in servers.values():
        server.stop()


def test_contact_on_another_server_is_answered(two_servers, make_bridge, make_contact):
    bridge = make_bridge(two_servers(OURS))
    bridge.start("silad-faults", ["--responder", "echo"])
    contact = make_contact(two_servers(ELSEWHERE), "amal").connect()
    contact.send(bridge.jid, "salam from elsewhere")
    assert contact.wait_texts(1, 90) == ["salam from elsewhere"]
    assert contact.all("received")[0]["encrypted"] is True
    # The bridge was away, and catches up from its own archive.
    bridge.stop()
    contact.send(bridge.jid, "are you there?")
    contact.flush()
    bridge.start("silad-faults", ["--responder", "echo"])
    assert contact.wait_texts(2, 90)[1:] == ["are you there?"]
    # The contact is away; its own server keeps the answer.
    contact.send(bridge.jid, "and now I go")
    contact.disconnect()
    contact.connect()
    assert contact.wait_texts(3, 90)[2:] == ["and now I go"]
    assert bridge.deployment.status()["outbox"] == {"confirmed": 3}
