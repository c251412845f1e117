"""Voice notes, photos and documents of a contact: from a real upload server into the hands of staff, byte for byte; and
servers that fail, lie, or are slow."""

from __future__ import annotations

import re
import secrets
import stat
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import pytest

import canaries
import staff
from attachments import fetch, file_server, lay_down, opened, seal, send_file
from conftest import REPOSITORY, FIRST_PORT, LAST_PORT
from silatools import ports
from silatools.prosody import Prosody
from staff import Helpline, Member

make_helpline = staff.make_helpline
VOICE = b"OggS" + secrets.token_bytes(34_000)
PHOTO = b"\xff\xd8\xff\xe0" + secrets.token_bytes(120_000) + b"\xff\xd9"


@pytest.fixture(scope="module")
def upload_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prosody]:
    """A Prosody with a file share."""
    port = ports.find_free(FIRST_PORT, LAST_PORT)
    upload_port = ports.find_free(FIRST_PORT, LAST_PORT)
    prosody = Prosody(tmp_path_factory.mktemp("prosody-files"), port, upload_port=upload_port)
    prosody.start()
    yield prosody
    prosody.stop()


class Case:
    """A bridge that fetches, its coordinator, and a contact."""

    def __init__(self, helpline: Helpline, server: Prosody, contact: Any) -> None:
        self.helpline, self.server, self.contact = helpline, server, contact
        self.member: Member = helpline.coordinator

    @property
    def folder(self) -> Path:
        return self.helpline.bridge.deployment.folder / "store" / "attachments"

    @property
    def log(self) -> str:
        return self.helpline.bridge.daemon.log.read_text("utf-8", "replace")

    def files(self) -> List[Dict[str, Any]]:
        """The messages with a file, of the only conversation."""
        (row,) = self.member.inbox()
        return [item for item in self.member.items(row["id"]) if item.get("attachment")]

    def wait(self, what: str, condition: Callable[[List[Dict[str, Any]]], bool]) -> List[Dict[str, Any]]:
        """The messages with a file, once they are as wanted; each event of the bridge is a reason to look."""
        with self.member.watch() as watch:
            for number in range(1, 60):
                watch.wait(what, lambda event: event["kind"] in ("item", "itemChanged"), 60, count=number)
                files = self.files() if self.member.inbox() else []
                if condition(files):
                    return files
        raise AssertionError(f"waited in vain for {what}")


@pytest.fixture
def case(upload_server: Prosody, make_helpline, make_contact) -> Case:
    helpline = make_helpline(upload_server)
    helpline.bridge.start()
    made = Case(helpline, upload_server, make_contact(upload_server, "safia").connect())
    made.member.unlock()
    return made


def states(files: List[Dict[str, Any]]) -> List[str]:
    return [item["attachment"]["state"] for item in files]


def sentence(variety: str, key: str) -> str:
    text = (REPOSITORY / "Translations" / variety / "bot.po").read_text("utf-8")
    return re.search(rf'msgid "{re.escape(key)}"\nmsgstr "(.*)"', text)[1]


