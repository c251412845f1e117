"""The tools of these tests, tried without a bridge: two independent contacts talk to each other."""

from __future__ import annotations

import pytest

from silatools.errors import ToolError


@pytest.mark.both_servers
def test_contacts_talk_offline_and_on_two_devices(server, make_contact):
    amal, badr = make_contact(server, "amal").connect(), make_contact(server, "badr").connect()
    amal.send(badr.jid, "سلام، لاباس؟")
    assert badr.wait_texts(1, 30) == ["سلام، لاباس؟"]
    assert badr.all("received")[0]["encrypted"] is True
    badr.disconnect()
    amal.send(badr.jid, "wach nta hna?")
    amal.send(badr.jid, "plain", encrypted=False)
    amal.flush()
    mark = badr.mark
    badr.connect()
    assert badr.wait_texts(2, 30, mark) == ["wach nta hna?", "plain"]
    assert [event["encrypted"] for event in badr.all("received", mark)] == [True, False]


def test_burst_survives_restart_of_server(own_server, make_contact):
    amal, badr = make_contact(own_server, "amal").connect(keep=True), make_contact(own_server, "badr").connect(keep=True)
    ref = amal.start_burst(badr.jid, 60, "number {n}")
    badr.wait_texts(10, 60)
    own_server.restart()
    amal.answer(ref, 120)
    amal.flush()
    assert badr.wait_texts(60, 60) == [f"number {n}" for n in range(1, 61)]
    assert badr.all("undecryptable") == []


@pytest.mark.both_servers
def test_tampered_message_is_reported_not_shown(server, make_contact):
    amal, badr = make_contact(server, "amal").connect(), make_contact(server, "badr").connect()
    xml = amal.make(badr.jid, "as written")
    amal.raw(xml)
    badr.wait_texts(1, 30)
    amal.raw(xml)  # a replay
    badr.wait("the refusal", lambda events: any(event["event"] == "undecryptable" for event in events), 30)
    assert badr.texts() == ["as written"]


def test_wrong_password_is_an_error(server, make_contact):
    contact = make_contact(server, "amal")
    server.add_user(contact.jid.split("@")[0], "another password")
    with pytest.raises(ToolError, match="refused name and password"):
        contact.connect()
