"""A copy for the person, and erasure: looked at on disk with another implementation of what opens the archive
(`staff_formats.Opener`), against every key there is, and against copies made before."""

from __future__ import annotations

import contextlib
import html
import json
import re
import secrets
import shutil
import sqlite3
import stat
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

from language import assert_is
from silatools.contact import Contact
from silatools.prosody import Prosody
from staff_e2e import Office, close_office, make_office, template
from staff_formats import Opener, recovery_keys

#: What stands in the texts of the one who is erased, and of the one who stays.
GONE, STAYS = "kastanjeboom", "wilgentak"
MARKUP = f"<b>{GONE}</b> & \"the\" 'other' ](x) \u0645\u0631\u062d\u0628\u0627"


def copy_of(database: Path, target: Path) -> Path:
    """A whole copy of a database that is in use."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as source, \
            contextlib.closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


def rows(database: Path, query: str, *values: Any) -> List[Any]:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as store:
        return store.execute(query, values).fetchall()


class Story:
    """Two contacts wrote and were answered; the first was exported, then erased."""

    def __init__(self, folder: Path, office: Office, server: Prosody, words: List[str]) -> None:
        self.folder, self.office, self.coordinator = folder, office, office.coordinator
        self.staff, self.intern = office.admit_quickly("roos", "staff"), office.admit_quickly("amal", "intern")
        self.recovery = recovery_keys(words)
        self._contacts = contextlib.ExitStack()
        self.gone, self.stays = (
            self._contacts.enter_context(self._contact(server, name)) for name in ("gone", "stays"))
        for contact, word in ((self.gone, GONE), (self.stays, STAYS)):
            contact.send(office.jid, f"my word is {word}")
            contact.wait_texts(1, 60)
        self.gone.send(office.jid, MARKUP)
        self.gone.wait_texts(2, 60)
        self.coordinator.unlock()
        self.c_gone = self.coordinator.conversation_with(f"my word is {GONE}")
        self.c_stays = self.coordinator.conversation_with(f"my word is {STAYS}")
        self.number = next(
            row["contact"] for row in self.coordinator.inbox() if row["id"] == self.c_gone)
        self._work(self.c_gone, GONE)
        self._work(self.c_stays, STAYS)
        self.gone.wait(f"the reply to {GONE}", lambda events: any(
            event["event"] == "received" and event["text"] == f"a reply with {GONE}" for event in events), 60)
        self.said_to_gone = self.gone.texts()
        self.shown = self.coordinator.items(self.c_gone)
        self.exported = self._export("plain")
        self.exported_notes = self._export("notes", "--notes")
        self.found_before = self.coordinator.json("search", GONE)
        self.before = copy_of(office.database, folder / "before.sqlite")
        self.wrapped = [wrapped for (wrapped,) in rows(
            self.before, "SELECT wrapped FROM segment WHERE contact_id = ?", self.number)]
        self.refused = self._refused()
        self.untouched = copy_of(office.database, folder / "untouched.sqlite")
        self.erased = self.coordinator.json("contact", "erase", self.c_gone, "--confirm", self.number)
        self.raw_running = self._raw()
        self.after = copy_of(office.database, folder / "after.sqlite")
        self.found_after = self.coordinator.run("search", GONE, "--json")
        self.found_other = self.coordinator.json("search", STAYS)
        self.inbox_after = self.coordinator.inbox()
        self.show_after = self.coordinator.run("show", self.c_gone)
        self.verified = self.coordinator.run("audit", "verify")

    def close(self) -> None:
        self._contacts.close()

    def opener(self) -> Opener:
        """With the keys of everyone, and the recovery words."""
        folder = self.office.bridge.deployment.folder / "keys"
        return Opener(
            folder / "archive-keyring.json", folder / "roster.json",
            [*(self.office.keys(name) for name in self.office.members), self.recovery])

    def _contact(self, server: Prosody, name: str) -> Contact:
        user = f"{name}-{secrets.token_hex(4)}"
        server.add_user(user, f"demo-{user}")
        return Contact(
            Path(sys.executable), f"{user}@{server.domain}", f"demo-{user}", server.port, server.ca,
            self.folder / "contacts").connect()

    def _work(self, conversation: str, word: str) -> None:
        self.coordinator.sila("reply", conversation, f"a reply with {word}")
        self.coordinator.sila("note", conversation, f"a note with {word}")
        self.coordinator.sila("note", conversation, "--confidential", f"a confidential note with {word}")
        self.coordinator.sila("tag", conversation, word)
        self.coordinator.sila("task", "add", conversation, f"a task with {word}")

    def _export(self, name: str, *options: str) -> Dict[str, Path]:
        folder = self.folder / name
        self.coordinator.sila("contact", "export", self.c_gone, "--output", folder, *options)
        return {path.suffix: path for path in folder.iterdir()}

    def _refused(self) -> Dict[str, Any]:
        wrong = self.number + 1
        return {
            "wrong number": self.coordinator.run("contact", "erase", self.c_gone, "--confirm", wrong),
            "nobody to ask": self.coordinator.run("contact", "erase", self.c_gone),
            "staff": self.staff.run("contact", "erase", self.c_gone, "--confirm", self.number),
            "intern": self.intern.run("contact", "erase", self.c_gone, "--confirm", self.number),
            "intern exports": self.intern.run("contact", "export", self.c_gone),
        }

    def _raw(self) -> bytes:
        """All bytes of all files beside the database, its log and its index."""
        return b"".join(
            path.read_bytes() for path in sorted(self.office.database.parent.rglob("*")) if path.is_file())


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, server: Prosody) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("erasure")
    office = make_office(folder, server, tmp_path_factory)
    with contextlib.ExitStack() as stack:
        stack.callback(close_office, office)
        office.bridge.start()
        story = Story(folder, office, server, template(tmp_path_factory).printed["recoveryWords"])
        stack.callback(story.close)
        yield story


# The copy for the person

def test_export_is_for_its_owner_alone(story: Story) -> None:
    assert sorted(story.exported) == [".html", ".json", ".md"]
    for path in [*story.exported.values(), *story.exported_notes.values()]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        assert path.name.startswith(f"contact-{story.number}.")
    assert stat.S_IMODE(story.exported[".md"].parent.stat().st_mode) & 0o077 == 0


def test_export_holds_every_message_both_ways(story: Story) -> None:
    copied = json.loads(story.exported[".json"].read_text())
    texts = [item["text"] for item in story.shown if item["kind"] == "message"]
    assert f"my word is {GONE}" in texts and MARKUP in texts and f"a reply with {GONE}" in texts
    assert set(story.said_to_gone) <= set(texts)
    found = strings(copied)
    for text in texts:
        assert text in found, text
    for kind in (".md", ".html"):
        readable = story.exported[kind].read_text()
        readable = html.unescape(re.sub(r"<[^<>]*>", "", readable) if kind == ".html" else readable)
        for text in texts:
            # The words in their order; line ends, marks and quoting are the form's.
            assert plain(text) in plain(readable), (kind, text)


def strings(value: Any) -> List[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [value] if isinstance(value, str) else []


def plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def test_export_in_html_runs_nothing_of_the_contact(story: Story) -> None:
    page = story.exported[".html"].read_text()
    assert f"<b>{GONE}" not in page and f"&lt;b&gt;{GONE}" in page
    assert "<script" not in page.lower()


def test_export_names_no_staff_and_nobody_else(story: Story) -> None:
    for path in [*story.exported.values(), *story.exported_notes.values()]:
        text = path.read_text()
        assert "coordinator" not in text and STAYS not in text, path


def test_export_holds_notes_only_when_asked(story: Story) -> None:
    wanted = [f"a note with {GONE}", f"a confidential note with {GONE}", f"a task with {GONE}"]
    for kind in (".json", ".md", ".html"):
        without, with_notes = story.exported[kind].read_text(), story.exported_notes[kind].read_text()
        for text in wanted:
            assert text not in without and text in with_notes, (kind, text)


# Erasure

def test_erasure_needs_the_right_number_and_role(story: Story) -> None:
    for what, done in story.refused.items():
        assert done.returncode != 0, what
        assert done.stderr.strip(), what
    assert story.refused["staff"].returncode == story.refused["intern"].returncode == 77 or \
        story.refused["intern"].returncode == 66
    assert story.refused["staff"].returncode == 77
    tables = ("segment", "message", "entry", "address")
    for table in tables:
        query = f"SELECT count(*) FROM {table}"
        assert rows(story.before, query) == rows(story.untouched, query), "refused, and yet something is gone"


def test_erasure_says_what_is_gone_and_what_remains(story: Story) -> None:
    said = json.dumps(story.erased).lower()
    assert str(len(story.wrapped)) in said
    for word in ("audit", "30"):
        assert word in said, "what remains, and why"


def test_erased_keys_are_in_no_file(story: Story) -> None:
    assert story.wrapped and all(len(wrapped) == 97 for wrapped in story.wrapped)
    kept = [wrapped for (wrapped,) in rows(
        story.before, "SELECT wrapped FROM segment WHERE contact_id != ?", story.number)]
    assert kept and all(wrapped in story.raw_running for wrapped in kept), "the search finds what is there"
    for wrapped in story.wrapped:
        assert wrapped not in story.raw_running
        # Not its sealed half either.
        assert wrapped[49:] not in story.raw_running
    assert rows(story.after, "SELECT count(*) FROM segment WHERE contact_id = ?", story.number) == [(0,)]


def test_erased_records_and_addresses_are_in_no_file(story: Story) -> None:
    gone = [value for query in (
        "SELECT sealed FROM message WHERE conversation_id = ?", "SELECT sealed FROM entry WHERE conversation_id = ?",
        "SELECT routing FROM address WHERE id = ?", "SELECT lookup FROM address WHERE id = ?",
    ) for (value,) in rows(story.before, query, int(story.c_gone[1:]))]
    assert len(gone) > 8
    for value in gone:
        assert bytes(value) not in story.raw_running


def test_before_the_erasure_the_keys_of_staff_opened_all_of_it(story: Story) -> None:
    """That the check below can fail."""
    opened = b"\n".join(story.opener().opened(story.before))
    for text in (f"my word is {GONE}", f"a reply with {GONE}", f"a note with {GONE}",
                 f"a confidential note with {GONE}", f"a task with {GONE}", f"my word is {STAYS}"):
        assert text.encode() in opened, text
    recovery = Opener(
        story.office.bridge.deployment.folder / "keys" / "archive-keyring.json",
        story.office.bridge.deployment.folder / "keys" / "roster.json", [story.recovery])
    assert f"a confidential note with {GONE}".encode() in b"\n".join(recovery.opened(story.before))


def test_after_it_no_key_opens_anything_of_the_person(story: Story) -> None:
    opened = b"\n".join(story.opener().opened(story.after))
    assert GONE.encode() not in opened
    for text in (f"my word is {STAYS}", f"a confidential note with {STAYS}"):
        assert text.encode() in opened, "others stay"


def test_a_copy_of_the_data_without_its_key_table_opens_nothing(story: Story, tmp_path: Path) -> None:
    copy = shutil.copy(story.before, tmp_path / "data.sqlite")
    with contextlib.closing(sqlite3.connect(copy)) as store:
        # Foreign keys are off: the rows that point to it stay.
        store.execute("DROP TABLE segment")
        store.commit()
        assert store.execute("SELECT count(*) FROM message").fetchone()[0] > 4
    assert story.opener().opened(Path(copy)) == []


def test_an_old_copy_of_the_data_opens_nothing_of_the_person_with_the_key_table_of_today(
    story: Story, tmp_path: Path
) -> None:
    copy = Path(shutil.copy(story.before, tmp_path / "data.sqlite"))
    with contextlib.closing(sqlite3.connect(copy)) as store:
        store.execute("ATTACH ? AS now", (str(story.after),))
        store.execute("PRAGMA foreign_keys = OFF")
        # The same rows as today's; also under another's name the old records do not open.
        for trigger, in store.execute("SELECT name FROM main.sqlite_master WHERE type = 'trigger'").fetchall():
            store.execute(f"DROP TRIGGER main.{trigger}")
        store.execute("DELETE FROM main.segment")
        store.execute("INSERT INTO main.segment SELECT * FROM now.segment")
        store.commit()
    opened = b"\n".join(story.opener().opened(copy))
    assert GONE.encode() not in opened and f"my word is {STAYS}".encode() in opened


def test_the_log_still_holds_and_names_the_erasure(story: Story) -> None:
    assert story.verified.returncode == 0, story.verified.stdout + story.verified.stderr
    assert rows(story.after, "SELECT actor FROM audit WHERE kind LIKE '%eras%'") == [("coordinator",)]


def test_the_erased_conversation_is_nowhere_at_the_staff_side(story: Story) -> None:
    assert story.c_gone not in [row["id"] for row in story.inbox_after]
    assert story.c_stays in [row["id"] for row in story.inbox_after]
    assert story.show_after.returncode == 66, story.show_after.stdout
    # Neither in the index of an agent that had read it before.
    assert GONE in json.dumps(story.found_before)
    assert story.found_after.returncode == 1, "nothing is found"
    assert json.loads(story.found_after.stdout)["hits"] == []
    assert STAYS in json.dumps(story.found_other)


def test_the_person_is_somebody_unknown_afterwards(story: Story) -> None:
    """The bridge forgot the ratchet too: the first message of the same telephone cannot be opened, and they are
    told so; what they write after that is answered like the first message of anyone."""
    mark = story.gone.mark
    story.gone.send(story.office.jid, "wach n9der nchki?")
    story.gone.wait_texts(1, 20, mark)
    mark = story.gone.mark
    story.gone.send(story.office.jid, "wach n9der nchki?")
    (answer, *_) = story.gone.wait_texts(1, 20, mark)
    assert_is(answer, "darija-latin")
    new = [row for row in story.coordinator.inbox() if row["id"] not in (story.c_gone, story.c_stays)]
    assert len(new) == 1
    # Numbers are never used again.
    assert new[0]["contact"] > story.number and int(new[0]["id"][1:]) > int(story.c_stays[1:])
    texts = [item["text"] for item in story.coordinator.items(new[0]["id"])]
    assert "wach n9der nchki?" in texts and GONE not in "".join(texts)
