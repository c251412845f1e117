"""Sessions that fell apart, with slixmpp-omemo on the other side: how they come together, and what is said meanwhile."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Callable

import staff
from silatools.contact import Contact
from test_devices import Desk

helpline, make_helpline = staff.helpline, staff.make_helpline


def state_of(contact: Contact, folder: Path) -> Path:
    """Where a contact keeps keys and sessions."""
    return folder / "contacts" / f"{contact.jid.split('@')[0]}.{contact.resource}.omemo.json"


def wait_for_empty(contact: Contact, start: int) -> None:
    """A message without content has come: a new session, or a heartbeat."""
    contact.wait("a message without content", lambda events: any(
        event["event"] == "silent" for event in events), 60, start)


def test_an_old_backup_of_the_contacts_app(helpline, server, make_contact: Callable[..., Contact], tmp_path):
    """The app is set back: it uses keys a second time. The bridge renews the session by itself, and nothing after that
    is lost in either direction."""
    contact = make_contact(server, "amal").connect()
    desk = Desk(helpline, contact)
    contact.disconnect()
    state = state_of(contact, tmp_path)
    shutil.copy(state, tmp_path / "copy")
    contact.connect()
    for number in range(3):
        mark = contact.mark
        contact.send(helpline.jid, "my bag did not arrive")
        contact.wait_texts(1, 60, mark)
    # The old copy is put back, and read by an app that is started anew.
    contact.close()
    shutil.copy(tmp_path / "copy", state)
    again = make_contact(server, "amal").connect()
    assert again.device == contact.device
    mark = again.mark
    again.send(helpline.jid, "after the restore")
    wait_for_empty(again, mark)
    assert sum(helpline.bridge.deployment.status()["setAside"].values()) == 1, "what could not be read is shown"
    mark = again.mark
    again.send(helpline.jid, "my bag did not arrive")
    assert again.wait_texts(1, 60, mark)
    assert desk.reply("we read you again") == "sent"
    again.wait("the reply", lambda events: any(
        event.get("text") == "we read you again" for event in events), 60, mark)
    assert again.all("undecryptable", mark) == []


def test_our_lost_session_is_renewed_also_while_the_bot_is_silent(helpline, server, make_contact):
    """Staff have the conversation, so no answer of the bot heals it: a message without content does."""
    contact = make_contact(server, "amal").connect()
    desk = Desk(helpline, contact)
    desk.boss.sila("takeover", desk.conversation)
    helpline.bridge.stop()
    with sqlite3.connect(helpline.bridge.deployment.folder / "store" / "sila.sqlite") as store:
        store.execute("DELETE FROM session")
    store.close()
    helpline.bridge.start()
    mark = contact.mark
    contact.send(helpline.jid, "into the void")
    wait_for_empty(contact, mark)
    contact.send(helpline.jid, "can you read this?")
    desk.boss.conversation_with("can you read this?")
    assert contact.texts(mark) == [], "the bot stays silent"


def test_a_heartbeat_while_the_bot_is_silent(helpline, server, make_contact):
    """Staff have the conversation and read on: after 53 messages the contact's chain is renewed without words."""
    contact = make_contact(server, "amal").connect()
    desk = Desk(helpline, contact)
    desk.boss.sila("takeover", desk.conversation)
    # The first message after an answer begins a chain.
    mark = contact.mark
    contact.burst(helpline.jid, 60, "and another thing {n}")
    wait_for_empty(contact, mark)
    assert contact.texts(mark) == []
    assert len(contact.all("silent", mark)) == 1, "one is enough"
    mark = contact.mark
    contact.burst(helpline.jid, 3, "and then {n}", first=61)
    desk.boss.conversation_with("and then 63")
    assert contact.all("silent", mark) == []


def test_both_sides_begin_at_once(server, make_bridge, make_contact):
    """Each has written in a session of its own before it saw the other's. The bridge reads both. python-omemo keeps
    one session a device: what the bridge says in the contact's own first one may be lost to it, and no more."""
    contact = make_contact(server, "amal").connect()
    made = make_bridge(server)
    # The bridge must have published its keys before the contact can write.
    made.start("silad-faults", ["--responder", "echo"])
    theirs = contact.make(made.jid, "theirs")
    made.stop()
    made.start("silad-faults", ["--responder", "echo", "--greet", contact.jid, "--greeting", "ours"])
    assert contact.wait_texts(1, 60) == ["ours"]
    mark = contact.mark
    contact.raw(theirs)
    contact.wait("something of the bridge", lambda events: any(
        event["event"] in ("received", "undecryptable") for event in events), 60, mark)
    mark = contact.mark
    for number in range(4):
        contact.send(made.jid, f"goes on {number}")
        contact.wait_texts(1 + number, 60, mark)
    assert contact.texts(mark) == [f"goes on {number}" for number in range(4)]
    assert contact.all("undecryptable", mark) == []
    status = made.deployment.status()
    assert (status["messagesIn"], sum(status["setAside"].values())) == (5, 0), "the bridge read all of them"


def test_plain_words_in_between(helpline, server, make_contact):
    """OMEMO switched off and on again (opt-out): each is stored as it came, staff answer nothing in the clear."""
    contact = make_contact(server, "amal").connect()
    desk = Desk(helpline, contact)
    mark = contact.mark
    contact.send(helpline.jid, "in the clear", encrypted=False)
    [hint] = contact.wait_texts(1, 60, mark)
    assert "OMEMO" in hint
    items = desk.boss.items(desk.conversation)
    assert [item["protection"] for item in items if item["text"] == "in the clear"] == ["none"]
    refused = desk.boss.sila("reply", desk.conversation, "not in the clear", status=65)
    assert "without encryption" in refused
    desk.boss.sila("reply", desk.conversation, "--discard")
    mark = contact.mark
    contact.send(helpline.jid, "my bag did not arrive")
    assert contact.wait_texts(1, 60, mark)
    assert contact.all("received", mark)[0]["encrypted"] is True
    assert desk.reply("encrypted again") == "sent"
    contact.wait("the reply", lambda events: any(
        event.get("text") == "encrypted again" and event["encrypted"] for event in events), 60, mark)