def test_a_voice_note_and_a_photo_reach_staff_as_they_were_sent(case: Case, tmp_path: Path):
    contact, member = case.contact, case.member
    addresses = [send_file(contact, case.server, case.helpline.jid, "memo 1.ogg", VOICE)]
    assert sentence("ar", "attachment.voice") in contact.wait_texts(1, 60)[0], "a person will listen"
    contact.send(case.helpline.jid, "Merci, je vous envoie aussi une photo")
    contact.wait_texts(2, 60)
    addresses.append(send_file(contact, case.server, case.helpline.jid, "IMG_0001.jpg", PHOTO))
    assert sentence("fr", "attachment.file") in contact.wait_texts(3, 60)[2], "in the language of the conversation"
    voice, photo = case.wait("both files", lambda files: states(files) == ["fetched", "fetched"])

    assert [voice["attachment"][key] for key in ("kind", "name", "size", "heardAt")] == [
        "voice", "memo 1.ogg", len(VOICE), ""]
    assert [photo["attachment"][key] for key in ("kind", "name", "size")] == ["photo", "IMG_0001.jpg", len(PHOTO)]
    assert voice["text"] == "" and voice["protection"] == "end-to-end", "no address and no key among the words"
    (row,) = member.inbox()
    assert row["unheardVoice"] == 1 and row["waitsSince"], "and a person must look"
    shown = member.sila("show", row["id"])
    a_voice, a_photo = voice["attachment"]["id"], photo["attachment"]["id"]
    assert f"[voice note, length not known, 34 kB - {a_voice}; not heard yet]" in shown
    assert f"[photo, 'IMG_0001.jpg', 120 kB - {a_photo}]" in shown

    # What is on the disk is what came, and nobody else's to read.
    on_disk = sorted(case.folder.iterdir(), key=lambda path: path.stat().st_size)
    assert [path.stat().st_size for path in on_disk] == [len(VOICE) + 16, len(PHOTO) + 16]
    assert {stat.S_IMODE(path.stat().st_mode) for path in on_disk} == {0o600}
    assert stat.S_IMODE(case.folder.stat().st_mode) == 0o700

    # Saved: byte for byte, for this user only, never over another file.
    saved = tmp_path / "saved.jpg"
    member.sila("attachment", "save", a_photo, saved)
    assert saved.read_bytes() == PHOTO and stat.S_IMODE(saved.stat().st_mode) == 0o600
    saved.write_bytes(b"mine")
    assert "is there already" in member.sila("attachment", "save", a_photo, saved, status=73)
    assert saved.read_bytes() == b"mine"

    # Opened: the program sees the file, which is gone after; the voice note counts as heard.
    player, played = tmp_path / "player", tmp_path / "played"
    player.write_text(f'#!/bin/sh\ncp "$1" {played}\necho "$1" > {played}.path\nstat -c %a "$1" > {played}.mode\n')
    player.chmod(0o700)
    assert [found["id"] for found in member.inbox("--voice")] == [row["id"]]
    member.sila("attachment", "open", a_voice, "--with", player)
    path = Path(Path(f"{played}.path").read_text().strip())
    assert played.read_bytes() == VOICE and path.suffix == ".ogg" and Path(f"{played}.mode").read_text() == "600\n"
    assert not path.exists() and not path.parent.exists(), "nothing of it stays"
    assert member.inbox("--voice") == [] and member.inbox()[0]["unheardVoice"] == 0
    assert f"{a_voice}; heard by coordinator]" in member.sila("show", row["id"])
    member.sila("attachment", "heard", a_voice, "--undo")
    assert member.inbox("--voice")[0]["unheardVoice"] == 1

    kinds = [line["kind"] for line in member.json("audit", "list")["lines"]]
    assert kinds.count("attachment-served") == 2 and "attachment-heard" in kinds

    # No address and no key anywhere; they are asked for with the log at its most talkative in test_nothing_of_it.
    secret = [part for address in addresses for part in (address.split("#")[1], address.split("#")[1][24:])]
    ours = canaries.files_in(case.helpline.bridge.deployment.folder)
    assert canaries.find(secret, ours) == []
    assert VOICE[100:200] not in b"".join(path.read_bytes() for path in ours)

    # Erased: the files go too.
    member.sila("contact", "erase", row["id"], "--confirm", row["contact"])
    assert list(case.folder.iterdir()) == []
    assert "no such attachment" in member.sila("attachment", "save", a_photo, tmp_path / "gone", status=66)


def test_the_oldest_unheard_voice_comes_first(case: Case, make_contact):
    second = make_contact(case.server, "karim").connect()
    for contact in (case.contact, second, case.contact):
        seen = contact.mark
        send_file(contact, case.server, case.helpline.jid, "v.m4a", VOICE)
        contact.wait_texts(1, 60, start=seen)
    third = make_contact(case.server, "noor").connect()
    third.send(case.helpline.jid, "no voice here")
    third.wait_texts(1, 60)
    rows = case.member.inbox("--voice")
    assert [row["unheardVoice"] for row in rows] == [2, 1], "the one whose oldest note came first"
    assert "voice" in case.member.sila("inbox", "--voice")


