"""The interactive inbox, `sila inbox -i`, on terminals of 80 and 40 columns, against a real bridge and contacts."""

from __future__ import annotations

import re
from typing import Callable, List

import pytest

import staff
from person import Person
from silatools.contact import Contact
from silatools.prosody import Prosody
from staff import Helpline, Member

helpline, make_helpline = staff.helpline, staff.make_helpline

#: What the bot hands over, and what it answers from a released topic.
UNSURE = "wat doen jullie precies met de kat van mijn buurvrouw?"
LUGGAGE = "الباليزة ديالي ما وصلاتش"
#: Sets a title, clears the screen, writes at its top, in 7 and 8 bits; overrides the direction; erases.
HOSTILE = "kat\x1b]0;OWNED\x07\x1b[2J\x1b[1;1HPWNED\x9b2J\u202eliaf\u0008 einde"
#: What staff answer.
REPLY = "Dag Joris,\nwij zorgen voor de kat."
#: What keeps words of others in their place; not seen.
ISOLATES = re.compile("[\u2066-\u2069]")


class Desk:
    """A member of staff in the reader. What is seen is the window as it stands at this moment."""

    def __init__(self, person: Person, command: str = "sila inbox -i") -> None:
        self.person = person
        self.person.begin(command)

    def sees(self, pattern: str, seconds: float = 30) -> str:
        """Waits until the window shows a pattern, whoever made it change; `^` and `$` are ends of its lines."""
        return self.person._wait(self.window, pattern, seconds)

    def window(self) -> str:
        lines = ISOLATES.sub("", self.person.window()).split("\n")
        return "\n".join(line.rstrip() for line in lines)

    def press(self, *keys: str) -> "Desk":
        self.person.press(*keys)
        return self

    def types(self, text: str) -> "Desk":
        self.person._tmux("send-keys", "-l", "--", text)
        return self

    def quits(self) -> str:
        """Leaves with `q` and returns what is on the screen after."""
        self.press("q")
        self.person.finish("sila inbox -i")
        return self.person.screen()


class Office:
    def __init__(self, helpline: Helpline, joris: Contact, yassine: Contact) -> None:
        self.helpline, self.joris, self.yassine = helpline, joris, yassine
        self.boss: Member = helpline.coordinator
        self.boss.unlock()
        self.nadia: Member = helpline.admit("nadia", "intern")
        self.nadia.unlock()

    def writes(self, contact: Contact, text: str, *, answers: int = 1) -> List[str]:
        """A contact writes; waits for the bot's answers and returns all that came so far."""
        before = len(contact.texts())
        contact.send(self.helpline.jid, text)
        return contact.wait_texts(before + answers, 60)


@pytest.fixture
def office(helpline: Helpline, server: Prosody, make_contact: Callable[..., Contact]) -> Office:
    return Office(helpline, make_contact(server, "joris").connect(), make_contact(server, "yassine").connect())


def test_day_in_the_reader(office: Office):
    needs_a_terminal(office)
    person = office.boss.at_terminal(columns=80, rows=24)
    settings = person.run("stty -g")
    desk = Desk(person)
    desk.sees(r"^  Nobody is waiting for us\.$")
    list_is_live(office, desk)
    reply_arrives_once(office, desk)
    hostile_text_is_harmless(office, desk)
    note_and_draft_stay_here(office, desk)
    conversation_is_given_away(office, desk)
    next_and_search(office, desk)
    changed_words_wait_for_a_second_person(office, desk)

    left = desk.quits()
    assert person.run("stty -g") == settings, "the terminal is as it was"
    # The other screen of the terminal is gone: what stood in the shell before stands there again.
    assert "[2:0] sila inbox -i" in left and "Sila  coordinator" not in left

    narrow_and_dutch(office)
    assert [text for text in office.joris.texts() if "de kat." in text] == [REPLY], "it came once"


def needs_a_terminal(office: Office) -> None:
    said = office.boss.sila("inbox", "-i", status=64)
    assert "-i needs a terminal" in said and "sila inbox --json" in said


def list_is_live(office: Office, desk: Desk) -> None:
    office.writes(office.joris, UNSURE)
    # No key was pressed.
    shown = desk.sees(r"^> +now c1  contact-1 .* Dutch +bridge ")
    assert "1 waiting" in shown.split("\n")[0]
    assert UNSURE not in shown, "nothing is opened for the list"


def reply_arrives_once(office: Office, desk: Desk) -> None:
    desk.press("Enter")
    shown = desk.sees(re.escape(UNSURE))
    assert re.search(r"^c1 contact-1$", shown, re.M)
    assert re.search(r"^XMPP, encrypted to our bridge · waits now · Dutch · unassigned$", shown, re.M)
    before = office.joris.texts()
    desk.press("r").sees("REPLY to c1 contact-1")
    # Two lines, and a mistake that is taken back.
    desk.types("Dag Joriz").press("BSpace").types("s,").press("Enter").types("wij zorgen voor de kat.")
    desk.sees(r"^ wij zorgen voor de kat\.$")
    assert office.joris.texts() == before
    # A promise that nobody can keep is named, and is taken out again.
    desk.press("Enter").types("je bent veilig").press("C-s").sees("This goes to the contact:")
    desk.press("Enter").sees('never said to a contact: "je bent veilig"')
    desk.press("Escape").sees("REPLY to c1")
    desk.press("C-u", "BSpace")
    desk.press("C-s")
    shown = desk.sees("This goes to the contact:")
    assert re.search(r"^Encryption +XMPP, encrypted to our bridge$", shown, re.M)
    assert office.joris.texts() == before, "nothing goes before it was confirmed"
    desk.press("Enter")
    desk.sees(r"^┃ wij zorgen voor de kat\.$")
    assert office.joris.wait_texts(len(before) + 1, 60) == before + [REPLY]
    desk.sees("^[0-9:]+ you  at the server")


