"""Corrections, retractions and reactions as clients send them: the elements stand outside of what OMEMO 0.3 encrypts."""

from __future__ import annotations

import re

import pytest

import staff
from test_devices import Desk

helpline, make_helpline = staff.helpline, staff.make_helpline

FALLBACK = "<fallback xmlns='urn:xmpp:fallback:0' for='{0}'/><body>your app does not know this</body>"


@pytest.fixture
def desk(helpline, server, make_contact) -> Desk:
    return Desk(helpline, make_contact(server, "amal").connect())


def with_element(xml: str, element: str) -> str:
    """A made stanza with an element beside its encrypted part."""
    return re.sub(r"</message>$", element + "</message>", xml)


def sent_id(xml: str) -> str:
    return re.search(r"<message[^>]* id=[\"']([^\"']+)", xml)[1]


def wait_for(desk: Desk, condition) -> list:
    """The items of the conversation once they fulfil a condition. A receipt says that a message is stored."""
    with desk.boss.watch() as watch:
        count = 0
        while not condition(items := desk.boss.items(desk.conversation)):
            count += 1
            watch.wait("an event", lambda event: True, 60, count)
        return items


def test_a_correction_is_shown_as_one_and_answered(desk: Desk):
    phone, jid = desk.phone, desk.helpline.jid
    xml = phone.make(jid, "mi bag dind ot arive")
    phone.raw(xml)
    wait_for(desk, lambda items: any(item["text"].startswith("mi bag") for item in items))
    mark = phone.mark
    corrected = phone.make(jid, "my bag did not arrive at all")
    phone.raw(with_element(corrected, f"<replace xmlns='urn:xmpp:message-correct:0' id='{sent_id(xml)}'/>"))
    assert phone.wait_texts(1, 60, mark), "the right words are a question like any other"
    items = desk.boss.items(desk.conversation)
    [wrong] = [item for item in items if item["text"].startswith("mi bag")]
    [right] = [item for item in items if item["text"] == "my bag did not arrive at all"]
    assert (right["refers"], right["refersTo"], right["protection"]) == ("correction", wrong["id"], "end-to-end")
    assert wrong["correctedBy"] == right["id"] and wrong["state"] == "opened"
    shown = " ".join(desk.boss.sila("show", desk.conversation).split())
    assert f"the contact CORRECTS {wrong['id']}" in shown and f"corrected by {right['id']}" in shown


@pytest.mark.parametrize("element", [
    "<retract xmlns='urn:xmpp:message-retract:1' id='{0}'/>" + FALLBACK.format("urn:xmpp:message-retract:1"),
    "<retract xmlns='urn:xmpp:message-retract:1' id='{0}'/>",
    "<apply-to xmlns='urn:xmpp:fasten:0' id='{0}'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>"
    "<body>I have retracted a message</body>",
], ids=["fallback", "bare", "old"])
def test_a_retraction_is_shown_and_the_record_stays(desk: Desk, element: str):
    phone, jid = desk.phone, desk.helpline.jid
    xml = phone.make(jid, "my bag did not arrive, says my brother Karim")
    mark = phone.mark
    phone.raw(xml)
    phone.wait_texts(1, 60, mark)
    mark = phone.mark
    phone.raw(f"<message xmlns='jabber:client' to='{jid}' type='chat' id='takes-back'>"
              + element.format(sent_id(xml)) + "<store xmlns='urn:xmpp:hints'/></message>")
    items = wait_for(desk, lambda items: any(item["refers"] == "retraction" for item in items))
    [retraction] = [item for item in items if item["refers"] == "retraction"]
    [first] = [item for item in items if "Karim" in item["text"]]
    assert (retraction["refersTo"], retraction["text"]) == (first["id"], "")
    assert first["retractedBy"] == retraction["id"]
    shown = " ".join(desk.boss.sila("show", desk.conversation).split())
    assert "TAKEN BACK by the contact" in shown and f"the contact TAKES BACK {first['id']}" in shown
    # It says nothing of how words come: staff answer encrypted as before. And the bot says nothing to it.
    assert desk.reply("seen") == "sent"
    phone.wait("the reply", lambda events: any(event.get("text") == "seen" for event in events), 60, mark)
    assert phone.texts(mark) == ["seen"]


@pytest.mark.parametrize("beside", ["", "encrypted", "fallback"])
def test_a_reaction_is_shown_and_not_taken_for_a_question(desk: Desk, beside: str):
    phone, jid = desk.phone, desk.helpline.jid
    answer = [event for event in phone.all("received") if not event["own"]][-1]
    reactions = f"<reactions xmlns='urn:xmpp:reactions:0' id='{answer['id']}'><reaction>👍</reaction></reactions>"
    mark, before = phone.mark, desk.row
    if beside == "encrypted":
        phone.raw(with_element(phone.make(jid, "fallback that nobody reads"), reactions))
    else:
        extra = FALLBACK.format("urn:xmpp:reactions:0") if beside else ""
        phone.raw(f"<message xmlns='jabber:client' to='{jid}' type='chat' id='sign'>{reactions}{extra}"
                  "<store xmlns='urn:xmpp:hints'/></message>")
    items = wait_for(desk, lambda items: any(item["refers"] == "reaction" for item in items))
    [reaction] = [item for item in items if item["refers"] == "reaction"]
    [ours] = [item for item in items if item["id"] == reaction["refersTo"]]
    assert reaction["text"] == "👍" and ours["from"] == "bot" and ours["reaction"] == "👍"
    assert desk.row["waitsSince"] == before["waitsSince"], "nobody waits because of it"
    assert f"the contact reacts to {ours['id']}" in desk.boss.sila("show", desk.conversation)
    # The next message is answered, and only that: the bot is silent to the sign.
    phone.send(jid, "my bag did not arrive")
    phone.wait_texts(1, 60, mark)
    assert len(phone.texts(mark)) == len(set(phone.texts(mark)))
    assert not any(item["text"].startswith("fallback") or "does not know" in item["text"]
                   for item in desk.boss.items(desk.conversation))


def test_what_refers_to_nothing_known_is_shown_all_the_same(desk: Desk):
    phone, jid = desk.phone, desk.helpline.jid
    phone.raw(f"<message xmlns='jabber:client' to='{jid}' type='chat' id='lost'>"
              "<reactions xmlns='urn:xmpp:reactions:0' id='never-seen'><reaction>🙏</reaction></reactions></message>")
    items = wait_for(desk, lambda items: any(item["refers"] == "reaction" for item in items))
    assert [item["refersTo"] for item in items if item["refers"] == "reaction"] == [""]
    assert "reacts to an earlier message" in desk.boss.sila("show", desk.conversation)