def test_staff_have_it_and_the_bot_is_silent(case: Case):
    case.contact.send(case.helpline.jid, "hello")
    case.contact.wait_texts(1, 60)
    (row,) = case.member.inbox()
    case.member.sila("takeover", row["id"])
    send_file(case.contact, case.server, case.helpline.jid, "v.ogg", VOICE)
    case.wait("the file", lambda files: states(files) == ["fetched"])
    case.contact.flush()
    assert len(case.contact.texts()) == 1
    assert case.member.inbox()[0]["waitsSince"]


def address(place: str, path: str, fragment: str) -> str:
    return f"aesgcm://{place}{path}#{fragment}"


def test_servers_that_fail(case: Case, tmp_path: Path):
    """Each is shown as what it is; none holds up another, none is opened."""
    sealed, fragment = seal(VOICE)

    def whole(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(sealed)))
        handler.end_headers()
        handler.wfile.write(sealed)

    def cut(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(sealed)))
        handler.end_headers()
        handler.wfile.write(sealed[:1000])
        handler.close_connection = True

    def large(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(3_000_000_000))
        handler.end_headers()

    def endless(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            for _ in range(100):
                handler.wfile.write(bytes(1_000_000))
        except OSError:
            pass

    def tampered(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(sealed)))
        handler.end_headers()
        handler.wfile.write(sealed[:500] + bytes([sealed[500] ^ 1]) + sealed[501:])

    def plain_redirect(handler: Any) -> None:
        handler.send_response(302)
        handler.send_header("Location", "http://127.0.0.1:1/x.ogg")
        handler.end_headers()

    answers = {
        "/cut.ogg": cut, "/large.ogg": large, "/endless.ogg": endless, "/tampered.ogg": tampered,
        "/redirect.ogg": plain_redirect, "/whole.ogg": whole}
    with file_server(case.server, answers) as place:
        for path in ["/gone.ogg", *answers]:
            case.contact.send(case.helpline.jid, address(place, path, fragment))
        files = case.wait("all to be tried", lambda files: len(files) == 7 and all(
            item["attachment"]["state"] != "waiting" or item["attachment"]["attempts"] for item in files))
    found = {item["attachment"]["name"]: item["attachment"] for item in files}
    assert {name: (one["state"], one["failure"]) for name, one in found.items()} == {
        "gone.ogg": ("waiting", "gone"), "cut.ogg": ("waiting", "cut"), "large.ogg": ("too-large", "too-large"),
        "endless.ogg": ("too-large", "too-large"), "tampered.ogg": ("fetched", ""),
        "redirect.ogg": ("waiting", found["redirect.ogg"]["failure"]), "whole.ogg": ("fetched", "")}
    save = lambda name, status: case.member.sila(  # noqa: E731
        "attachment", "save", found[name]["id"], tmp_path / name, status=status)
    assert "tried 1 times (gone), and tries again" in save("gone.ogg", 75)
    assert "larger than the bridge takes" in save("large.ogg", 66)
    assert "not what was sent" in save("tampered.ogg", 65)
    assert sorted(path.name for path in tmp_path.glob("*.ogg")) == [], "nothing was made"
    save("whole.ogg", 0)
    assert (tmp_path / "whole.ogg").read_bytes() == VOICE
    (row,) = case.member.inbox()
    shown = case.member.sila("show", row["id"])
    assert "not here yet: 1 try in vain (gone)" in shown and "NOT FETCHED: too large" in shown
    assert sorted(path.suffix for path in case.folder.iterdir()) == ["", ""], "no half files"


def test_what_is_no_attachment_stays_words(case: Case):
    text = "aesgcm://upload.example.org/a.ogg#00ff"
    case.contact.send(case.helpline.jid, text)
    case.contact.wait_texts(1, 60)
    (row,) = case.member.inbox()
    items = case.member.items(row["id"])
    assert items[0]["text"] == text and not items[0].get("attachment")


