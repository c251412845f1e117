"""The daemon dies and comes back: the stream goes on, or the server's count or its archive settles what was open."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Iterator

import pytest

import staff
from conftest import Bridge, make_server
from ledger import Ledger, store_violations
from silatools.processes import Deadline
from silatools.prosody import Prosody
from store_checks import wait_until_confirmed

make_helpline = staff.make_helpline

RESUMED = "resumed across a restart"
GONE = "the stream from before the restart is not there any more"
ECHO = ["--responder", "echo"]


@pytest.fixture
def forgetful_server(tmp_path: Path) -> Iterator[Prosody]:
    """A Prosody that keeps a broken session for one second."""
    prosody = make_server(tmp_path / "prosody", hibernation=1)
    prosody.start()
    yield prosody
    prosody.stop()


def kill(bridge: Bridge) -> None:
    bridge.daemon.kill()
    bridge.daemon.record_file.unlink(missing_ok=True)


def die_after_handing_over(bridge: Bridge, ledger: Ledger) -> None:
    """One life of the daemon that ends with a reply at the server, and nobody told that it is there."""
    bridge.stop()
    bridge.start("silad-faults", [*ECHO, "--kill-at", "handed-over:1"])
    ledger.start_burst(1)
    assert bridge.daemon.wait_for_end(60) == -9
    bridge.daemon.record_file.unlink(missing_ok=True)
    assert ledger.wait_for_echoes(60), "the server had not taken the reply"
    assert bridge.deployment.status()["outbox"].get("handed-over") == 1


def begin(bridge: Bridge, make_contact, server: Prosody, name: str = "amal") -> Ledger:
    """A conversation that runs."""
    bridge.start("silad-faults", ECHO)
    ledger = Ledger(make_contact(server, name).connect(keep=True), bridge.jid)
    ledger.start_burst(1)
    assert ledger.wait_for_echoes(60)
    return ledger


def settled_line(bridge: Bridge, words: str) -> str:
    """The newest line of the log with these words."""
    lines = [line for line in bridge.daemon.log.read_text("utf-8").splitlines() if words in line]
    assert lines, f"the log does not say: {words}"
    return lines[-1]


def test_killed_in_the_middle_of_bursts(server, make_bridge, make_contact):
    """Prosody 0.12 is deaf on a resumed stream when the cut was within a stanza. Then a new one begins, and what
    the server had not taken leaves there: its count had said so."""
    bridge = make_bridge(server)
    bridge.start("silad-faults", ECHO)
    ledgers = [
        Ledger(make_contact(server, name).connect(), bridge.jid) for name in ("amal", "badr", "chaima")]
    for _ in range(3):
        before = [ledger.answered for ledger in ledgers]
        for ledger in ledgers:
            ledger.start_burst(60)
        for ledger, answered in zip(ledgers, before):
            ledger.contact.wait_texts(answered + 10, 120)
        kill(bridge)
        bridge.start("silad-faults", ECHO)
    for ledger in ledgers:
        ledger.wait_until_sent()
        assert ledger.wait_for_echoes(120), f"{ledger.sent - ledger.answered} echoes are missing"
    wait_until_confirmed(bridge, sum(ledger.sent for ledger in ledgers))
    assert [ledger.violations() for ledger in ledgers] == [[], [], []]
    status = bridge.deployment.status()
    assert store_violations(ledgers, status) == []
    log = bridge.daemon.log.read_text("utf-8")
    assert log.count(RESUMED) == 3, "each life but the first knows the stream of the one before"
    assert GONE not in log
    assert status["gaps"] == []


def test_the_stream_goes_on_over_kills(server, make_bridge, make_contact):
    bridge = make_bridge(server)
    ledger = begin(bridge, make_contact, server)
    bridge.stop()
    points = ["stored", "acknowledged", "prepared", "due", "handed-over", "confirming", "confirmed", "resuming",
              "resumed"]
    for point in points:
        bridge.start("silad-faults", [*ECHO, "--kill-at", f"{point}:1"], online=False)
        ledger.start_burst(2)
        assert bridge.daemon.wait_for_end(60) == -9, f"{point} was never reached"
        bridge.daemon.record_file.unlink(missing_ok=True)
    bridge.start("silad-faults", ECHO)
    ledger.wait_until_sent()
    assert ledger.wait_for_echoes(60), f"{ledger.sent - ledger.answered} echoes are missing"
    wait_until_confirmed(bridge, ledger.sent)
    assert ledger.violations() == []
    status = bridge.deployment.status()
    assert store_violations([ledger], status) == []
    log = bridge.daemon.log.read_text("utf-8")
    assert GONE not in log and "resumed=false" not in log.split("\n", 1)[1], "no other stream was needed"
    # A life that was ended before it had settled does not count.
    assert [(stream["channel"], stream["restarts"]) for stream in status["streams"]] == [("xmpp", len(points))]


def test_a_stop_in_order_leaves_the_stream_to_be_gone_on_with(server, make_bridge, make_contact):
    bridge = make_bridge(server)
    ledger = begin(bridge, make_contact, server)
    bridge.stop()
    ledger.start_burst(5)
    ledger.wait_until_sent()
    bridge.start("silad-faults", ECHO)
    assert ledger.wait_for_echoes(60)
    assert ledger.violations() == []
    assert RESUMED in settled_line(bridge, RESUMED)


def test_a_session_that_expired_is_settled_by_the_servers_count(forgetful_server, make_bridge, make_contact):
    bridge = make_bridge(forgetful_server)
    ledger = begin(bridge, make_contact, forgetful_server)
    die_after_handing_over(bridge, ledger)
    wait_for_expiry(forgetful_server)
    # The archive could tell too: without it only the count can.
    empty_archive(forgetful_server)
    bridge.start("silad-faults", ECHO)
    wait_until_confirmed(bridge, ledger.sent)
    line = settled_line(bridge, GONE)
    assert "counted=true" in line and "confirmed=1" in line
    assert ledger.violations() == []


def test_a_session_that_nobody_remembers_is_settled_by_the_archive(own_server, make_bridge, make_contact):
    bridge = make_bridge(own_server)
    ledger = begin(bridge, make_contact, own_server)
    die_after_handing_over(bridge, ledger)
    own_server.kill()
    own_server.start()
    bridge.start("silad-faults", ECHO)
    wait_until_confirmed(bridge, ledger.sent)
    assert "counted=false" in settled_line(bridge, GONE)
    ledger.start_burst(3)
    ledger.wait_until_sent()
    assert ledger.wait_for_echoes(60)
    assert ledger.violations() == []
    assert bridge.deployment.status()["gaps"] == []


def test_an_archive_that_was_emptied_is_shown_and_nothing_is_sent_again(own_server, make_helpline, make_contact):
    helpline = make_helpline(own_server)
    bridge, noor = helpline.bridge, helpline.coordinator
    ledger = begin(bridge, make_contact, own_server)
    assert noor.json("bridge", "gaps")["gaps"] == []
    die_after_handing_over(bridge, ledger)
    own_server.kill()
    empty_archive(own_server)
    own_server.start()
    bridge.start("silad-faults", ECHO)
    status = wait_for_outbox(bridge, "uncertain")
    assert status["outbox"]["uncertain"] == 1
    [gap] = status["gaps"]
    assert gap["channel"] == "xmpp" and 0 < gap["from"] <= gap["until"]

    # Every page that staff begin their day with says it, in words that say what to do.
    for command in (["inbox"], ["today"], ["bridge", "gaps"]):
        assert "sila bridge gaps" in noor.sila(*command), command
    assert "MESSAGES MAY BE MISSING" in noor.sila("inbox")
    assert "Messages may be missing" in noor.sila("doctor", status=1)
    finn = helpline.admit("finn", "finance")
    assert "Messages may be missing" in finn.sila("bridge", "gaps")
    finn.sila("bridge", "gaps", "--acknowledge", status=77)

    # A second start finds the same empty archive: that is no new gap.
    bridge.stop()
    own_server.kill()
    own_server.start()
    bridge.start("silad-faults", ECHO)
    assert [found["id"] for found in bridge.deployment.status()["gaps"]] == [gap["id"]]

    assert noor.json("bridge", "gaps", "--acknowledge")["acknowledged"] is True
    assert noor.json("bridge", "gaps")["gaps"] == []
    assert "MISSING" not in noor.sila("inbox")
    lines = [line for line in noor.json("audit", "list")["lines"] if line["kind"].startswith("archive-gap")]
    assert [line["kind"] for line in lines] == ["archive-gap", "archive-gap-acknowledged"]
    assert lines[1]["actor"] == "coordinator"

    # And the reply that is uncertain was said once.
    ledger.start_burst(1)
    ledger.wait_until_sent()
    assert ledger.wait_for_echoes(60)
    assert ledger.violations() == []


def wait_for_expiry(server: Prosody) -> None:
    """Until the server has ended the session and written down its count."""
    deadline, clock = Deadline(60), threading.Event()
    while not list((server.folder / "data").glob("*/smacks_h/*.dat")):
        assert not deadline.passed, "the server keeps the session"
        clock.wait(0.1)


def wait_for_outbox(bridge: Bridge, stage: str) -> dict:
    deadline = Deadline(60)
    while not (status := bridge.deployment.status())["outbox"].get(stage):
        assert not deadline.passed, f"nothing is {stage}: {status['outbox']}"
        assert bridge.daemon.wait_for_end(0.2) is None, bridge.daemon.last_words()
    return status


def empty_archive(server: Prosody) -> None:
    database = sqlite3.connect(server.folder / "data" / "archive.sqlite", timeout=30)
    try:
        with database:
            assert database.execute("DELETE FROM prosodyarchive").rowcount > 0
    finally:
        database.close()
