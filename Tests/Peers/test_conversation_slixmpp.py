"""Conversations of slixmpp-omemo, an independent OMEMO client, with the bridge."""

from __future__ import annotations

import pytest

from language import assert_is
from ledger import Ledger, store_violations

pytestmark = pytest.mark.both_servers

#: One question, "my bag did not arrive": what is written, the variety, a word of the right answer.
QUESTIONS = [
    ("الباليزة ديالي ما وصلاتش", "darija-arabic"),
    ("lbaliza dyali ma weslatch", "darija-latin"),
    ("mijn tas is niet aangekomen", "nl"),
    ("my bag did not arrive", "en"),
]


@pytest.mark.parametrize("question, variety", QUESTIONS, ids=[variety for _, variety in QUESTIONS])
def test_contact_starts_and_is_answered_in_language_and_script(bridge, server, make_contact, question, variety):
    contact = make_contact(server, "amal").connect()
    contact.send(bridge.jid, question)
    replies = contact.wait_texts(1, 60)
    assert all(event["encrypted"] and event["has_fallback"] for event in contact.all("received"))
    assert_is(" ".join(replies), variety)
    # The conversation goes on in the same session.
    mark = contact.mark
    contact.send(bridge.jid, question)
    assert_is(" ".join(contact.wait_texts(1, 60, mark)), variety)
    assert contact.all("undecryptable") == []


@pytest.mark.parametrize("question, variety", QUESTIONS, ids=[variety for _, variety in QUESTIONS])
def test_unencrypted_message_is_kept_and_answered_with_how_to_encrypt(
    bridge, server, make_contact, question, variety
):
    contact = make_contact(server, "amal").connect()
    contact.send(bridge.jid, question, encrypted=False)
    [hint] = contact.wait_texts(1, 60)
    [event] = contact.all("received")
    # The contact's client may have no OMEMO at all.
    assert event["encrypted"] is False
    assert "OMEMO" in hint
    assert_is(hint, variety)
    status = bridge.deployment.status()
    assert (status["messagesIn"], status["unencryptedIn"]) == (1, 1)


def test_message_is_confirmed_by_a_receipt(bridge, server, make_contact):
    contact = make_contact(server, "amal").connect()
    sent = contact.send(bridge.jid, "hello")
    contact.wait("the receipt", lambda events: any(
        event["event"] == "receipt" and event["id"] == sent for event in events), 60)


def test_bridge_starts(server, make_bridge, make_contact):
    contact = make_contact(server, "amal").connect()
    made = make_bridge(server)
    made.start("silad-faults", ["--responder", "echo", "--greet", contact.jid, "--greeting", "Salam, it is us."])
    assert contact.wait_texts(1, 60) == ["Salam, it is us."]
    assert contact.all("received")[0]["encrypted"] is True
    contact.send(made.jid, "salam")
    assert contact.wait_texts(2, 60) == ["Salam, it is us.", "salam"]


def test_contact_offline_and_back(echo, server, make_contact):
    contact = make_contact(server, "amal").connect()
    ledger = Ledger(contact, echo.jid)
    ledger.start_burst(20)
    ledger.wait_until_sent()
    contact.disconnect()  # replies arrive while it is away
    contact.connect()
    ledger.start_burst(5)
    ledger.wait_until_sent()
    assert ledger.wait_for_echoes(90), "echoes are missing"
    assert ledger.violations() == []


def test_bridge_offline_and_back(server, make_bridge, make_contact):
    made = make_bridge(server)
    made.start("silad-faults", ["--responder", "echo"])
    contact = make_contact(server, "amal").connect()
    ledger = Ledger(contact, made.jid)
    ledger.start_burst(3)
    assert ledger.wait_for_echoes(60)
    made.stop()
    ledger.start_burst(30)
    ledger.wait_until_sent()
    made.start("silad-faults", ["--responder", "echo"])
    assert ledger.wait_for_echoes(90), "echoes are missing"
    assert ledger.violations() == []
    assert store_violations([ledger], made.deployment.status()) == []


def test_first_message_arrives_while_bridge_is_away(server, make_bridge, make_contact):
    """The session is built from a bundle whose owner is offline: prekeys outlive the restart."""
    made = make_bridge(server)
    made.start("silad-faults", ["--responder", "echo"])
    made.stop()
    contact = make_contact(server, "amal").connect()
    contact.send(made.jid, "are you there?")
    contact.flush()
    made.start("silad-faults", ["--responder", "echo"])
    assert contact.wait_texts(1, 60) == ["are you there?"]


def test_contact_with_two_devices(echo, server, make_contact):
    phone, laptop = make_contact(server, "amal").connect(), make_contact(server, "amal", resource="laptop").connect()
    assert phone.device != laptop.device
    phone.send(echo.jid, "from the phone")
    assert phone.wait_texts(1, 60) == ["from the phone"]
    assert laptop.wait_texts(1, 60) == ["from the phone"], "a reply is encrypted to every device of the contact"
    laptop.send(echo.jid, "from the laptop")
    assert laptop.wait_texts(2, 60) == ["from the phone", "from the laptop"]
    assert phone.wait_texts(2, 60) == ["from the phone", "from the laptop"]


def test_device_that_appears_later_is_written_to(echo, server, make_contact):
    phone = make_contact(server, "amal").connect()
    phone.send(echo.jid, "one")
    phone.wait_texts(1, 60)
    tablet = make_contact(server, "amal", resource="tablet").connect()
    phone.send(echo.jid, "two")
    assert phone.wait_texts(2, 60) == ["one", "two"]
    tablet.send(echo.jid, "three")
    assert tablet.wait_texts(1, 60)[-1] == "three"
    assert phone.wait_texts(3, 60) == ["one", "two", "three"]


def test_thousand_messages_in_bursts(echo, server, make_contact):
    ledgers = [Ledger(make_contact(server, name).connect(), echo.jid) for name in ("amal", "badr", "chaima", "driss")]
    for _ in range(2):
        for ledger in ledgers:
            ledger.start_burst(125)
    for ledger in ledgers:
        ledger.wait_until_sent(600)
        assert ledger.wait_for_echoes(300), f"{ledger.sent - ledger.answered} echoes are missing"
    assert sum(ledger.sent for ledger in ledgers) == 1000
    assert [ledger.violations() for ledger in ledgers] == [[], [], [], []]
    assert store_violations(ledgers, echo.deployment.status()) == []
