"""The bridge's machine is lost and another takes its place: a rehearsal with the recovery words.

`silad backup` runs beside the daemon at work. Then the folder is gone, `sila restore` makes it anew, and contacts who
know nothing of it go on talking.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from pathlib import Path
from typing import Callable, List

import pytest

import staff
from backups import (
    back_up, device_of, machine_dies, move_in, published_ids, restore, rows_by_table)
from conftest import Bridge
from ledger import Ledger
from silatools.contact import Contact
from silatools.deployment import Deployment
from silatools.errors import ToolError
from silatools.processes import Deadline
from staff_e2e import LockedDaemon, Office, found_in_the_end, new_office, template
from staff_formats import Opener, recovery_keys
from store_checks import wait_until_confirmed
from test_healing import wait_for_empty

__all__ = ["new_office"]
make_helpline = staff.make_helpline
QUESTION = "my bag did not arrive"
#: Said after the backup. Its tree stands in no other text.
LOST = "and this kastanjeboom too"


def words_of(folders: pytest.TempPathFactory, mode: str = "file") -> List[str]:
    return template(folders, mode).printed["recoveryWords"]


def ask(contact: Contact, office: Office, text: str = QUESTION) -> List[str]:
    """Writes, and waits for the bot."""
    mark = contact.mark
    contact.send(office.jid, text)
    return contact.wait_texts(1, 60, mark)


def wait_for_text(contact: Contact, text: str, mark: int) -> None:
    contact.wait(text, lambda events: any(event.get("text") == text for event in events), 60, mark)


def reply(office: Office, conversation: str, text: str) -> None:
    # A member says what they have seen.
    office.coordinator.items(conversation)
    office.coordinator.sila("reply", conversation, text)


def in_the_store(office: Office, query: str) -> List[tuple]:
    with sqlite3.connect(f"file:{office.database}?mode=ro", uri=True) as store:
        rows = store.execute(query).fetchall()
    store.close()
    return rows


def test_a_rehearsal(new_office: Callable[..., Office], server, make_contact, tmp_path_factory, tmp_path: Path):
    """Two contacts, staff, and a machine that is gone."""
    office, words = new_office(), words_of(tmp_path_factory)
    office.bridge.start()
    amal, badr = (make_contact(server, name).connect() for name in ("amal", "badr"))
    ask(amal, office)
    ask(badr, office, "when does my visa end?")
    boss = office.coordinator
    boss.unlock()
    c_amal, c_badr = boss.conversation_with(QUESTION), boss.conversation_with("when does my visa end?")
    reply(office, c_badr, "we wrote this before the backup")
    device = device_of(office.jid, amal)
    ids = published_ids(amal, office.jid, device)
    data, keys = back_up(office.bridge.deployment)
    status = office.bridge.deployment.status()
    assert status["backup"]["isOverdue"] is False and status["backup"]["lastAt"]

    recovery = recovery_keys(words)
    counted = {**rows_by_table(data, recovery), **rows_by_table(keys, recovery)}
    assert counted["message"] >= 5 and counted["segment"] == 2 and counted["device"] == 2
    assert not counted.keys() & {"session", "prekey", "signed_prekey", "stream"}, "no ratchet is in it"
    sessions = [bytes(record) for (record,) in in_the_store(office, "SELECT record FROM session")]
    assert len(sessions) == 2

    # A day that the backup knows nothing of.
    ask(amal, office, "and this was after the backup")
    reply(office, c_badr, LOST)
    wait_for_text(badr, LOST, 0)
    found_in_the_end(boss, "kastanjeboom")
    ids |= published_ids(amal, office.jid, device)
    kept = tmp_path / "elsewhere"
    machine_dies(office.bridge, kept)
    marks = (amal.mark, badr.mark)
    amal.send(office.jid, "is somebody there?")
    badr.send(office.jid, "written in the clear", encrypted=False)

    folder = tmp_path / "new" / "deployment"
    folder.parent.mkdir(mode=0o700)
    said = restore(kept / data.name, kept / keys.name, folder, words)
    move_in(office.bridge, folder)
    assert office.words in said.stdout and "must never run silad again" in said.stderr
    office.bridge.start()
    status = office.bridge.deployment.status()
    assert [one["generation"] for one in status["restores"]] == [1] and status["gaps"] == []
    for path in (folder / "store").rglob("*"):
        if path.is_file():
            assert not any(session in path.read_bytes() for session in sessions), path
    assert not (folder / "store" / "restored.rows").exists()

    # Apps are given a new session, whether they write or not.
    wait_for_empty(amal, marks[0])
    wait_for_empty(badr, marks[1])
    # What cannot be read any more is shown, and asked for again.
    asked = amal.wait_texts(1, 60, marks[0])
    assert QUESTION not in asked
    new = published_ids(amal, office.jid, device_of(office.jid, amal))
    assert device_of(office.jid, amal) == device and not new & ids, "an id is published once"
    assert min(new) > max(ids) + 65_000

    # Both go on, in both directions, and every message can be read.
    marks = (amal.mark, badr.mark)
    ask(amal, office)
    ask(badr, office, "when does my visa end?")
    # An agent that was unlocked all the time is told to begin anew: what is lost is not found any more.
    deadline, pause = Deadline(60), threading.Event()
    while boss.run("search", "kastanjeboom").returncode == 0:
        assert not deadline.passed, "the agent still finds what is lost"
        pause.wait(0.5)
    assert boss.conversation_with("when does my visa end?") == c_badr
    reply(office, c_badr, "we are here again")
    wait_for_text(badr, "we are here again", marks[1])
    assert amal.all("undecryptable", marks[0]) == [] and badr.all("undecryptable", marks[1]) == []

    # Staff read what was said before; nothing came twice; what the archive had is there.
    texts = Counter(item["text"] for item in boss.items(c_amal) + boss.items(c_badr))
    for once in ("we wrote this before the backup", "written in the clear", "we are here again"):
        assert texts[once] == 1, once
    for twice in (QUESTION, "when does my visa end?"):
        assert texts[twice] == 2, "once before, once after"
    assert texts[LOST] == 0, "what staff said after the backup is lost"
    unreadable = [item for item in boss.items(c_amal) if item["kind"] == "unreadable"]
    assert len(unreadable) == 2, "one from after the backup, one from when nobody was there"
    assert boss.run("audit", "verify").returncode == 0
    assert "restored-from-backup" in boss.sila("audit", "list")
    assert "restored from a backup" in boss.sila("today")


@pytest.mark.both_servers
def test_a_backup_in_the_middle_of_a_burst(
    new_office: Callable[..., Office], server, make_contact, tmp_path_factory, tmp_path: Path
):
    """What was under way when the backup was made is settled by the archive: no echo comes twice, none is missing."""
    office, words = new_office(), words_of(tmp_path_factory)
    bridge = office.bridge
    bridge.start("silad-faults", ["--responder", "echo"])
    ledger = Ledger(make_contact(server, "amal").connect(), office.jid)
    ledger.start_burst(60)
    ledger.contact.wait_texts(10, 60)
    data, keys = back_up(bridge.deployment)
    ledger.wait_until_sent()
    assert ledger.wait_for_echoes(120)
    kept = tmp_path / "elsewhere"
    machine_dies(bridge, kept)
    mark = ledger.contact.mark
    restore(kept / data.name, kept / keys.name, tmp_path / "again", words)
    move_in(bridge, tmp_path / "again")
    bridge.start("silad-faults", ["--responder", "echo"])
    wait_for_empty(ledger.contact, mark)
    ledger.start_burst(5)
    ledger.wait_until_sent()
    assert ledger.wait_for_echoes(60)
    assert ledger.violations() == []
    status = bridge.deployment.status()
    stored = status["messagesIn"] + sum(status["setAside"].values())
    assert stored == 65, "each message once: before the backup readable, after it set aside, after the restore readable"
    assert not status["outbox"].keys() & {"uncertain", "failed", "intent"}, status["outbox"]


@pytest.mark.parametrize("lived_on", [True, False], ids=["it left later", "it never left"])
def test_what_waited_to_leave_is_said_once(
    new_office: Callable[..., Office], server, make_contact, tmp_path_factory, tmp_path: Path, lived_on: bool
):
    """A reply that had not left when the backup was made. The archive knows whether it left before the machine was
    lost: it is neither said twice nor forgotten."""
    office, words = new_office(), words_of(tmp_path_factory)
    bridge, echo = office.bridge, ["--responder", "echo"]
    bridge.start("silad-faults", echo)
    ledger = Ledger(make_contact(server, "amal").connect(), office.jid)
    ledger.start_burst(1)
    assert ledger.wait_for_echoes(60)
    bridge.stop()
    bridge.start("silad-faults", [*echo, "--kill-at", "stored:1"])
    ledger.start_burst(1)
    assert bridge.daemon.wait_for_end(60) == -9
    bridge.daemon.record_file.unlink(missing_ok=True)
    assert bridge.deployment.status()["outbox"].get("intent") == 1
    data, keys = back_up(bridge.deployment)
    if lived_on:
        bridge.start("silad-faults", echo)
        assert ledger.wait_for_echoes(60)
        bridge.stop()
    kept = tmp_path / "elsewhere"
    bridge.daemon = None
    machine_dies(bridge, kept)
    restore(kept / data.name, kept / keys.name, tmp_path / "again", words)
    move_in(bridge, tmp_path / "again")
    mark = ledger.contact.mark
    bridge.start("silad-faults", echo)
    # A session of its own comes with the reply, or without words.
    ledger.contact.wait("a new session", lambda events: any(
        event["event"] in ("silent", "received") for event in events), 60, mark)
    ledger.start_burst(2)
    ledger.wait_until_sent()
    assert ledger.wait_for_echoes(60), "a reply is forgotten"
    assert ledger.violations() == []
    wait_until_confirmed(bridge, 4)


def test_in_key_mode_operator(
    new_office: Callable[..., Office], server, make_contact, tmp_path_factory, tmp_path: Path
):
    """The working key lies in the keyring: staff give it to the new machine as they gave it to the old one."""
    office, words = new_office(mode="operator"), words_of(tmp_path_factory, "operator")
    office.bridge.daemon = LockedDaemon(office.bridge.deployment).start()
    office.coordinator.unlock()
    office.coordinator.sila("bridge", "open")
    office.bridge.daemon.wait_for_line("online xmpp")
    amal = make_contact(server, "amal").connect()
    ask(amal, office)
    data, keys = back_up(office.bridge.deployment)
    kept = tmp_path / "elsewhere"
    machine_dies(office.bridge, kept)
    restore(kept / data.name, kept / keys.name, tmp_path / "again", words)
    assert not (tmp_path / "again" / "keys" / "working.key").exists()
    move_in(office.bridge, tmp_path / "again")
    office.bridge.daemon = LockedDaemon(office.bridge.deployment).start()
    mark = amal.mark
    office.coordinator.sila("bridge", "open")
    office.bridge.daemon.wait_for_line("online xmpp")
    wait_for_empty(amal, mark)
    assert ask(amal, office)
    assert office.coordinator.conversation_with(QUESTION)


def test_who_was_erased_is_opened_by_nobody(
    new_office: Callable[..., Office], server, make_contact, tmp_path_factory, tmp_path: Path
):
    """Old data with keys from after the erasure: the person is not in what is restored, not even for the words."""
    office, words = new_office(), words_of(tmp_path_factory)
    office.bridge.start()
    gone, stays = (make_contact(server, name).connect() for name in ("gone", "stays"))
    ask(gone, office, "my word is kastanjeboom")
    ask(stays, office, "my word is wilgentak")
    boss = office.coordinator
    boss.unlock()
    conversation = boss.conversation_with("my word is kastanjeboom")
    contact = next(row["contact"] for row in boss.inbox() if row["id"] == conversation)
    old_data, old_keys = back_up(office.bridge.deployment)
    boss.sila("contact", "erase", conversation, "--confirm", contact)
    new_data, new_keys = back_up(office.bridge.deployment)
    kept = tmp_path / "elsewhere"
    machine_dies(office.bridge, kept)

    def opened(keys: Path, folder: Path) -> bytes:
        restore(kept / old_data.name, kept / keys.name, folder, words)
        made = Bridge(Deployment(folder, office.bridge.deployment.staff, office.bridge.deployment.binaries), office.jid)
        made.start()
        made.stop()
        opener = Opener(folder / "keys" / "archive-keyring.json", folder / "keys" / "roster.json", [recovery_keys(words)])
        return b"\n".join(opener.opened(folder / "store" / "sila.sqlite"))

    with_old = opened(old_keys, tmp_path / "old")
    assert b"kastanjeboom" in with_old and b"wilgentak" in with_old, "that the check below can fail"
    with_new = opened(new_keys, tmp_path / "new")
    assert b"kastanjeboom" not in with_new and b"wilgentak" in with_new
    recovery = recovery_keys(words)
    assert rows_by_table(kept / old_data.name, recovery).keys() & {"segment", "address", "device", "outbox"} == set()
    # The other way round the newest messages could not be opened.
    refused = restore(kept / new_data.name, kept / old_keys.name, tmp_path / "none", words, status=65)
    assert "older than the data" in refused.stderr and not (tmp_path / "none").exists()


def test_at_the_request_of_a_coordinator(new_office: Callable[..., Office], tmp_path_factory, tmp_path: Path):
    """The daemon makes it; staff read where it lies, and nothing of it."""
    office, words = new_office(), words_of(tmp_path_factory)
    office.bridge.start()
    made = office.coordinator.json("backup")
    data, keys = Path(made["data"]), Path(made["keys"])
    assert data.stat().st_size + keys.stat().st_size == made["bytes"] and made["rows"] > 0
    assert "Bring both to other machines" in office.coordinator.sila("backup")
    asked = [line for line in office.coordinator.json("audit", "list")["lines"] if line["kind"] == "backup-asked"]
    assert [line["actor"] for line in asked] == ["coordinator"] * 2
    assert office.bridge.deployment.status()["backup"]["lastAt"]
    restore(data, keys, tmp_path / "made", words)
    # A folder that cannot be written: the reason reaches whoever asked, and the bridge goes on.
    config = office.bridge.deployment.config
    office.bridge.stop()
    (tmp_path / "in the way").write_text("")
    config.write_text(config.read_text() + f"backup:\n  data: \"{tmp_path}/in the way/data\"\n")
    office.bridge.start()
    refused = office.coordinator.sila("backup", status=75)
    assert "No backup was made" in refused and "in the way" in refused
    assert office.coordinator.inbox() == []


def test_what_is_refused(new_office: Callable[..., Office], tmp_path_factory, tmp_path: Path):
    """Nothing is made of what is not whole, or over what is there; each reason is named."""
    office, words = new_office(), words_of(tmp_path_factory)
    office.bridge.start()
    data, keys = back_up(office.bridge.deployment)
    folder = office.bridge.deployment.folder
    assert "not an empty folder" in restore(data, keys, folder, words, status=73).stderr
    wrong = words[:-1] + ["babab"]
    assert "wrong" in restore(data, keys, tmp_path / "none", wrong, status=65).stderr
    cut = tmp_path / "cut.data"
    cut.write_bytes(data.read_bytes()[:-5])
    assert "cut off" in restore(cut, keys, tmp_path / "none", words, status=65).stderr
    assert not (tmp_path / "none").exists()
    restore(data, keys, tmp_path / "made", words)
    # Made of it, and then a daemon on a store that is there already.
    (tmp_path / "made" / "store" / "sila.sqlite").write_bytes(b"something")
    with pytest.raises(ToolError, match="cannot|not"):
        Bridge(Deployment(tmp_path / "made", office.bridge.deployment.staff, office.bridge.deployment.binaries),
               office.jid).start(online=False)