def test_an_unencrypted_photo_is_sealed_here(case: Case, tmp_path: Path):
    url = lay_down(case.contact, case.server, "house.jpg", PHOTO)
    case.contact.raw(
        f"""<message xmlns='jabber:client' type='chat' to='{case.helpline.jid}' id='{secrets.token_hex(8)}'>
        <body>{url}</body><x xmlns='jabber:x:oob'><url>{url}</url></x></message>""")
    (photo,) = case.wait("the photo", lambda files: states(files) == ["fetched"])
    assert photo["protection"] == "none"
    ours = b"".join(path.read_bytes() for path in canaries.files_in(case.helpline.bridge.deployment.folder))
    assert PHOTO[1000:1100] not in ours, "not in the clear on our disk"
    case.member.sila("attachment", "save", photo["attachment"]["id"], tmp_path / "house.jpg")
    assert (tmp_path / "house.jpg").read_bytes() == PHOTO


def test_killed_between_commit_and_download(case: Case, tmp_path: Path):
    """The file waits in the store, and is fetched after the next start."""
    import threading

    sealed, fragment = seal(VOICE)
    asked, go = threading.Event(), threading.Event()

    def slow(handler: Any) -> None:
        asked.set()
        go.wait(60)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(sealed)))
        handler.end_headers()
        try:
            handler.wfile.write(sealed)
        except OSError:
            pass

    with file_server(case.server, {"/slow.ogg": slow}) as place:
        case.contact.send(case.helpline.jid, address(place, "/slow.ogg", fragment))
        assert asked.wait(60), "it is being fetched"
        case.helpline.bridge.daemon.kill()
        go.set()
        case.helpline.bridge.daemon.start()
        (file,) = case.wait("the file after the restart", lambda files: states(files) == ["fetched"])
        case.member.sila("attachment", "save", file["attachment"]["id"], tmp_path / "v.ogg")
    assert (tmp_path / "v.ogg").read_bytes() == VOICE
    assert len(list(case.folder.iterdir())) == 1


def test_no_server_in_our_own_network_is_asked(upload_server: Prosody, make_helpline, make_contact):
    helpline = make_helpline(upload_server)
    config = helpline.bridge.deployment.config
    config.write_text(config.read_text().replace("private-addresses: true", "private-addresses: false"))
    helpline.bridge.start()
    case = Case(helpline, upload_server, make_contact(upload_server, "safia").connect())
    case.member.unlock()
    _, fragment = seal(VOICE)
    asked: List[str] = []
    with file_server(upload_server, {"/a.ogg": lambda handler: asked.append(handler.path)}) as place:
        port = place.split(":")[1]
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"):
            case.contact.send(helpline.jid, address(f"{host}:{port}", "/a.ogg", fragment))
        files = case.wait("all refused", lambda files: states(files) == ["failed"] * 4)
    assert {item["attachment"]["failure"] for item in files} == {"private-address"} and asked == []


# From staff to a contact

