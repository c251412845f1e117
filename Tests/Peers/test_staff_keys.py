"""People and their keys, as they come, work, forget, lose and leave."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import sqlite3
import stat
import subprocess
from pathlib import Path
from typing import Callable, Dict, List

import pytest

import staff_e2e
from conftest import BINARIES
from silatools.deployment import write_secret
from staff import Member
from staff_e2e import Office, agent_process, bare, practice, template
from staff_formats import Keys, Opener, b64, recovery_keys
from test_staff_api import StaffAPI

new_office, office = staff_e2e.new_office, staff_e2e.office


def key_files(office: Office) -> Dict[str, bytes]:
    folder = office.bridge.deployment.folder / "keys"
    return {name: (folder / name).read_bytes() for name in ("roster.json", "roster.pin", "archive-keyring.json")}


def snapshot(office: Office, folder: Path) -> Path:
    """A copy of the public files of the deployment, as somebody may have made it before they left."""
    folder.mkdir()
    for name, content in key_files(office).items():
        (folder / name).write_bytes(content)
    return folder


def opener(folder: Path, *keys: Keys) -> Opener:
    return Opener(folder / "archive-keyring.json", folder / "roster.json", list(keys))


def copy_database(office: Office, target: Path) -> Path:
    with contextlib.closing(sqlite3.connect(f"file:{office.database}?mode=ro", uri=True)) as source, \
            contextlib.closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


# The first coordinator

def test_init_makes_a_deployment_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = template(tmp_path_factory)
    assert len(made.printed["recoveryWords"]) == 18
    key_file = json.loads(made.own_key_file)
    assert (key_file["kdf"]["name"], key_file["kdf"]["rounds"]) == ("scrypt", 131072)
    before = {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()}
    for path in before:
        assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0, path
    again = subprocess.run(
        [str(BINARIES / "sila"), "init", "--deployment", str(made.deployment.folder), "--keys",
         str(made.key_file.parent), "--passphrase-file", str(made.deployment.passphrase_file), "--yes"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert again.returncode == 73, again.stderr
    assert before == {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()}


def check_words(words: List[str], deployment: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(BINARIES / "sila"), "recovery", "check", "--deployment", str(deployment)],
        input=" ".join(words), capture_output=True, text=True, timeout=60)


def test_recovery_words_are_checked(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = template(tmp_path_factory)
    words, deployment = made.printed["recoveryWords"], made.deployment.folder
    assert check_words(words, deployment).returncode == 0
    shouted = [f"{number}. {word.upper()}\n" for number, word in enumerate(words, 1)]
    assert check_words(shouted, deployment).returncode == 0
    for wrong in ([*words[:4], "lusab" if words[4] != "lusab" else "babab", *words[5:]],
                  [words[1], words[0], *words[2:]], words[:-1], [*words, words[0]], ["hello"] * 18, []):
        done = check_words(wrong, deployment)
        assert done.returncode == 65 and done.stderr.strip(), (wrong, done)
        assert not any(word in done.stderr for word in words[6:12]), "words that were right are not printed"
    misspelt = [*words[:7], "xxxxx", *words[8:]]
    assert "8" in check_words(misspelt, deployment).stderr, "the word that cannot be one is named"
    assert check_words(words, made.folder / "nowhere").returncode == 66


def test_recovery_words_of_another_deployment_are_wrong(tmp_path_factory: pytest.TempPathFactory) -> None:
    other = template(tmp_path_factory, "operator")
    done = check_words(template(tmp_path_factory).printed["recoveryWords"], other.deployment.folder)
    assert done.returncode == 65 and done.stderr.strip()


# Joining

def test_somebody_joins_and_is_admitted_by_their_fingerprint(office: Office) -> None:
    nadia, coordinator = office.join("nadia"), office.coordinator
    keys = Keys.read(nadia.key_file, nadia.passphrase)
    assert nadia.fingerprint == keys.fingerprint, "what people compare is what formats.md says"
    assert stat.S_IMODE(nadia.key_file.stat().st_mode) == 0o600
    assert nadia.passphrase not in nadia.request.read_text()
    keys.write(nadia.key_file, nadia.passphrase)

    assert "not" in nadia.sila("whoami", "--fingerprint", office.words, status=65), "nobody knows her yet"
    before = key_files(office)
    wrong = Keys("nadia").fingerprint
    said = coordinator.sila("staff", "add", nadia.request, "--role", "intern", "--fingerprint", wrong, status=65)
    assert nadia.fingerprint in said, "both can be compared"
    unseen = coordinator.sila("staff", "add", nadia.request, "--role", "intern", status=66)
    assert "--fingerprint" in unseen
    # Keys put into a request on its way: the signature does not hold.
    forged = json.loads(nadia.request.read_text())
    forged["sealingKey"] = b64(Keys("nadia").sealing_public)
    nadia.request.with_suffix(".forged").write_text(json.dumps(forged))
    for fingerprint in (nadia.fingerprint, wrong):
        coordinator.sila("staff", "add", nadia.request.with_suffix(".forged"), "--role", "intern", "--fingerprint",
                         fingerprint, status=65)
    assert key_files(office) == before, "refused, and nothing was done"

    coordinator.sila("staff", "add", nadia.request, "--role", "intern", "--fingerprint", nadia.fingerprint)
    assert "not" in nadia.sila("whoami", "--fingerprint", nadia.fingerprint, status=65).lower()
    mine = nadia.json("whoami", "--fingerprint", office.words)
    assert (mine["member"], mine["role"]) == ("nadia", "intern")
    assert nadia.inbox() == []
    conversation = practice(nadia)
    assert [row["id"] for row in nadia.inbox()] == [conversation]
    for refused in (["audit", "list"], ["rotate"], ["staff", "add", nadia.request, "--role", "staff", "--fingerprint",
                                                    nadia.fingerprint], ["contact", "export", conversation],
                    ["assign", conversation, "nadia"]):
        assert nadia.sila(*refused, status=77), refused


def test_the_same_name_and_the_same_keys_are_taken_once(office: Office) -> None:
    roos = office.admit_quickly("roos-once", "staff")
    before = key_files(office)
    again = Keys("roos-once")
    roos.request.write_text(again.request)
    assert office.coordinator.sila(
        "staff", "add", roos.request, "--role", "staff", "--fingerprint", again.fingerprint, status=65)
    mine = office.keys("roos-once")
    other = Keys("other", mine.signing.private_bytes_raw(), mine.sealing.private_bytes_raw())
    roos.request.write_text(other.request)
    assert office.coordinator.sila(
        "staff", "add", roos.request, "--role", "staff", "--fingerprint", other.fingerprint, status=65)
    assert key_files(office) == before


def in_terminal(member: Member, *arguments: str) -> str:
    """What a command shows on a terminal that has colours."""
    environment = {
        **os.environ, **member.environment, "SILA_PASSPHRASE_FILE": str(member.passphrase_file),
        "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    child, terminal = pty.fork()
    if child == 0:
        os.execve(str(BINARIES / "sila"), ["sila", *arguments], environment)
    shown = b""
    with contextlib.suppress(OSError):  # EIO: the other end is closed
        while part := os.read(terminal, 65536):
            shown += part
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    return shown.decode()


def test_the_only_holder_of_a_key_is_shown_red(new_office: Callable[..., Office]) -> None:
    office = new_office()
    office.bridge.start(online=False)
    coordinator = office.coordinator
    (alone,) = coordinator.json("staff", "list")["members"]
    assert alone["sole"] == ["conversation", "desk", "casework", "payments"]
    assert "SOLE" in coordinator.sila("staff", "list") and "\x1b" not in coordinator.sila("staff", "list")
    shown = in_terminal(coordinator, "staff", "list")
    assert any(red in shown for red in ("\x1b[31m", "\x1b[1;31m", "\x1b[91m", "\x1b[1m\x1b[31m")), shown
    office.admit_quickly("roos", "staff")
    members = {row["member"]: row for row in coordinator.json("staff", "list")["members"]}
    assert members["coordinator"]["sole"] == ["payments"] and members["roos"]["sole"] == []
    office.admit_quickly("femke", "finance")
    assert all(row["sole"] == [] for row in coordinator.json("staff", "list")["members"])
    assert "SOLE" not in coordinator.sila("staff", "list")
    # Nobody is left to sign: the last coordinator cannot go.
    before = key_files(office)
    for command in (["staff", "leave", "coordinator", "--yes"], ["staff", "revoke", "coordinator"],
                    ["staff", "role", "coordinator", "staff"]):
        assert coordinator.run(*command).returncode in (65, 77), command
    assert key_files(office) == before


# Leaving

def test_who_is_revoked_reads_nothing_that_comes_after(office: Office, tmp_path: Path) -> None:
    sara = office.admit_quickly("sara", "staff")
    keys = office.keys("sara")
    sara.unlock()
    conversation = practice(office.coordinator)
    sara.items(conversation)
    old = snapshot(office, tmp_path / "old")
    before = opener(old, keys).opened(copy_database(office, tmp_path / "before.sqlite"))
    assert before, "as long as she belongs she reads"
    said = office.coordinator.sila("staff", "revoke", "sara")
    assert "sara" in said
    for command in (["inbox"], ["show", conversation], ["staff", "list"]):
        assert sara.run(*command).returncode == 77, command
    # The same contact, the same day, the running daemon: a key of before must not be used on.
    office.coordinator.sila("note", conversation, "a note after she was gone")
    office.coordinator.sila("reply", conversation, "words after she was gone")
    after = copy_database(office, tmp_path / "after.sqlite")
    with_all = opener(snapshot(office, tmp_path / "new"), office.keys()).opened(after)
    assert any(b"words after she was gone" in record for record in with_all)
    assert any(b"a note after she was gone" in record for record in with_all)
    hers = [*opener(old, keys).opened(after), *opener(tmp_path / "new", keys).opened(after)]
    assert set(hers) == set(before), "what she could read stays readable to her, and that is said; nothing else"
    assert opener(tmp_path / "new", keys).opened(after) == [], "nothing in the new keyring is wrapped for her"


def test_who_leaves_hands_on_what_is_open(office: Office) -> None:
    coordinator = office.coordinator
    lotte, joris = office.admit_quickly("lotte", "staff"), office.admit_quickly("joris", "staff")
    conversation = practice(lotte)
    lotte.sila("task", "add", conversation, "call the doctor")
    before = key_files(office)
    asked = coordinator.sila("staff", "leave", "lotte", "--to", "joris", status=66)
    assert "--yes" in asked
    coordinator.sila("staff", "leave", "lotte", "--to", "nobody-of-this-name", "--yes", status=65)
    assert key_files(office) == before, "not confirmed: nothing was done"
    said = coordinator.sila("staff", "leave", "lotte", "--to", "joris", "--yes")
    assert conversation in said and "joris" in said, "what was open is listed"
    row = next(row for row in joris.inbox() if row["id"] == conversation)
    assert row["assigned"] == "joris"
    assert lotte.run("inbox").returncode == 77
    assert "lotte" not in [row["member"] for row in coordinator.json("staff", "list")["members"]]
    lotte.request.write_text((again := Keys("lotte")).request)
    coordinator.sila(
        "staff", "add", lotte.request, "--role", "staff", "--fingerprint", again.fingerprint, status=65)


def test_rotation_makes_new_keys_and_keeps_what_was(office: Office, tmp_path: Path) -> None:
    coordinator = office.coordinator
    piet = office.admit_quickly("piet", "staff")
    conversation = practice(piet)
    texts = [item["text"] for item in piet.items(conversation)]
    desk, spoken = office.archive_key("desk"), office.archive_key("conversation")
    coordinator.sila("rotate", "desk")
    assert office.archive_key("desk") != desk and office.archive_key("conversation") == spoken
    coordinator.sila("rotate")
    assert office.archive_key("conversation") != spoken
    piet.sila("note", conversation, "after the rotation")
    piet.sila("reply", conversation, "said after the rotation")
    now = [item["text"] for item in piet.items(conversation)]
    assert now[:len(texts)] == texts, "what was stays readable"
    assert "after the rotation" in now and "said after the rotation" in now
    with contextlib.closing(sqlite3.connect(f"file:{office.database}?mode=ro", uri=True)) as store:
        (wrapped,), = store.execute(
            "SELECT s.wrapped FROM message m JOIN segment s ON s.id = m.segment_id WHERE m.direction = 'out' "
            "AND m.conversation_id = ? ORDER BY m.id DESC LIMIT 1", (int(conversation[1:]),)).fetchall()
    assert wrapped[1:17] == office.archive_key("conversation"), "sealed to the new key at once"


def test_new_recovery_words_open_what_comes_after_and_the_old_do_not(
    new_office: Callable[..., Office], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    office = new_office()
    office.bridge.start(online=False)
    old = recovery_keys(template(tmp_path_factory).printed["recoveryWords"])
    conversation = practice(office.coordinator)
    made = office.coordinator.json("rotate", "--recovery-key")
    new = recovery_keys(made["recoveryWords"])
    office.coordinator.sila("note", conversation, "--confidential", "after the new words")
    database, folder = copy_database(office, tmp_path / "copy.sqlite"), snapshot(office, tmp_path / "files")
    by_new, by_old = opener(folder, new).opened(database), opener(folder, old).opened(database)
    assert any(b"after the new words" in record for record in by_new) and len(by_new) > 1
    assert not any(b"after the new words" in record for record in by_old)
    deployment = office.bridge.deployment.folder
    assert check_words(made["recoveryWords"], deployment).returncode == 0
    assert check_words(template(tmp_path_factory).printed["recoveryWords"], deployment).returncode == 65


# Passphrases

def test_a_wrong_passphrase_is_said_and_changes_nothing(office: Office) -> None:
    emma = office.admit_quickly("emma", "staff")
    key_file = emma.key_file.read_bytes()
    wrong = emma.runtime / "wrong"
    write_secret(wrong, "four words of another")
    for command in (["inbox"], ["unlock"], ["staff", "list"], ["note", "c1", "x"]):
        done = emma.run(*command, environment={"SILA_PASSPHRASE_FILE": str(wrong)})
        assert done.returncode == 65, (command, done)
        assert "passphrase is wrong" in done.stderr and not done.stdout
    assert agent_process(emma) is None
    assert emma.key_file.read_bytes() == key_file
    assert bare(emma, "inbox").returncode == 66, "nobody to ask"
    assert emma.run("inbox").returncode == 0


@pytest.mark.parametrize("which", ["key file", "passphrase file"])
def test_a_file_that_others_could_read_is_refused(office: Office, which: str) -> None:
    marie = office.admit_quickly(f"marie-{which.split()[0]}", "staff")
    path = marie.key_file if which == "key file" else marie.passphrase_file
    os.chmod(path, 0o644)
    assert marie.run("inbox").returncode == 77
    os.chmod(path, 0o600)
    assert marie.run("inbox").returncode == 0


def test_a_forgotten_passphrase_is_mended_with_new_keys(office: Office) -> None:
    tess = office.admit_quickly("tess", "staff")
    conversation = practice(tess)
    tess.sila("note", conversation, "what she wrote before")
    before, old_keys = tess.items(conversation), office.keys("tess")
    old_file = tess.key_file.read_bytes()
    refused = tess.sila("join", "--name", "tess", "--socket", office.socket, status=73)
    assert "--new-keys" in refused
    office.join("tess", "--new-keys")
    assert old_file in [path.read_bytes() for path in tess.folder.iterdir() if path.is_file()], "the old key file is kept"
    new_keys = Keys.read(tess.key_file, tess.passphrase)
    new_keys.write(tess.key_file, tess.passphrase)
    assert tess.run("inbox").returncode in (65, 77), "not before a coordinator did it"
    wrong = office.coordinator.sila(
        "staff", "rekey", tess.request, "--fingerprint", old_keys.fingerprint, status=65)
    assert tess.fingerprint in wrong
    said = office.coordinator.sila("staff", "rekey", tess.request, "--fingerprint", tess.fingerprint).lower()
    assert "tess" in said and "lost" in said and "not sent" in said.replace("\n", " "), said
    assert [item["text"] for item in tess.items(conversation)] == [item["text"] for item in before]
    # The old keys are nobody's now.
    old = StaffAPI(office.socket, old_keys)
    with pytest.raises(AssertionError, match="unauthenticated"):
        old.log_in()


def test_a_lost_machine_reads_nothing_that_comes_after(office: Office, tmp_path: Path) -> None:
    mies = office.admit_quickly("mies", "staff")
    conversation, stolen = practice(mies), office.keys("mies")
    old = snapshot(office, tmp_path / "old")
    keys = Keys("mies")
    mies.request.write_text(keys.request)
    office.coordinator.sila("staff", "rekey", mies.request, "--fingerprint", keys.fingerprint, "--machine-lost")
    keys.write(mies.key_file, mies.passphrase)
    mies.sila("reply", conversation, "said after the theft")
    assert "said after the theft" in [item["text"] for item in mies.items(conversation)]
    database, new = copy_database(office, tmp_path / "copy.sqlite"), snapshot(office, tmp_path / "new")
    stolen_reads = [*opener(old, stolen).opened(database), *opener(new, stolen).opened(database)]
    assert stolen_reads and not any(b"said after the theft" in record for record in stolen_reads)
    assert any(b"said after the theft" in record for record in opener(new, keys).opened(database))
