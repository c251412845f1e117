"""Files of the bridge, records and lines of the audit log that somebody altered: refused, loudly; the rest opens."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Callable

import pytest

import staff_e2e
from staff import Member
from staff_e2e import Office, found_in_the_end, practice, template
from staff_socket import LyingSocket

new_office, office = staff_e2e.new_office, staff_e2e.office


FILES = ("roster.json", "roster.pin", "archive-keyring.json")


def keep(office: Office, folder: Path) -> Path:
    folder.mkdir()
    for name in FILES:
        shutil.copy(office.bridge.deployment.folder / "keys" / name, folder / name)
    return folder


def put(office: Office, folder: Path, *names: str) -> None:
    for name in names:
        shutil.copy(folder / name, office.bridge.deployment.folder / "keys" / name)


def refuses_to_start(office: Office) -> str:
    """What `silad` says when it does not start."""
    deployment = office.bridge.deployment
    done = subprocess.run(
        [deployment.program("silad"), "run", "--config", str(deployment.config)], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 78, done
    assert "ready" not in done.stdout
    return done.stderr


def refuses_to_work(member: Member, conversation: str, *says: str) -> None:
    """Everything that trusts the bridge's list or keys ends with 65, and says why; nothing is written."""
    for command in (["whoami"], ["unlock"], ["show", conversation], ["note", conversation, "a note"],
                    ["staff", "list"], ["rotate"]):
        done = member.run(*command)
        assert done.returncode == 65, (command, done)
        assert any(word in done.stderr.lower() for word in says), (command, done.stderr)


