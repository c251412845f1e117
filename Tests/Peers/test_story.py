"""One man's two years with the helpline, on each server: what breaks on the way, and that staff see one history with
nothing missing.

He is invited before his removal, writes at night in Darija in Latin letters, sends a voice note and a photo, takes a
second device, loses his phone, comes back on a new account with the words on his card, is recognised, has an old
backup of his app put back, and later the helpline's own machine is lost and restored.
"""

from __future__ import annotations

import secrets
import shutil
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest

from attachments import send_file
from backups import back_up, machine_dies, move_in, restore
from conftest import FIRST_PORT, KINDS, LAST_PORT
from language import assert_is
from silatools import ports
from silatools.contact import Contact
from silatools.server import Server
from staff import Member
from staff_e2e import Office, close_office, make_office
from test_attachments import states
from test_backup import words_of
from test_healing import wait_for_empty
from test_invite import join, read_codes

VOICE = b"OggS" + secrets.token_bytes(21_000)
PHOTO = b"\xff\xd8\xff\xe0" + secrets.token_bytes(80_000) + b"\xff\xd9"


@pytest.fixture
def file_sharing_server(tmp_path: Path, server_kind: str) -> Iterator[Server]:
    """A running server of this test alone, with a file share."""
    port = ports.find_free(FIRST_PORT, LAST_PORT)
    upload_port = ports.find_free(FIRST_PORT, LAST_PORT)
    made = KINDS[server_kind](tmp_path / server_kind, port, upload_port=upload_port)
    made.start()
    yield made
    made.stop()


class Story:
    """Who is in it, and every word that was said: `said` by him and by staff, in their order."""

    def __init__(self, helpline: Office, server: Server, folder: Path) -> None:
        self.helpline, self.server, self.folder = helpline, server, folder
        self.desk: Member = helpline.coordinator
        self.phones: List[Contact] = []
        #: Of the account that he has now.
        self.password = ""
        self.said: List[str] = []
        self.conversation = ""

    # What he does

    def phone(self, jid: str, password: str, resource: str = "phone") -> Contact:
        """A device of an account, in a folder of this test: the same again is the same app."""
        contact = Contact(
            Path(sys.executable), jid, password, self.server.port, self.server.ca, self.folder / "phones",
            resource=resource)
        self.phones.append(contact)
        return contact.connect()

    def writes(self, contact: Contact, text: str) -> str:
        """He writes, the bot answers: its words."""
        mark = contact.mark
        contact.send(self.helpline.jid, text)
        self.said.append(text)
        return contact.wait_texts(1, 60, mark)[0]

    def hears(self, contact: Contact, text: str, mark: int) -> None:
        contact.wait(f"'{text}'", lambda events: any(event.get("text") == text for event in events), 60, mark)
        # A message without words (a new session for his other device) has no fallback body, and no app shows it.
        unread = [event["reason"] for event in contact.all("undecryptable", mark) if event["has_fallback"]]
        assert unread == []

    # What staff do

    def replies(self, text: str, *, outcome: str = "sent", to: str = "") -> None:
        conversation = to or self.conversation
        self.desk.items(conversation)
        assert self.desk.json("reply", conversation, text)["outcome"] == outcome
        # At night the bot answers again.
        self.desk.sila("handback", conversation)
        self.said.append(text)

    def files(self) -> List[Dict[str, Any]]:
        return [item for item in self.desk.items(self.conversation) if item.get("attachment")]

    def wait_for_files(self, count: int) -> List[Dict[str, Any]]:
        with self.desk.watch() as watch:
            for number in range(1, 60):
                watch.wait("files", lambda event: event["kind"] in ("item", "itemChanged"), 60, count=number)
                if states(found := self.files()) == ["fetched"] * count:
                    return found
        raise AssertionError(f"waited in vain for {count} files")


