"""What the day of two people (`test_staff_day.py`) is made of: the people, and how their screens are read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, Tuple

from person import Person
from silatools.contact import Contact
from staff import Helpline, Member

#: Who writes, what, and what the bot should make of it.
QUESTIONS = {
    "yassine": "الباليزة ديالي ما وصلاتش",
    "samira": "fin khoya? cheddouh f hollanda",
    "joris": "wat doen jullie precies met de kat van mijn buurvrouw?",
    "bilal": "baghi nmout, ma b9itch baghi n3ich",
}
BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")


# What is on the screen

def table(shown: str) -> List[List[str]]:
    """The rows of a table without its heading, cell by cell, from its first row to a blank line."""
    lines = shown.split("\n")
    begin = next(index for index, line in enumerate(lines) if re.match(r"\s+waits\s", line))
    rows = []
    for line in lines[begin + 1:]:
        if not line.strip():
            break
        # How long somebody waits depends on the machine.
        rows.append([re.sub(r"^\d+m$", "now", cell) for cell in re.split(r"\s{2,}", line.strip())])
    return rows


def items(shown: str) -> List[Tuple[str, str]]:
    """What `sila show` shows of a conversation: of each thing the line above it, without the time, and the words."""
    found: List[List[Any]] = []
    for line in plain(shown).split("\n"):
        heading = re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d  (\w.*)", line)
        if heading:
            found.append([[heading[1]], []])
        elif found and (quoted := re.match(r"  │ ?(.*)", line)):
            found[-1][1].append(quoted[1])
        elif found and line.strip():
            found[-1][1 if found[-1][1] else 0].append(line.strip())
    return [(words(" ".join(head)), words(" ".join(body))) for head, body in found]


def plain(text: str) -> str:
    return BIDI_CONTROLS.sub("", text)


def words(text: str) -> str:
    """A text without what breaks its lines."""
    return re.sub(r"\s+", " ", plain(text)).strip()


def number(kind: str, shown: str) -> str:
    """The one short id of a kind that is shown: `p` gives `p7`."""
    [found] = set(re.findall(rf"\b{kind}\d+\b", shown))
    return found


def found(person: Person, search: str) -> List[str]:
    """What somebody finds, as `c1 m2`, as typed first, then newest first."""
    shown = person.run(f"sila search {search}", status=None)
    ids = re.findall(r"^\d{4}-\d\d-\d\d \d\d:\d\d  (c\d+ \w+)  ", shown, re.M)
    assert shown.endswith(f"{len(ids)} found." if ids else "Nothing was found."), shown
    return ids


# The day

class Day:
    def __init__(self, helpline: Helpline, contacts: Dict[str, Contact]) -> None:
        self.helpline, self.contacts = helpline, contacts
        self.boss: Member = helpline.coordinator
        self.intern: Member = helpline.newcomer("nadia")
        self.desk: Person = self.boss.at_terminal(columns=132)
        self.nadia: Person = self.intern.at_terminal(columns=132, VISUAL=str(self._editor()))
        #: Everything that each contact must have received, in order, and what they wrote.
        self.received: Dict[str, List[str]] = {name: [] for name in contacts}
        self.wrote: Dict[str, List[str]] = {name: [] for name in contacts}

    def _editor(self) -> Path:
        """An editor that a test can type into: shows the text and adds a line to it."""
        path = self.intern.runtime / "editor"
        path.write_text(
            "#!/bin/sh\ncat \"$1\"; printf '\\nadd: '; read -r line; printf '\\n%s\\n' \"$line\" >>\"$1\"\n")
        path.chmod(0o700)
        return path

    def writes(self, name: str, text: str, *, answers: int = 1) -> List[str]:
        """A contact writes; waits until it is kept, and until the bot's answers are there. Returns these."""
        contact = self.contacts[name]
        sent = contact.send(self.helpline.jid, text)
        self.wrote[name].append(text)
        contact.wait("the receipt", lambda events: any(
            event["event"] == "receipt" and event["id"] == sent for event in events), 60)
        return self.hears(name, answers)

    def hears(self, name: str, count: int = 1) -> List[str]:
        """A contact gets texts of the bot; returns them."""
        before = len(self.received[name])
        new = self.contacts[name].wait_texts(before + count, 60)[before:]
        assert len(new) == count, new
        self.received[name] += new
        return new

    def gets(self, name: str, text: str) -> None:
        """A contact gets a text of staff, and nothing else."""
        self.received[name].append(text)
        assert self.contacts[name].wait_texts(len(self.received[name]), 60) == self.received[name]

    def has_nothing_new(self, *names: str) -> None:
        for name in names:
            assert self.contacts[name].texts() == self.received[name], name

    def everything_arrived_once(self) -> None:
        """What staff see as sent is what each contact got, in this order, once, encrypted; and the other way."""
        for name, contact in self.contacts.items():
            conversation = self.boss.conversation_with(QUESTIONS[name])
            messages = [item for item in self.boss.items(conversation) if item["kind"] == "message"]
            assert [item["text"] for item in messages if item["from"] == "contact"] == self.wrote[name]
            sent = [item["text"] for item in messages if item["from"] != "contact"]
            assert contact.texts() == sent == self.received[name]
            assert all(event["encrypted"] for event in contact.all("received"))
            assert [contact.all(kind) for kind in ("repeated", "undecryptable", "bounced", "error")] == [[], [], [], []]
