"""Conversations of profanity, an OMEMO client in C on libsignal-protocol-c, with the bridge.

profanity 0.13 on Prosody publishes its keys for those with a presence subscription only. The
bridge may not read them then, and answers the device that wrote. Where it writes first, the test
opens the keys to everybody, as other clients do by themselves.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Callable, Iterator, List, Optional

import pytest

from conftest import FIRST_PORT, LAST_PORT, Bridge, account_name
from cut_line import CutLine
from profanity import Profanity
from raw_client import create_open_device_list, open_bundles
from store_checks import intact, integrity, wait_until_confirmed

GREETING = "Salam, it is us."
#: With it, both directions swallow what is sent for a moment before the line breaks.
SEED = 5


@pytest.fixture
def make_profanity(server, tmp_path, request) -> Iterator[Callable[..., Profanity]]:
    """Makes a profanity and starts it; ends it after the test."""
    made = []

    def make(*, has_open_keys: bool = False, port: Optional[int] = None) -> Profanity:
        user = account_name(request, "ilyas")
        server.add_user(user, "demo")
        if has_open_keys:
            create_open_device_list(server, user, "demo")
        client = Profanity(server, f"{user}@{server.domain}", "demo", tmp_path / "home", port=port)
        made.append(client)
        client.start()
        if has_open_keys:
            open_bundles(server, user, "demo")
        return client

    yield make
    for client in made:
        client.close()


def test_profanity_and_slixmpp_talk(server, make_profanity, make_contact):
    """The tool itself, without a bridge."""
    contact = make_contact(server, "amal").connect()
    profanity = make_profanity(has_open_keys=True)
    profanity.chat(contact.jid)
    profanity.type("salam, this is profanity")
    assert contact.wait_texts(1, 30) == ["salam, this is profanity"]
    assert contact.all("received")[0]["encrypted"] is True
    contact.send(profanity.jid, "wa 3likom salam")
    profanity.wait_for("wa 3likom salam")


@pytest.mark.both_servers
def test_contact_on_profanity_starts(server, bridge, make_profanity):
    profanity = make_profanity()
    profanity.chat(bridge.jid)
    profanity.type("my bag did not arrive")
    assert_english_answer(profanity, bridge)


@pytest.mark.both_servers
def test_question_waits_for_a_silad_that_is_down(server, make_bridge, make_profanity):
    """The session is built from a bundle whose owner is offline."""
    bridge = make_bridge(server)
    bridge.start()
    bridge.stop()
    profanity = make_profanity()
    profanity.chat(bridge.jid)
    profanity.type("my bag did not arrive")
    profanity.wait_until_sent()
    profanity.type(f"/msg {bridge.jid}")
    bridge.start()
    assert_english_answer(profanity, bridge)


def test_conversation_in_order_with_profanity(server, echo, make_profanity):
    profanity = make_profanity()
    profanity.chat(echo.jid)
    name = re.escape(echo.jid.split("@")[0])
    for number in range(1, 11):
        profanity.type(f"number {number} from profanity")
    profanity.wait_for(rf"~ {name}[^:]*: number 10 from profanity", 60)
    echoes = re.findall(rf"(?:~ {name}[^:]*: |^\s*)number (\d+) from profanity", profanity.screen())
    mine = re.findall(r"me: number (\d+) from profanity", profanity.screen())
    assert mine, "profanity shows what was typed"
    assert [number for number in echoes] == [str(number) for number in range(1, 11)]


def test_bridge_starts_with_profanity(server, make_bridge, make_profanity):
    profanity = make_profanity(has_open_keys=True)
    made = make_bridge(server)
    made.start("silad-faults", ["--responder", "echo", "--greet", profanity.jid, "--greeting", GREETING])
    profanity.wait_for(re.escape(made.jid.split("@")[0]), 60)
    profanity.chat(made.jid)
    profanity.wait_for_message(made.jid, GREETING)
    profanity.type("salam, who is it")
    profanity.wait_for_message(made.jid, "salam, who is it")


@pytest.mark.both_servers
@pytest.mark.parametrize("leave", [Profanity.quit, Profanity.kill], ids=["quits", "is-killed"])
def test_profanity_offline_and_back(server, make_bridge, make_profanity, leave):
    """It writes while the bridge is down, and is away when the bridge answers and writes first."""
    bridge = make_bridge(server)
    bridge.start("silad-faults", ["--responder", "echo"])
    profanity = make_profanity()
    profanity.chat(bridge.jid)
    profanity.type("1")
    profanity.wait_for_message(bridge.jid, "1")
    bridge.stop()
    profanity.paste(numbers(2, 50))
    profanity.wait_until_sent()
    leave(profanity)
    bridge.start("silad-faults", ["--responder", "echo", "--greet", profanity.jid, "--greeting", GREETING])
    wait_until_confirmed(bridge, 51)
    profanity.start()
    profanity.chat(bridge.jid)
    profanity.wait_for_message(bridge.jid, "50")
    profanity.type("51")
    profanity.wait_for_message(bridge.jid, "51")
    wait_until_confirmed(bridge, 52)
    profanity.quit()
    assert_echoed(
        profanity, bridge, numbers(1, 51), greetings=1,
        is_ordered=server.KEEPS_ORDER_OVER_LINES or leave is not Profanity.kill)


@pytest.mark.both_servers
def test_line_of_profanity_breaks_while_answers_come(server, make_bridge, make_profanity):
    """It writes while the bridge is down; the bridge answers all at once, and the line breaks."""
    bridge = make_bridge(server)
    bridge.start("silad-faults", ["--responder", "echo"])
    line = CutLine(server.port, FIRST_PORT, LAST_PORT, random.Random(SEED))
    try:
        profanity = make_profanity(port=line.port)
        profanity.chat(bridge.jid)
        bridge.stop()
        profanity.paste(numbers(1, 200))
        profanity.wait_until_sent()
        profanity.type(f"/msg {bridge.jid}")
        bridge.start("silad-faults", ["--responder", "echo"])
        mark = profanity.mark
        assert line.cut(after=0), "the line had ended before"
        profanity.wait_for_message(bridge.jid, "200")
        assert re.search(r"(?s)Lost connection.*Connection re-established.*: 200\s", profanity.screen()), \
            "the last answer did not come over a second line: nothing was shown"
        profanity.wait_for_session(bridge.jid, mark)
        profanity.type("201")
        profanity.wait_for_message(bridge.jid, "201")
        wait_until_confirmed(bridge, 201)
        profanity.quit()
    finally:
        line.close()
    assert_echoed(profanity, bridge, numbers(1, 201), is_ordered=server.KEEPS_ORDER_OVER_LINES)


def test_thousand_messages_in_bursts_from_profanity(server, echo, make_profanity):
    profanity = make_profanity()
    profanity.chat(echo.jid)
    for first in (1, 251, 501, 751):
        profanity.paste(numbers(first, first + 249))
        profanity.wait_for_message(echo.jid, str(first + 249), 120)
    wait_until_confirmed(echo, 1000)
    profanity.quit()
    assert_echoed(profanity, echo, numbers(1, 1000))


def numbers(first: int, last: int) -> List[str]:
    """Messages that can be told apart. Short: profanity takes about 5 ms for a letter typed."""
    return [str(number) for number in range(first, last + 1)]


def assert_english_answer(profanity: Profanity, bridge: Bridge) -> None:
    name = re.escape(bridge.jid.split("@")[0])
    # profanity marks what came encrypted with `~` before the sender (default of /omemo char).
    first = profanity.wait_for(rf"~ {name}[^:]*: (\S.*)", 60)
    assert re.search(r"\b(you|your|the)\b", first.group(1)), f"not an answer in English: {first.group(1)}"
    assert bridge.deployment.status()["messagesIn"] == 1
    assert bridge.deployment.status()["unencryptedIn"] == 0


def assert_echoed(
    profanity: Profanity, bridge: Bridge, texts: List[str], *, greetings: int = 0, is_ordered: bool = True
) -> None:
    """All were written and came back: once, in order, encrypted, in one conversation of the store."""
    history = profanity.history(bridge.jid)
    answers = [shown.text for shown in history if not shown.is_mine]
    assert differences([shown.text for shown in history if shown.is_mine], texts) == []
    # A greeting stands where it came, between the answers.
    assert answers.count(GREETING) == greetings
    echoes = [text for text in answers if text != GREETING]
    assert differences(echoes if is_ordered else sorted(echoes, key=int), texts) == []
    assert [shown for shown in history if not shown.is_encrypted] == []
    assert integrity(bridge) == intact(messages_in=len(texts), messages_out=len(texts) + greetings)


def differences(shown: List[str], texts: List[str]) -> List[str]:
    counts = Counter(shown)
    found = [f"missing: {text}" for text in texts if counts[text] == 0]
    found += [f"{count} times: {text}" for text, count in counts.items() if count > 1]
    found += [f"never written: {text}" for text in counts if text not in texts]
    return found or ([] if shown == texts else [f"out of order: {shown}"])
