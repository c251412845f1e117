"""The configurations that `config/` gives to operators, in real servers."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import urllib.parse
from pathlib import Path
from typing import Iterator

import pytest

from conftest import FIRST_PORT, LAST_PORT
from example_server import EXAMPLES
from raw_client import RawClient, RawStream
from silatools import ports, stream_probe
from silatools.errors import ToolError
from silatools.server import ADDRESS, Server

#: A name as the bridge draws them.
STRANGER = "kadebuneva"
#: A line of a log that tells of something wrong; of Prosody, then of ejabberd.
COMPLAINT = re.compile(r"\t(warn|error)\t|\[(warning|error|critical)\]")


@pytest.fixture(params=list(EXAMPLES))
def example(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    made = EXAMPLES[request.param](tmp_path / request.param, ports.find_free(FIRST_PORT, LAST_PORT))
    made.start()
    yield made
    made.stop()


def test_contact_and_bridge_talk_through_it(example, make_bridge, make_contact):
    bridge = make_bridge(example)
    bridge.start()
    contact = make_contact(example, "amal").connect()
    contact.send(bridge.jid, "my bag did not arrive")
    [answer] = contact.wait_texts(1, 60)
    assert contact.all("received")[0]["encrypted"] is True and answer
    # The port that stands for 443 serves clients as well.
    assert "mechanism" in stream_probe.features(ADDRESS, example.web_port, example.domain, example.ca)
    bridge.stop()
    contact.close()
    # Neither complains of the file, nor names who was there.
    log = example.log.read_text("utf-8", "replace") if example.log.exists() else ""
    assert [line for line in log.splitlines() if COMPLAINT.search(line)] == []
    assert contact.jid.split("@")[0] not in log and bridge.jid.split("@")[0] not in log


def test_a_file_is_laid_down_and_fetched(example):
    """XEP-0363: pictures and voice messages go this way."""
    example.add_user("amal", "demo")
    with RawClient(example, "amal", "demo") as client:
        slot = client.ask(
            f"<iq type='get' id='slot' to='upload.{example.domain}'><request xmlns='urn:xmpp:http:upload:0' "
            "filename='picture.bin' size='7' content-type='application/octet-stream'/></iq>", "id='slot'.*</iq>")
        too_large = client.ask(
            f"<iq type='get' id='large' to='upload.{example.domain}'><request xmlns='urn:xmpp:http:upload:0' "
            "filename='film.bin' size='99000000' content-type='application/octet-stream'/></iq>", "id='large'.*</iq>")
    assert "file-too-large" in too_large
    put, get = (re.search(rf"<{verb} url='([^']+)'", slot)[1] for verb in ("put", "get"))
    token = re.search(r"<header name='Authorization'>([^<]+)<", slot)
    headers = {"Authorization": token[1]} if token else {}
    assert https(example, "PUT", put, b"picture", headers)[0] == 201
    assert https(example, "GET", get) == (200, b"picture")


def https(server: Server, verb: str, url: str, body: bytes | None = None, headers: dict | None = None):
    """Status and body of an answer, from where the name in the URL would lead. The certificate is checked."""
    place = urllib.parse.urlsplit(url)
    context = ssl.create_default_context(cafile=str(server.ca))
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    plain = socket.create_connection((ADDRESS, place.port), timeout=30)
    connection.sock = context.wrap_socket(plain, server_hostname=place.hostname)
    try:
        connection.request(verb, place.path, body, {"Content-Type": "application/octet-stream", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_nobody_makes_an_account_without_an_invitation(example):
    # Under ejabberd the bridge makes accounts, from the address that stands for its machine; this is another one.
    with RawStream(example, source="127.0.0.2") as client:
        answer = client.ask(registration(example, STRANGER), "id='make'.*>|<stream:error>.*</stream:error>")
        assert "type='error'" in answer or "<not-authorized" in answer
    # Nor does somebody who has an account make one for others.
    example.add_user("amal", "demo")
    with RawClient(example, "amal", "demo") as client:
        assert "type='error'" in client.ask(registration(example, STRANGER), "id='make'.*>")
    with pytest.raises(ToolError, match="refused"):
        with RawStream(example) as client:
            client.log_in(STRANGER, "a password")


@pytest.mark.parametrize("example", ["ejabberd"], indirect=True)
def test_the_bridge_makes_accounts_under_drawn_names_alone(example):
    """A name that an administrator has, or will have, cannot be made."""
    example.add_user("bridge", "demo")
    with RawClient(example, "bridge", "demo") as client:
        assert "type='error'" in client.ask(registration(example, "admin"), "id='make'.*>")
        assert "type='result'" in client.ask(registration(example, STRANGER), "id='make'.*>")
        again = client.ask(registration(example, STRANGER).replace("'make'", "'again'"), "id='again'.*</iq>")
        assert "<conflict" in again
    with RawStream(example) as client:
        client.log_in(STRANGER, "a password")


@pytest.mark.parametrize("example", ["prosody"], indirect=True)
def test_an_invitation_makes_one_account(example):
    """XEP-0445: what Conversations and Monal send when somebody opens an invitation."""
    with RawStream(example) as client:
        answer = client.ask(
            f"<iq type='set' id='token' to='{example.domain}'><preauth xmlns='urn:xmpp:pars:0' "
            f"token='{example.invitation()}'/></iq>", "id='token'.*>")
        assert "type='result'" in answer
        assert "type='result'" in client.ask(registration(example, "invited"), "id='make'.*>")
    with RawStream(example) as client:
        client.log_in("invited", "a password")


@pytest.mark.parametrize("example", ["prosody"], indirect=True)
def test_invitations_make_accounts_for_whom_has_the_role(example):
    """XEP-0401: the bridge's account is given the role as the guide says; others' make contacts only."""
    for user in ("bridge", "amal"):
        example.add_user(user, "demo")
    example.let_invite("bridge")
    uris = {}
    for user in ("bridge", "amal"):
        with RawClient(example, user, "demo") as client:
            answer = client.ask(
                f"<iq type='set' id='ask' to='{example.domain}'><command action='execute' "
                "xmlns='http://jabber.org/protocol/commands' node='urn:xmpp:invite#invite'/></iq>", "id='ask'.*</iq>")
            uris[user] = re.search(r"<value>(xmpp:[^<]+)</value>", answer)[1]
    assert uris["bridge"].startswith(f"xmpp:bridge@{example.domain}?roster;preauth=")
    assert uris["bridge"].endswith(";ibr=y") and "ibr" not in uris["amal"]


@pytest.mark.parametrize("example", ["prosody"], indirect=True)
def test_prosody_finds_nothing_wrong_with_it(example):
    done = example.check()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All checks passed" in done.stdout


@pytest.mark.parametrize("example", ["ejabberd"], indirect=True)
def test_ejabberd_would_have_refused_a_key_that_it_does_not_know(example):
    """What makes the other tests a check of every key in the file."""
    example.stop()
    text = example.config.read_text()
    example._write_configuration = lambda: example.config.write_text(text.replace("max_days", "max_dayz"))
    with pytest.raises(ToolError, match="max_dayz"):
        example.start()


@pytest.mark.parametrize("example", ["ejabberd"], indirect=True)
def test_the_archive_of_ejabberd_forgets_when_told(example, make_contact):
    """The guide has a timer do it: ejabberd forgets nothing by itself."""
    amal, badr = make_contact(example, "amal").connect(), make_contact(example, "badr").connect()
    amal.send(badr.jid, "salam")
    assert badr.wait_texts(1, 30) == ["salam"]
    amal.wait("the receipt", lambda events: any(event["event"] == "receipt" for event in events), 30)
    assert example.archived() == 4, "both archives hold message and receipt"
    example.forget(32)
    assert example.archived() == 4
    example.forget(0)
    assert example.archived() == 0


def registration(server: Server, user: str) -> str:
    return (f"<iq type='set' id='make' to='{server.domain}'><query xmlns='jabber:iq:register'>"
            f"<username>{user}</username><password>a password</password></query></iq>")