def hostile_text_is_harmless(office: Office, desk: Desk) -> None:
    office.writes(office.joris, HOSTILE)
    # It came while the conversation was open, with no key pressed.
    shown = desk.sees("kat.*OWNED.*PWNED.*einde")
    [line] = [line for line in shown.split("\n") if "PWNED" in line]
    assert line.startswith("│ kat"), "it stands where a contact's words stand"
    assert re.search(r"^c1 contact-1", shown, re.M), "the screen was not cleared"
    coloured = desk.person._tmux("capture-pane", "-p", "-e")
    assert not re.search("[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e]", coloured)
    # Every escape on the screen is a colour or weight of ours.
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).count("\x1b") == 0
    written = desk.person.written
    for raw in ("\x1b]0;OWNED", "\x1b[2J\x1b[1;1HPWNED", "\x9b", "\u202e"):
        assert raw not in written, ascii(raw)
    assert desk.person._tmux("display-message", "-p", "#{pane_title}").strip() != "OWNED"


def note_and_draft_stay_here(office: Office, desk: Desk) -> None:
    received = office.joris.texts()
    desk.press("c").sees("NOTE")
    desk.types("De kat heet Minoes.").press("C-s")
    desk.sees(r"^# De kat heet Minoes\.$")
    [note] = [item for item in office.boss.items("c1") if item["kind"] == "note"]
    assert note["text"] == "De kat heet Minoes."
    # A draft begun here is the command line's too, and the other way round.
    desk.press("r").sees("REPLY to c1")
    desk.types("Later meer").press("Escape")
    desk.sees("Kept as a draft")
    assert "c1" in office.boss.sila("reply", "--resume")
    office.boss.sila("reply", "c1", "--discard")
    assert office.joris.texts() == received


def conversation_is_given_away(office: Office, desk: Desk) -> None:
    desk.press("a")
    shown = desk.sees("nadia")
    number = re.search(r"(\d)[ .]+nadia", shown)[1]
    desk.press(number)
    desk.sees(r"^XMPP, encrypted to our bridge .* · with nadia$")
    [row] = office.boss.inbox()
    assert (row["id"], row["assigned"]) == ("c1", "nadia")


def next_and_search(office: Office, desk: Desk) -> None:
    office.writes(office.yassine, LUGGAGE)
    desk.sees("2 waiting")
    desk.press("n")
    shown = desk.sees("^c2 contact-2$")
    assert "Darija" in shown
    desk.press("/").types("buurvrouw").press("Enter")
    desk.sees(r"^> .*c1 .*buurvrouw")
    desk.press("Enter")
    desk.sees(re.escape(UNSURE))
    desk.press("Escape", "Escape")
    desk.sees("Waiting [12]/2")


def changed_words_wait_for_a_second_person(office: Office, desk: Desk) -> None:
    office.boss.sila("assign", "c2", "nadia")
    received = office.yassine.texts()
    intern = Desk(office.nadia.at_terminal(columns=80, rows=24))
    intern.sees("^. +now .*c2  contact-2")
    intern.press("n").sees("^c1 contact-1")
    intern.press("n").sees("^c2 contact-2")
    # Keys that change something count once the conversation is there.
    intern.sees(LUGGAGE)
    intern.press("s")
    shown = intern.sees(r"^1/\d luggage-missing-on-arrival")
    assert re.search(r"│ Dutch$", shown, re.M) and "Meld het vandaag" in shown, "side by side with Dutch"
    intern.press("e").sees("REPLY to c2")
    intern.types(" Ana Nadia.").press("C-s")
    # It does not go: the words are put before a colleague.
    assert "changed by you" in intern.sees("A colleague reads it first:")
    intern.press("Enter").sees(r"proposal of you, not sent yet +p\d+$")
    assert office.yassine.texts() == received

    # Who waits, and for what, changes in the coordinator's list with no key pressed.
    desk.sees(r"^. .*1 proposal.* c2  contact-2 ")
    desk.press("End", "Enter").sees("^c2 contact-2")
    desk.sees(r"^\? .*Ana Nadia\.|Ana Nadia\.$")
    desk.press("p").sees("Enter approve")
    desk.press("Enter").sees("Enter SEND")
    desk.press("Enter")
    [text] = office.yassine.wait_texts(len(received) + 1, 60)[len(received):]
    assert text.endswith("Ana Nadia.")
    # The intern sees what became of it, with no key pressed.
    intern.sees("approved")
    for reader in (intern, desk):
        reader.press("Escape").sees("── Waiting")
    intern.quits()


def narrow_and_dutch(office: Office) -> None:
    desk = Desk(office.boss.at_terminal(columns=40, rows=20), "sila inbox -i --language nl")
    shown = desk.sees(r"^── Wie wacht 1/\d")
    assert "Enter open" in shown and "? hulp" in shown
    desk.press("f", "f", "f").sees("^── Alle gesprekken 1/2")
    desk.press("Enter").sees("r antwoord")
    desk.sees("^c1 contact-1")
    office.writes(office.joris, "een heel lange regel " * 6 + "tot hier", answers=0)
    shown = desk.sees("tot hier")
    assert len([line for line in shown.split("\n") if line.startswith("│ ")]) >= 4, "it is broken at words"
    desk.press("Escape").sees("q stop")
    desk.quits()