def test_a_substituted_or_older_roster_is_refused(
    new_office: Callable[..., Office], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    office = new_office()
    office.bridge.start(online=False)
    coordinator = office.coordinator
    conversation = practice(coordinator)
    office.admit_quickly("sara", "staff")
    old = keep(office, tmp_path / "old")
    coordinator.sila("staff", "revoke", "sara")
    coordinator.sila("whoami")
    good = keep(office, tmp_path / "good")
    office.bridge.stop()

    # The old list, to have sara back: the daemon's own pin has seen a later entry.
    put(office, old, "roster.json")
    assert "roster" in refuses_to_start(office)
    # With its pin too: the daemon cannot know, staff's machines do.
    put(office, old, *FILES)
    office.bridge.start(online=False)
    refuses_to_work(coordinator, conversation, "roster", "list")
    office.bridge.stop()

    # The list of another deployment, then with its pin and keyring.
    other = template(tmp_path_factory, "operator").deployment.folder / "keys"
    put(office, good, *FILES)
    put(office, other, "roster.json")
    assert "roster" in refuses_to_start(office)
    # A list with a changed role: the signature does not hold.
    put(office, good, *FILES)
    roster = office.bridge.deployment.folder / "keys" / "roster.json"
    roster.write_text(re.sub(r'"role" ?: ?"staff"', '"role" : "coordinator"', roster.read_text()))
    assert "roster" in refuses_to_start(office)

    # All as it was: all goes on.
    put(office, good, *FILES)
    office.bridge.start(online=False)
    assert coordinator.items(conversation)


def test_a_roster_that_is_substituted_on_the_way_is_refused(
    office: Office, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A daemon that lies: it serves the list of another deployment, in which the same name is coordinator."""
    conversation = practice(office.members["roos"])
    other = template(tmp_path_factory, "operator").deployment.folder / "keys" / "roster.json"
    liar = LyingSocket(office.socket, {b"GET /v1/roster ": other.read_bytes()})
    try:
        for command in (["whoami"], ["show", conversation], ["staff", "list"], ["rotate"]):
            done = office.coordinator.run(*command, "--socket", liar.path)
            assert done.returncode == 65, (command, done)
            assert "roster" in done.stderr.lower() or "list" in done.stderr.lower(), done.stderr
    finally:
        liar.close()


def test_a_substituted_keyring_is_refused(office: Office, tmp_path_factory: pytest.TempPathFactory) -> None:
    """It would give staff keys of somebody else, or none."""
    conversation = practice(office.coordinator)
    genuine = json.loads((office.bridge.deployment.folder / "keys" / "archive-keyring.json").read_text())
    altered = json.loads(json.dumps(genuine))
    for entry in altered["entries"]:
        entry["wrapped"] = entry["wrapped"][:60] + ("A" if entry["wrapped"][60] != "A" else "B") + entry["wrapped"][61:]
    other = template(tmp_path_factory, "operator").deployment.folder / "keys" / "archive-keyring.json"
    for name, keyring in (("altered", json.dumps(altered).encode()), ("another's", other.read_bytes()),
                          ("emptied", json.dumps({**genuine, "entries": []}).encode())):
        liar = LyingSocket(office.socket, {b"GET /v1/keyring ": keyring})
        try:
            shown = office.coordinator.run("show", conversation, "--socket", liar.path)
            assert shown.returncode == 65 or (name == "emptied" and shown.returncode == 77), (name, shown)
            assert "key" in shown.stderr, shown.stderr
            # Nor is anything sealed or wrapped with it.
            assert office.coordinator.run("rotate", "--socket", liar.path).returncode in (65, 77), name
        finally:
            liar.close()
    assert office.coordinator.items(conversation)


# Records that somebody changed

def alter(office: Office, *statements: str) -> None:
    """What somebody with the file can do: nothing holds them."""
    with contextlib.closing(sqlite3.connect(office.database, timeout=20)) as store:
        for name, in store.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('audit', 'entry', 'message')"):
            store.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert store.execute(statement).rowcount > 0, statement
        store.commit()


def test_a_corrupted_record_is_shown_as_such_and_the_rest_opens(office: Office) -> None:
    roos = office.members["roos"]
    conversation = practice(roos)
    for number in range(4):
        roos.sila("note", conversation, f"note number {number}")
    roos.sila("reply", conversation, "a word of staff")
    before = roos.items(conversation)
    notes = [item for item in before if item["kind"] == "note"]
    first = next(item for item in before if item["kind"] == "message")
    one, two, three = (int(note["id"][1:]) for note in notes[:3])
    with contextlib.closing(sqlite3.connect(f"file:{office.database}?mode=ro", uri=True)) as store:
        sealed = dict(store.execute("SELECT id, sealed FROM entry"))
    flipped = bytearray(sealed[one])
    flipped[len(flipped) // 2] ^= 0x40
    change = "UPDATE entry SET sealed = X'{}' WHERE id = {}"
    alter(
        office, change.format(flipped.hex(), one),
        # Genuine, at each other's place.
        change.format(sealed[three].hex(), two), change.format(sealed[two].hex(), three),
        f"UPDATE message SET sealed = X'01' WHERE id = {first['id'][1:]}")
    after = roos.items(conversation)
    assert [item["id"] for item in after] == [item["id"] for item in before], "nothing is left out"
    broken = {notes[0]["id"], notes[1]["id"], notes[2]["id"], first["id"]}
    for old, new in zip(before, after):
        if (new["id"], new["kind"]) in {(item["id"], item["kind"]) for item in (*notes[:3], first)}:
            assert new["state"] != "opened" and new["text"] == "", new
        else:
            assert (new["state"], new["text"]) == ("opened", old["text"])
    shown = roos.sila("show", conversation)
    assert len(re.findall(r"(?i)cannot be opened|does not open|unreadable|damaged|not opened", shown)) >= len(broken)
    assert "note number 3" in shown and "a word of staff" in shown
    # The index takes the rest too, and a copy for the person is made.
    roos.unlock()
    try:
        found_in_the_end(roos, "number")
    finally:
        roos.sila("lock")
    assert "a word of staff" in roos.sila("contact", "export", conversation)


# The audit log

def test_audit_verify_finds_what_was_changed_taken_out_or_cut_off(new_office: Callable[..., Office]) -> None:
    office = new_office()
    office.bridge.start(online=False)
    coordinator = office.coordinator
    conversation = practice(coordinator)
    for _ in range(5):
        coordinator.sila("note", conversation, "x")
    assert coordinator.sila("audit", "verify")
    with contextlib.closing(sqlite3.connect(f"file:{office.database}?mode=ro", uri=True)) as store:
        lines = {row[0]: row for row in store.execute("SELECT id, at, kind, subject, actor, amount, about, chain FROM audit")}
    first, last = min(lines), max(lines)
    middle = first + 2
    assert middle < last - 2

    def is_found(what: str) -> None:
        found = coordinator.run("audit", "verify")
        assert found.returncode == 65, (what, found)
        assert "log" in found.stderr, "it is said, loudly"
        # And it is not forgotten by looking.
        assert coordinator.run("audit", "verify").returncode == 65, what

    def put_back(row: int) -> None:
        identity, at, kind, subject, actor, amount, about, chain = lines[row]
        alter(office, f"INSERT OR REPLACE INTO audit (id, at, kind, subject, actor, amount, about, chain) VALUES "
                      f"({identity}, {at}, '{kind}', {subject}, '{actor}', {amount}, '{about}', X'{chain.hex()}')")

    for what, row, statement in (
        ("who", middle, "UPDATE audit SET actor = 'somebody' WHERE id = {}"),
        ("when", middle, "UPDATE audit SET at = at + 1 WHERE id = {}"),
        ("how much", middle, "UPDATE audit SET amount = amount + 1 WHERE id = {}"),
        ("what, in the last", last, "UPDATE audit SET kind = 'noted' WHERE id = {}"),
        ("of whom", first, "UPDATE audit SET subject = subject + 1 WHERE id = {}"),
        ("taken out", middle, "DELETE FROM audit WHERE id = {}"),
        ("the beginning", first, "DELETE FROM audit WHERE id = {}"),
    ):
        alter(office, statement.format(row))
        is_found(what)
        put_back(row)
        assert coordinator.run("audit", "verify").returncode == 0, f"{what}: as it was, it holds"

    # The end, after which the daemon goes on as if nothing had been.
    office.bridge.stop()
    alter(office, f"DELETE FROM audit WHERE id > {last - 2}")
    office.bridge.start(online=False)
    for _ in range(6):
        coordinator.sila("note", conversation, "y")
    is_found("cut off")