@pytest.fixture
def story(
    file_sharing_server: Server, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    office = make_office(tmp_path / "office", file_sharing_server, tmp_path_factory)
    office.bridge.start()
    office.coordinator.unlock()
    made = Story(office, file_sharing_server, tmp_path)
    yield made
    for contact in made.phones:
        contact.close()
    close_office(office)


@pytest.mark.both_servers
def test_one_history_with_nothing_missing(story: Story, tmp_path_factory: pytest.TempPathFactory) -> None:
    jid, password, phone = is_invited(story)
    writes_at_night(story, phone)
    card = story.desk.json("arrival-words", "give", story.conversation)["card"]
    sends_voice_and_photo(story, phone)
    tablet = takes_a_second_device(story, phone, jid, password)
    phone.disconnect(abrupt=True)
    tablet.disconnect(abrupt=True)
    new = comes_back_with_his_words(story, card["ary-Latn"])
    new = puts_an_old_backup_back(story, new)
    helpline_loses_its_machine(story, new, words_of(tmp_path_factory))
    sees_one_history(story)


def is_invited(story: Story) -> Tuple[str, str, Contact]:
    """Staff give him a card; his phone reads the code on it and has an account."""
    card = story.folder / "card.png"
    story.desk.sila("invite", "--card", card, "--language", "ary-Latn")
    joined = join(story.server, read_codes(card), f"rachid-{secrets.token_hex(3)}")
    assert joined.bridge == story.helpline.jid
    return joined.jid, joined.password, story.phone(joined.jid, joined.password)


def writes_at_night(story: Story, phone: Contact) -> None:
    text = "salam, wach n9der nchki mn lmaghrib?"
    assert_is(story.writes(phone, text), "darija-latin")
    story.conversation = story.desk.conversation_with(text)
    story.desk.sila("assign", story.conversation, "coordinator")


def sends_voice_and_photo(story: Story, phone: Contact) -> None:
    mark = phone.mark
    send_file(phone, story.server, story.helpline.jid, "memo-1.ogg", VOICE)
    send_file(phone, story.server, story.helpline.jid, "IMG_0001.jpg", PHOTO)
    phone.wait_texts(1, 60, mark)
    voice, photo = story.wait_for_files(2)
    for item, content in ((voice, VOICE), (photo, PHOTO)):
        saved = story.folder / item["attachment"]["id"]
        story.desk.sila("attachment", "save", item["attachment"]["id"], saved)
        assert saved.read_bytes() == content
    story.desk.sila("attachment", "heard", voice["attachment"]["id"])
    mark = phone.mark
    story.replies("Sme3tek. Ghadi njawbek ghedda.")
    story.hears(phone, "Sme3tek. Ghadi njawbek ghedda.", mark)


def takes_a_second_device(story: Story, phone: Contact, jid: str, password: str) -> Contact:
    tablet = story.phone(jid, password, "tablet")
    story.writes(tablet, "lbaliza dyali ma weslatch, hani mn tablet dyal khti")
    marks = phone.mark, tablet.mark
    story.replies("Lwra9 dyalk waslo.", outcome="held")
    first, second = story.desk.json("device", "list", story.conversation)["devices"]
    assert (first["standing"], second["standing"]) == ("first", "unconfirmed")
    story.desk.sila("device", "confirm", story.conversation, 2, "--digits", second["fingerprint"][:8])
    for contact, mark in zip((phone, tablet), marks):
        story.hears(contact, "Lwra9 dyalk waslo.", mark)
    return tablet


def comes_back_with_his_words(story: Story, words: List[str]) -> Contact:
    name, password = f"rachid-new-{secrets.token_hex(3)}", secrets.token_hex(8)
    story.server.add_user(name, password)
    new = story.phone(f"{name}@{story.server.domain}", password)
    story.password = password
    assert_is(story.writes(new, " ".join(words)), "darija-latin")
    [joined] = [row for row in story.desk.inbox() if row.get("person") and row["person"]["how"] == "arrival-words"]
    assert joined["person"]["conversations"] == [story.conversation]
    assert joined["assigned"] == "coordinator", "his own people go on with him"
    # The words open his conversation and nothing else: until somebody knows his voice, staff see that.
    assert joined["person"]["recognisedAt"] == ""
    story.desk.sila("contact", "recognise", joined["id"])
    mark = new.mark
    story.replies("Mrehba bik men jdid.", to=joined["id"])
    story.hears(new, "Mrehba bik men jdid.", mark)
    story.conversation = joined["id"]
    return new


def puts_an_old_backup_back(story: Story, contact: Contact) -> Contact:
    """His app is set back to a copy of last week: it uses keys a second time."""
    contact.disconnect()
    state = story.folder / "phones" / f"{contact.jid.split('@')[0]}.{contact.resource}.omemo.json"
    copy = story.folder / "copy"
    shutil.copy(state, copy)
    contact.connect()
    for text in ("imta ghadi tji flous d ta3wid", "wach n9der nchki b marichosi w ana f maroc"):
        story.writes(contact, text)
    contact.close()
    shutil.copy(copy, state)
    again = story.phone(contact.jid, story.password)
    assert again.device == contact.device
    mark = again.mark
    again.send(story.helpline.jid, "telifoni rje3 l'9dim")
    wait_for_empty(again, mark)
    # It could not be read; staff see that something was there, and he says it again.
    unread = [item for item in story.desk.items(story.conversation) if item["state"] != "opened"]
    assert len(unread) == 1, unread
    story.writes(again, "wach jat lflous?")
    mark = again.mark
    story.replies("Daba ka n9raw klamek.")
    story.hears(again, "Daba ka n9raw klamek.", mark)
    return again


def helpline_loses_its_machine(story: Story, contact: Contact, words: List[str]) -> None:
    """Backed up at night, lost in the morning, restored at noon on another machine with the words on paper."""
    bridge = story.helpline.bridge
    data, keys = back_up(bridge.deployment)
    kept = story.folder / "elsewhere"
    machine_dies(bridge, kept)
    mark = contact.mark
    contact.send(story.helpline.jid, "kayn chi wa7ed?")
    folder = story.folder / "new" / "deployment"
    folder.parent.mkdir(mode=0o700)
    restore(kept / data.name, kept / keys.name, folder, words)
    move_in(bridge, folder)
    bridge.start()
    # His app is given a new session; what it said to the lost one is shown to staff, and asked for again.
    wait_for_empty(contact, mark)
    contact.wait_texts(1, 60, mark)
    story.writes(contact, "imta ghadi tji flous d ta3wid?")
    mark = contact.mark
    story.replies("Rje3na. Kolchi ba9i 3andna.")
    story.hears(contact, "Rje3na. Kolchi ba9i 3andna.", mark)


def sees_one_history(story: Story) -> None:
    """Every word once, in its order, whichever address one looks at it from."""
    rows = [row for row in story.desk.inbox() if row.get("person")]
    histories = [story.desk.items(row["id"]) for row in rows]
    assert len(histories) == 2 and histories[0] == histories[1]
    words = [item["text"] for item in histories[0] if item["text"] in story.said]
    assert words == story.said
    assert [item["doubts"] for item in histories[0] if item.get("doubts")] == []
    names = [item["attachment"]["name"] for item in histories[0] if item.get("attachment")]
    assert names == ["memo-1.ogg", "IMG_0001.jpg"]
    # Two that could not be read, each shown in its place: after his old backup, and while our machine was gone.
    assert [item["kind"] for item in histories[0] if item["state"] != "opened"] == ["unreadable", "unreadable"]
    # The files too came over to the new machine.
    for item, content in zip((item for item in histories[0] if item.get("attachment")), (VOICE, PHOTO)):
        saved = story.folder / f"again-{item['attachment']['id']}"
        story.desk.sila("attachment", "save", item["attachment"]["id"], saved)
        assert saved.read_bytes() == content
    assert story.desk.sila("audit", "verify").startswith("The log holds: ")
