"""Invited by QR: staff make a card, a phone reads it, an account comes into being, and the helpline answers on it.

The codes are read by zbar from what `sila` prints, draws and puts on paper, never from its JSON; the account is made as
an app makes it (XEP-0445), or logged in to as Conversations and Monal do.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple

import pytest
import yaml

import staff
from canaries import find
from conftest import BINARIES, Bridge
from language import assert_is
from raw_client import RawStream
from silatools.contact import Contact
from silatools.server import Server
from staff import Helpline

make_helpline = staff.make_helpline
LANGUAGES = ["ar", "ary", "ary-Latn", "en", "fr", "nl"]
KEY = re.compile(r"omemo-sid-(\d+)=([0-9a-f]{64})")


class Joined(NamedTuple):
    """Somebody with an account, and where they write to."""

    jid: str
    password: str
    bridge: str
    #: Device and key of the bridge, as they stand in the code.
    key: List[str]


@pytest.fixture
def helpline(server: Server, make_helpline: Callable[..., Helpline]) -> Helpline:
    made = make_helpline(server)
    made.bridge.start()
    made.coordinator.unlock()
    return made


def read_codes(picture: Path) -> List[str]:
    """What a camera reads; the code that logs in first."""
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(picture)], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"no code was read in {picture}: {done.stderr}"
    return sorted(done.stdout.splitlines(), key=lambda text: not text.startswith("{"))


def as_picture(printed: str, path: Path) -> Path:
    """A QR code of the terminal as a camera sees it: two modules a character, light where a block is drawn (PGM)."""
    lines = [line for line in printed.splitlines() if line and set(line) <= set("█▀▄ ") and len(line) > 20]
    assert lines, printed
    rows = []
    for line in lines:
        rows += [[character in upper for character in line] for upper in ("█▀", "█▄")]
    pixels = [" ".join(("255 " if light else "0 ") * 4 for light in row) for row in rows for _ in range(4)]
    path.write_text(f"P2\n{len(lines[0]) * 4} {len(rows) * 4}\n255\n" + "\n".join(pixels) + "\n")
    return path


def preauth(stream: RawStream, server: Server, token: str) -> str:
    return stream.ask(
        f"<iq type='set' id='token' to='{server.domain}'><preauth xmlns='urn:xmpp:pars:0' token='{token}'/></iq>",
        "id='token'[^>]*/>|id='token'.*</iq>")


def join(server: Server, codes: List[str], name: str) -> Joined:
    """Does what an app does with the codes of a card."""
    if len(codes) == 1:
        address, query = codes[0].removeprefix("xmpp:").split("?")
        parts = query.split(";")
        assert parts[0] == "roster" and "ibr=y" in parts
        [token] = [part.removeprefix("preauth=") for part in parts if part.startswith("preauth=")]
        password = secrets.token_hex(8)
        with RawStream(server) as stream:
            assert "type='result'" in preauth(stream, server, token)
            made = stream.ask(
                f"<iq type='set' id='make' to='{server.domain}'><query xmlns='jabber:iq:register'>"
                f"<username>{name}</username><password>{password}</password></query></iq>", "id='make'.*>")
            assert "type='result'" in made
        return Joined(f"{name}@{server.domain}", password, address, KEY.findall(codes[0])[0])
    login, us = codes
    account = json.loads(login)
    assert account["protocol"] == "xmpp"
    return Joined(
        account["address"], account["password"], us.removeprefix("xmpp:").split("?")[0], KEY.findall(us)[0])


def on_their_phone(server: Server, joined: Joined, folder: Path) -> Contact:
    return Contact(Path(sys.executable), joined.jid, joined.password, server.port, server.ca, folder / "phones")


@pytest.mark.both_servers
def test_invited_by_a_card_they_write_in_darija_and_are_answered(
    helpline: Helpline, server: Server, tmp_path: Path
) -> None:
    desk = helpline.coordinator
    printed = desk.sila("invite", "--card", tmp_path / "card.png", "--language", "ary-Latn")
    assert "Shown once" in printed and "+442079460123" in printed and "post@example.org" in printed
    codes = read_codes(tmp_path / "card.png")
    assert read_codes(as_picture(printed.split("B: then")[0], tmp_path / "terminal.pgm")) == codes[:1]
    name = f"salma-{secrets.token_hex(3)}"
    joined = join(server, codes, name)
    assert joined.bridge == helpline.jid
    identity = desk.json("bridge", "fingerprint")
    assert list(joined.key) == [str(identity["device"]), identity["fingerprint"]]

    with on_their_phone(server, joined, tmp_path) as phone:
        phone.connect()
        text = "salam, ana wslt lmaghrib. wach n9der nchki?"
        phone.send(joined.bridge, text)
        [said] = phone.wait_texts(1, 60)
        assert phone.all("received")[0]["encrypted"] is True
        assert_is(said, "darija-latin")
        conversation = desk.conversation_with(text)
        # And staff write back to somebody who was not there before.
        mark = phone.mark
        desk.sila("reply", conversation, "Salam Salma, mer7ba bik.")
        assert phone.wait_texts(1, 60, mark) == ["Salam Salma, mer7ba bik."]
    lines = [line for line in desk.json("audit", "list")["lines"] if line["kind"] == "invitation-asked"]
    assert [line["actor"] for line in lines] == ["coordinator"]


@pytest.mark.both_servers
def test_every_card_is_read_on_paper_and_on_a_screen(helpline: Helpline, server: Server, tmp_path: Path) -> None:
    for language in LANGUAGES:
        page, picture = tmp_path / f"{language}.pdf", tmp_path / f"{language}-code.png"
        made = helpline.coordinator.json("invite", "--card", page, "--language", language, "--qr", picture)
        wanted = [code for code in (made["code"], made["secondCode"]) if code]
        subprocess.run(
            ["pdftoppm", "-r", "200", "-gray", str(page), str(tmp_path / language)], check=True, timeout=60,
            stdin=subprocess.DEVNULL)
        [paper] = tmp_path.glob(f"{language}-*.pgm")
        assert read_codes(paper) == wanted and read_codes(picture) == wanted, language
        for path in (page, picture):
            assert path.stat().st_mode & 0o777 == 0o600
        size = subprocess.run(["pdfinfo", str(page)], capture_output=True, text=True, check=True, timeout=60).stdout
        assert re.search(r"Pages:\s+1\n", size) and re.search(r"Page size:\s+297\.6\d* x 419\.5\d* pts", size), size
        written = subprocess.run(["pdftotext", str(page), "-"], capture_output=True, text=True, check=True, timeout=60)
        for line in (helpline.jid, "+442079460123", "post@example.org", "Android: Conversations, Cheogram"):
            # pdftotext puts marks of direction into words beside Arabic.
            assert line in re.sub("[\u202a-\u202e]", "", written.stdout), (language, line, written.stdout)


@pytest.mark.both_servers
def test_an_invitation_makes_one_account_and_an_account_is_nobody_elses(
    helpline: Helpline, server: Server, tmp_path: Path
) -> None:
    made = [helpline.coordinator.json("invite") for _ in range(2)]
    assert made[0]["code"] != made[1]["code"]
    codes = [code for code in (made[0]["code"], made[0]["secondCode"]) if code]
    join(server, codes, f"one-{secrets.token_hex(3)}")
    if made[0]["kind"] == "invitation":
        assert made[0]["expiresAt"]
        with RawStream(server) as stream:
            token = re.search("preauth=([^;]+)", codes[0])[1]
            assert "type='error'" in preauth(stream, server, token), "it was used"
    else:
        # Who has an account makes none for others.
        with RawStream(server) as stream:
            stream.log_in(made[0]["account"].split("@")[0], made[0]["password"])
            answer = stream.ask(
                f"<iq type='set' id='make' to='{server.domain}'><query xmlns='jabber:iq:register'>"
                "<username>kadebunevu</username><password>abcdefgh</password></query></iq>", "id='make'.*>")
            assert "type='error'" in answer


@pytest.mark.both_servers
def test_nothing_of_an_invitation_stays_at_the_bridge(helpline: Helpline, server: Server) -> None:
    made = helpline.coordinator.json("invite")
    secret = [made["password"], made["account"].split("@")[0]] if made["account"] else \
        [re.search("preauth=([^;]+)", made["code"])[1]]
    helpline.bridge.stop()
    folder = helpline.bridge.deployment.folder
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert any(path.suffix == ".sqlite" for path in files) and any(path.suffix == ".log" for path in files)
    assert find(secret, files) == []


@pytest.mark.both_servers
def test_a_server_that_does_not_allow_it_is_named(
    server: Server, server_kind: str, make_bridge: Callable[..., Bridge]
) -> None:
    bridge = make_bridge(server, account="unasked", invites=False)
    bridge.start()
    said = refused(bridge)
    words = {"prosody": "lacks the role", "ejabberd": "must allow that account"}[server_kind]
    assert words in said and "config/prosody.example.cfg.lua or config/ejabberd.example.yml" in said


def test_a_bridge_off_line_says_to_try_again(own_server: Server, make_bridge: Callable[..., Bridge]) -> None:
    bridge = make_bridge(own_server)
    bridge.start()
    own_server.stop()
    bridge.daemon.wait_for_line("offline xmpp")
    assert "no connection to its server" in refused(bridge, status=75)


def test_without_a_telephone_and_a_second_way_the_keys_are_named(
    server: Server, make_bridge: Callable[..., Bridge]
) -> None:
    bridge = make_bridge(server)
    config = bridge.deployment.config
    values: Dict[str, Any] = yaml.safe_load(config.read_text())
    del values["invitation"]
    config.write_text(json.dumps(values))
    bridge.start()
    said = refused(bridge)
    assert "invitation.telephone and invitation.second-way" in said and "sila.yaml" in said


def refused(bridge: Bridge, status: int = 65) -> str:
    """What `sila invite` says when it makes none."""
    done = subprocess.run(
        [str(BINARIES / "sila"), "invite", "--socket", str(bridge.deployment.socket)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, start_new_session=True,
        env={**os.environ, **bridge.deployment.staff_environment})
    assert done.returncode == status and done.stdout == "", done.stdout + done.stderr
    return done.stderr