def test_a_file_of_staff_reaches_the_contact(case: Case, tmp_path: Path):
    case.contact.send(case.helpline.jid, "hello")
    case.contact.wait_texts(1, 60)
    (row,) = case.member.inbox()
    letter = tmp_path / "letter of Amina.pdf"
    letter.write_bytes(b"%PDF-1.7" + secrets.token_bytes(300_000))
    sent = case.member.json("reply", row["id"], "--attach", letter)
    case.member.sila("reply", row["id"], "the letter is above")
    texts = case.contact.wait_texts(3, 60)
    assert texts[2] == "the letter is above", "in their order"
    url, fragment = texts[1].split("#")
    assert url.startswith("aesgcm://127.0.0.1:") and url.endswith(".pdf") and "Amina" not in url
    assert len(fragment) == 88
    sealed = fetch(case.server, url.replace("aesgcm://", "https://"))
    assert opened(sealed, fragment) == letter.read_bytes()
    (item,) = case.files()
    assert (item["id"], item["from"], item["attachment"]["name"]) == (sent["id"], "staff", letter.name)
    assert item["attachment"]["state"] == "uploaded"
    # What we sent can be looked at again.
    case.member.sila("attachment", "save", item["attachment"]["id"], tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == letter.read_bytes()
    ours = canaries.files_in(case.helpline.bridge.deployment.folder)
    assert canaries.find([fragment, fragment[24:], "letter of Amina"], ours) == []


def test_a_file_of_staff_waits_for_a_decision_about_a_new_device(case: Case, make_contact, tmp_path: Path):
    case.contact.send(case.helpline.jid, "hello")
    case.contact.wait_texts(1, 60)
    tablet = make_contact(case.server, "safia", resource="tablet").connect()
    tablet.send(case.helpline.jid, "hello again")
    tablet.wait_texts(1, 60)
    (row,) = case.member.inbox()
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF-1.7" + secrets.token_bytes(3_000))
    mark = tablet.mark
    assert case.member.json("reply", row["id"], "--attach", letter)["done"] == "held"
    case.wait("the file to be laid down", lambda files: states(files) == ["uploaded"])
    # The bot's answer to what comes after shows that the way is free, for what is for everybody.
    tablet.send(case.helpline.jid, "and a question")
    (general,) = tablet.wait_texts(1, 60, mark)
    assert not general.startswith("aesgcm:")
    assert "HELD: new device" in case.member.sila("show", row["id"])
    case.member.sila("device", "confirm", row["id"], 2)
    url, fragment = tablet.wait_texts(2, 60, mark)[1].split("#")
    assert opened(fetch(case.server, url.replace("aesgcm://", "https://")), fragment) == letter.read_bytes()


def test_a_file_that_the_server_does_not_take_fails_and_words_go_on(case: Case, tmp_path: Path):
    case.contact.send(case.helpline.jid, "hello")
    case.contact.wait_texts(1, 60)
    (row,) = case.member.inbox()
    film = tmp_path / "film.mp4"
    film.write_bytes(bytes(5_000_000))
    case.member.sila("reply", row["id"], "--attach", film)
    (item,) = case.wait("the refusal", lambda files: states(files) == ["too-large"])
    assert item["stage"] == "failed" and "4194304" in item["code"], "with the server's own limit"
    case.member.sila("reply", row["id"], "the film was too large")
    assert case.contact.wait_texts(2, 60)[1] == "the film was too large"
    assert "NOT DELIVERED" in case.member.sila("show", row["id"])


def test_a_photo_of_staff_tells_no_place(case: Case, tmp_path: Path):
    case.contact.send(case.helpline.jid, "hello")
    case.contact.wait_texts(1, 60)
    (row,) = case.member.inbox()
    exif = b"Exif\0\0II*\0\x08\0\0\0\0\0" + b"51.9244N 4.4777E"
    photo = tmp_path / "map.jpg"
    photo.write_bytes(
        b"\xff\xd8\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + b"\xff\xda\0\x08\1\1\0\0\x3f\0abc\xff\xd9")
    case.member.sila("reply", row["id"], "--attach", photo)
    url, fragment = case.contact.wait_texts(2, 60)[1].split("#")
    clear = opened(fetch(case.server, url.replace("aesgcm://", "https://")), fragment)
    assert clear.startswith(b"\xff\xd8") and clear.endswith(b"abc\xff\xd9") and b"51.92" not in clear


def test_nothing_goes_to_whom_it_could_not_be_encrypted(case: Case, tmp_path: Path):
    case.contact.send(case.helpline.jid, "hello", encrypted=False)
    case.contact.wait_texts(1, 60)
    (row,) = case.member.inbox()
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    assert "without encryption" in case.member.sila(
        "reply", row["id"], "--attach", tmp_path / "a.pdf", status=case.member.run(
            "reply", row["id"], "--attach", tmp_path / "a.pdf").returncode)
    assert case.files() == []
