"""The words on a card, from a member's terminal to a contact's new phone: slixmpp-omemo over a Prosody, a running
`silad`, and `sila` as staff run it."""

from __future__ import annotations

from typing import Callable, Dict, List

import pytest

import staff
from canaries import needles
from conftest import REPOSITORY
from language import assert_is
from silatools.contact import Contact
from silatools.prosody import Prosody
from staff import Helpline, Member

LIST = REPOSITORY / "Bots" / "arrival-words" / "words.tsv"
helpline, make_helpline = staff.helpline, staff.make_helpline


def give(member: Member, conversation: str, *options: str) -> Dict[str, List[str]]:
    """The words of a new card, by language."""
    return member.json("arrival-words", "give", conversation, *options)["card"]


def greet(helpline: Helpline, contact: Contact, text: str) -> str:
    """A contact writes for the first time and is answered; returns their conversation."""
    contact.send(helpline.jid, text)
    contact.wait_texts(1, 60)
    return helpline.coordinator.conversation_with(text)


def answer(helpline: Helpline, contact: Contact, text: str, **options: bool) -> str:
    """What the bot says to a text."""
    mark = contact.mark
    contact.send(helpline.jid, text, **options)
    [said] = contact.wait_texts(1, 60, mark)
    return said


def slip(word: str) -> str:
    """A long word with one letter too many."""
    assert len(word) >= 5
    return word[:2] + word[1] + word[2:]


@pytest.fixture
def desk(helpline: Helpline) -> Member:
    helpline.coordinator.unlock()
    return helpline.coordinator


def test_lost_phone_comes_back_with_words_in_darija(
    helpline: Helpline, desk: Member, server: Prosody, make_contact: Callable[..., Contact]
) -> None:
    old = make_contact(server, "rachid").connect()
    conversation = greet(helpline, old, "salam, wach n9der nchki mn lmaghrib?")
    desk.sila("assign", conversation, "coordinator")
    printed = desk.sila("arrival-words", "give", conversation, "--language", "ary-Latn")
    assert "Shown once." in printed and " 6. " in printed
    card = give(desk, conversation)
    words = card["ary-Latn"]
    old.disconnect(abrupt=True)

    # Another account, another device; as remembered, with a slip and numbers.
    new = make_contact(server, "rachid-new").connect()
    slipped = [slip(word) if len(word) >= 5 else word.upper() for word in words]
    # A slip may make one word two: then as it stands on the card.
    said = answer(helpline, new, "\n".join(f"{place}. {word}" for place, word in enumerate(slipped, 1)))
    if [row["person"] for row in desk.inbox() if row.get("person")] == []:
        said = answer(helpline, new, " ".join(words))
    assert_is(said, "darija-latin")
    # Nobody is told whom we know.
    for forbidden in ("rachid", "code", "verif", "regist", conversation):
        assert forbidden not in said.lower()

    [joined] = [row for row in desk.inbox() if row.get("person") and row["person"]["how"] == "arrival-words"]
    assert joined["person"]["conversations"] == [conversation] and joined["person"]["recognisedAt"] == ""
    assert joined["assigned"] == "coordinator" and joined["waitsSince"]
    shown = desk.items(conversation)
    assert [item["conversation"] for item in shown if item["from"] == "contact"][0] == conversation
    assert {item["conversation"] for item in shown} == {conversation, joined["id"]}
    assert all(item["state"] == "opened" and item["doubts"] == [] for item in shown)
    assert desk.items(joined["id"]) == shown, "one history, from either side"
    text = " ".join(desk.sila("show", conversation).split())
    assert f"---- {joined['id']}, another address of contact" in text and "not yet recognised by voice" in text
    assert {item["conversation"] for item in desk.json("show", conversation, "--alone")["items"]} == {conversation}

    # A word of staff goes where the person writes now.
    desk.sila("reply", joined["id"], "Salam, 7na hna.")
    new.wait("the reply", lambda events: any(
        event["event"] == "received" and event["text"] == "Salam, 7na hna." for event in events), 60)
    left_out = desk.run("contact", "export", conversation, "--json")
    assert "nobody knew their voice yet" in left_out.stderr and "7na hna" not in left_out.stdout
    desk.sila("contact", "recognise", joined["id"])
    assert "7na hna" in desk.sila("contact", "export", conversation, "--json")
    assert "knew their voice" in desk.sila("show", joined["id"])
    desk.sila("contact", "unlink", joined["id"])
    assert {item["conversation"] for item in desk.items(conversation)} == {conversation}
    assert desk.sila("audit", "verify").startswith("The log holds: ")

    rows = [row.split("\t")[0] for row in LIST.read_text("utf-8").splitlines() if not row.startswith("#")]
    numbers = "words-" + "-".join(str(rows.index(word)) for word in card["nl"])

    # Neither the words nor their numbers lie anywhere on the bridge's disk in the clear.
    deployment = helpline.bridge.deployment
    helpline.bridge.stop()
    for path in deployment.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for phrase in (" ".join(words), " ".join(card["nl"]), numbers):
                for form, found in needles(phrase).items():
                    assert not any(needle in content for needle in found), (path, form)


