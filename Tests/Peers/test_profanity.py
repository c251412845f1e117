"""Conversations of profanity, an OMEMO client in C on libsignal-protocol-c, with the bridge.

profanity 0.13 on Prosody publishes its keys for those with a presence subscription only. The
bridge may not read them then, and answers the device that wrote. Where it writes first, the test
opens the keys to everybody, as other clients do by themselves.
"""

from __future__ import annotations

import re
from typing import Callable, Iterator

import pytest

from conftest import account_name
from profanity import Profanity
from raw_client import create_open_device_list, open_bundles


@pytest.fixture
def make_profanity(server, tmp_path, request) -> Iterator[Callable[..., Profanity]]:
    running = []

    def make(*, has_open_keys: bool = False) -> Profanity:
        user = account_name(request, "ilyas")
        server.add_user(user, "demo")
        if has_open_keys:
            create_open_device_list(server, user, "demo")
        client = Profanity(server, f"{user}@{server.domain}", "demo", tmp_path / "home")
        running.append(client)
        client.__enter__()
        if has_open_keys:
            open_bundles(server, user, "demo")
        return client

    yield make
    for client in running:
        client.__exit__()


def test_profanity_and_slixmpp_talk(server, make_profanity, make_contact):
    """The tool itself, without a bridge."""
    contact = make_contact(server, "amal").connect()
    profanity = make_profanity(has_open_keys=True)
    profanity.chat(contact.jid)
    profanity.type("salam, this is profanity")
    assert contact.wait_texts(1, 30) == ["salam, this is profanity"]
    assert contact.all("received")[0]["encrypted"] is True
    contact.send(profanity.jid, "wa 3likom salam")
    profanity.wait_for("wa 3likom salam")


def test_contact_on_profanity_starts(server, bridge, make_profanity):
    profanity = make_profanity()
    profanity.chat(bridge.jid)
    profanity.type("my bag did not arrive")
    name = re.escape(bridge.jid.split("@")[0])
    # profanity marks what came encrypted with `~` before the sender (default of /omemo char).
    first = profanity.wait_for(rf"~ {name}[^:]*: (\S.*)", 60)
    assert re.search(r"\b(you|your|the)\b", first.group(1)), f"not an answer in English: {first.group(1)}"
    assert bridge.deployment.status()["messagesIn"] == 1
    assert bridge.deployment.status()["unencryptedIn"] == 0


def test_conversation_in_order_with_profanity(server, echo, make_profanity):
    profanity = make_profanity()
    profanity.chat(echo.jid)
    name = re.escape(echo.jid.split("@")[0])
    for number in range(1, 11):
        profanity.type(f"number {number} from profanity")
    profanity.wait_for(rf"~ {name}[^:]*: number 10 from profanity", 60)
    echoes = re.findall(rf"(?:~ {name}[^:]*: |^\s*)number (\d+) from profanity", profanity.screen())
    mine = re.findall(r"me: number (\d+) from profanity", profanity.screen())
    assert mine, "profanity shows what was typed"
    assert [number for number in echoes] == [str(number) for number in range(1, 11)]


def test_bridge_starts_with_profanity(server, make_bridge, make_profanity):
    profanity = make_profanity(has_open_keys=True)
    made = make_bridge(server)
    made.start("silad-faults", ["--responder", "echo", "--greet", profanity.jid, "--greeting", "Salam, it is us."])
    profanity.wait_for(re.escape(made.jid.split("@")[0]), 60)
    profanity.type(f"/msg {made.jid}")
    profanity.wait_for(r"~ .*Salam, it is us\.", 60)
    profanity.type("/omemo start")
    profanity.type("salam, who is it")
    name = re.escape(made.jid.split("@")[0])
    profanity.wait_for(rf"~ {name}[^:]*: salam, who is it", 60)
