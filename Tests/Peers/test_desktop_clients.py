"""A first conversation with the clients that people have on a desktop: Dino and Gajim, in their own windows.

Only with `./check --long` (or SILA_DESKTOP=1): they bring some 500 MB of packages, take a minute each, and the
mouse finds its way by places in the versions of Debian 12. The servers are those that operators are given as
examples. The screens are kept in `.build/check/screens`, to be looked at.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Iterator

import pytest

from conftest import FIRST_PORT, LAST_PORT, Bridge, account_name
from desktop import Desktop
from dino import Dino
from example_server import EXAMPLES
from gajim import Gajim
from language import assert_is
from silatools import ports
from silatools.server import Server

pytestmark = pytest.mark.skipif(
    "SILA_DESKTOP" not in os.environ, reason="takes minutes and large packages: ./check --long")
#: On loopback, and of nobody else: clients look for port 5222 of a name, and can be told no other.
ADDRESS = "127.83.76.1"
#: What is written, and the variety of the answer.
QUESTIONS = {"dino": ("lbaliza dyali ma weslatch", "darija-latin"), "gajim": ("mijn tas is niet aangekomen", "nl")}


@pytest.fixture(params=list(EXAMPLES))
def example(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    made = EXAMPLES[request.param](tmp_path / request.param, ports.find_free(FIRST_PORT, LAST_PORT))
    made.starttls_address = ADDRESS
    made.start()
    yield made
    made.stop()


@pytest.fixture
def desktop(example: Server, tmp_path: Path) -> Iterator[Desktop]:
    made = Desktop(tmp_path / "desktop", {example.domain: ADDRESS}, example.ca)
    yield made
    made.close()


@pytest.fixture
def helpline(example: Server, make_bridge) -> Bridge:
    made = make_bridge(example)
    made.start()
    return made


@pytest.fixture
def account(example: Server, request: pytest.FixtureRequest) -> str:
    user = account_name(request, "amal")
    example.add_user(user, "demo")
    return f"{user}@{example.domain}"


def test_first_conversation_with_dino(desktop, example, helpline, account):
    dino = Dino(desktop, desktop.folder / "dino", account, "demo")
    dino.open(helpline.jid)
    question, variety = QUESTIONS["dino"]
    dino.write(question)
    desktop.wait("the answer", lambda: len(dino.messages()) >= 2)
    assert_first_conversation(dino.messages(), question, variety, helpline)
    desktop.picture(f"dino-{example.NAME}")


def test_first_conversation_with_gajim(desktop, example, helpline, account):
    gajim = Gajim(desktop, desktop.folder / "gajim", account, "demo", helpline.jid)
    gajim.open()
    question, variety = QUESTIONS["gajim"]
    gajim.write(question)
    desktop.wait("the answer", lambda: len(gajim.messages()) >= 2)
    assert_first_conversation(gajim.messages(), question, variety, helpline)
    desktop.picture(f"gajim-{example.NAME}")


def assert_first_conversation(messages, question: str, variety: str, bridge: Bridge) -> None:
    (is_mine, is_encrypted, text), answer = messages
    assert (is_mine, is_encrypted, text) == (True, True, question)
    assert answer[:2] == (False, True), "the answer is encrypted"
    assert_is(answer[2], variety)
    status = bridge.deployment.status()
    assert (status["messagesIn"], status["unencryptedIn"], status["setAside"]) == (1, 0, {})