def test_wrong_tries_end_at_staff(
    helpline: Helpline, desk: Member, server: Prosody, make_contact: Callable[..., Contact]
) -> None:
    conversation = greet(helpline, make_contact(server, "karim").connect(), "mijn tas is niet aangekomen")
    card = give(desk, conversation)
    guesser = make_contact(server, "guesser").connect()
    wrong = " ".join([*card["nl"][1:], card["nl"][0]])
    said = [answer(helpline, guesser, wrong) for _ in range(5)]
    assert len(set(said)) == 1 and "kaart" in said[0]
    blocked = answer(helpline, guesser, " ".join(card["nl"]))
    assert blocked != said[0] and "vaak" in blocked, "the right ones too, once it was tried too often"
    # Not a word of whether there is such a card.
    assert answer(helpline, guesser, wrong) == blocked
    theirs = desk.conversation_with(wrong)
    status = desk.json("arrival-words", "status", theirs)
    assert status["tries"] == 5 and status["isBlocked"] and status["form"] == ""
    [row] = [row for row in desk.inbox() if row["id"] == theirs]
    assert row["bot"]["reason"] == "arrival-words-too-often" and row["waitsSince"]
    desk.sila("arrival-words", "reset", theirs)
    right = answer(helpline, guesser, " ".join(card["nl"]))
    assert right not in (blocked, said[0])


def test_words_in_the_clear_are_not_taken(
    helpline: Helpline, desk: Member, server: Prosody, make_contact: Callable[..., Contact]
) -> None:
    conversation = greet(helpline, make_contact(server, "samir").connect(), "ma valise n'est pas arrivée")
    [digits] = give(desk, conversation, "--digits")["fr"]
    new = make_contact(server, "samir-new").connect()
    assert "OMEMO" in answer(helpline, new, digits, encrypted=False)
    status = desk.json("arrival-words", "status", conversation)
    assert status["form"] == "digits" and status["exposedAt"]
    assert "OTHERS COULD READ THEM" in desk.sila("arrival-words", "status", conversation)
    [row] = [row for row in desk.inbox() if row["id"] == conversation]
    assert row["bot"]["reason"] == "arrival-words-exposed"
    # From anybody else they are good for nothing now; from the one who wrote them, encrypted, they are taken.
    listener = make_contact(server, "listener").connect()
    refused = answer(helpline, listener, digits)
    assert answer(helpline, new, digits.replace(" ", "-")) != refused
    [joined] = [row for row in desk.inbox() if row.get("person") and row["person"]["how"] == "arrival-words"]
    assert joined["person"]["conversations"] == [conversation]
