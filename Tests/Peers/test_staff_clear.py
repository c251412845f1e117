"""A contact who never wrote encrypted: what staff answer goes out readable only when the person who sends says so."""

from __future__ import annotations

from typing import Callable

import staff
from silatools.contact import Contact
from silatools.prosody import Prosody
from staff import Helpline

helpline, make_helpline = staff.helpline, staff.make_helpline

QUESTION = "wat doen jullie precies met de kat van mijn buurvrouw?"
REPLY = "Schrijf ons met een slot, dan antwoorden we."


def writes(contact: Contact, helpline: Helpline, *, encrypted: bool) -> None:
    """Waits until it is kept: nothing unencrypted has a receipt, and the bot is silent to who was encrypted before."""
    before = len(helpline.coordinator.items("c1"))
    with helpline.coordinator.watch() as watch:
        contact.send(helpline.jid, QUESTION, encrypted=encrypted)
        watch.wait("the message", lambda event: (
            event["conversation"] == "c1" and event["kind"] == "item"), count=before + 1)


def test_a_reply_goes_in_the_clear_only_when_that_is_said(
    helpline: Helpline, server: Prosody, make_contact: Callable[..., Contact]
) -> None:
    boss = helpline.coordinator
    boss.unlock()
    contact = make_contact(server, "joris").connect()
    contact.send(helpline.jid, QUESTION, encrypted=False)
    before = contact.wait_texts(1, 60)

    boss.sila("show", "c1")
    for command in (["reply", "c1", REPLY], ["reply", "c1", "--resume"]):
        refused = boss.run(*command)
        assert refused.returncode == 65, refused
        assert "every server on the way can read your reply" in refused.stderr
        assert "sila reply c1 --resume --in-the-clear" in refused.stderr, "what to do, with the words kept"
    assert REPLY not in boss.sila("show", "c1"), "nothing waits to go out"

    boss.sila("reply", "c1", "--resume", "--in-the-clear")
    assert contact.wait_texts(len(before) + 1, 60)[len(before):] == [REPLY], "it came, once, and nothing before it"
    assert contact.all("received")[-1]["encrypted"] is False

    # Who writes encrypted gets it encrypted, also with the flag; who then no longer does gets nothing.
    writes(contact, helpline, encrypted=True)
    boss.sila("show", "c1")
    boss.sila("reply", "c1", "met slot", "--in-the-clear")
    contact.wait("the reply", lambda events: any(event.get("text") == "met slot" for event in events), 60)
    [reply] = [event for event in contact.all("received") if event.get("text") == "met slot"]
    assert reply["encrypted"] is True
    writes(contact, helpline, encrypted=False)
    boss.sila("show", "c1")
    downgraded = boss.run("reply", "c1", "zonder slot", "--in-the-clear")
    assert downgraded.returncode == 65 and "Wait until they write encrypted again" in downgraded.stderr
    assert "zonder slot" not in contact.texts()
