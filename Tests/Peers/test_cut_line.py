"""The line between bridge and server breaks under bursts: the stream is resumed, nothing is lost."""

from __future__ import annotations

import os
import random
from typing import List

import pytest

from conftest import FIRST_PORT, LAST_PORT, Bridge
from cut_line import CutLine
from ledger import Ledger, store_violations

CUTS = int(os.environ.get("SILA_CUTS", "20"))
#: A connection lives for a time between these, in seconds, before it is cut: during log-in too.
LIVES = (0.02, 2.5)
#: Seconds between the first message of a burst and the cut: a fast server has it all answered soon after.
LEADS = (0.0, 0.15)
#: A contact writes more when fewer than so many of its messages wait for their answers.
BACKLOG = 10


@pytest.mark.both_servers
def test_a_line_that_breaks_loses_nothing_and_says_nothing_twice(server, make_bridge, make_contact):
    """The server keeps the session for ten minutes: what is cut is resumed (XEP-0198 §5)."""
    dice = random.Random(6)
    bridge = make_bridge(server)
    line = CutLine(server.port, FIRST_PORT, LAST_PORT, dice)
    try:
        config = bridge.deployment.config
        assert f"port: {server.port}\n" in config.read_text("utf-8")
        config.write_text(config.read_text("utf-8").replace(f"port: {server.port}\n", f"port: {line.port}\n"))
        daemon = bridge.start("silad-faults", ["--responder", "echo"])
        ledgers = [
            Ledger(make_contact(server, name).connect(), bridge.jid) for name in ("amal", "badr", "chaima")]
        for ledger in ledgers:  # sessions stand before the first cut
            ledger.start_burst(1)
            assert ledger.wait_for_echoes(60), "no echo before any cut"
        under_load = cut_under_bursts(line, ledgers, dice)
        for ledger in ledgers:
            ledger.wait_until_sent()
        for ledger in ledgers:
            ledger.wait_for_echoes(120)
        outbox = wait_for_confirmations(bridge, 60)
        assert daemon.exit_status is None, f"the daemon did not outlive the cuts: {daemon.last_words()}"
        bridge.stop()
    finally:
        line.close()
    log = daemon.log.read_text("utf-8")
    resumed, fresh = log.count("resumed=true"), log.count("resumed=false")
    # Prosody 0.12 reads on with the parser of the connection that was cut. Where the cut was within a
    # stanza, it ends the session soon after the resumption; the archive settles what was under way.
    ended = log.count("The server ended the stream")
    sent = sum(ledger.sent for ledger in ledgers)
    print(f"{line.cuts} cuts of {line.taken} connections, {under_load} with work open, "
          f"{line.swallowed} bytes swallowed; {resumed} times resumed, {fresh} times not, "
          f"{ended} ended by the server; {sent} messages; outbox {outbox}")
    keeps_order = server.KEEPS_ORDER_OVER_LINES
    assert [ledger.violations(keeps_order=keeps_order) for ledger in ledgers] == [[], [], []]
    assert store_violations(ledgers, bridge.deployment.status()) == []
    unconfirmed = {stage: count for stage, count in outbox.items() if stage != "confirmed" and count}
    assert unconfirmed == {}, f"these replies arrived, and are not confirmed: {unconfirmed}"
    assert line.swallowed > 0 and resumed > CUTS // 2, "the cuts met few streams at work: nothing was shown"


def cut_under_bursts(line: CutLine, ledgers: List[Ledger], dice: random.Random) -> int:
    """Cuts until `CUTS` of them met messages without an answer. Returns how many there were."""
    under_load, connection = 0, line.taken
    while under_load < CUTS:
        write(ledgers, dice)  # while there is no connection: what waits at the server comes during log-in
        assert line.wait_for_connection(connection, 60), "the bridge does not come back"
        connection = line.taken
        if line.outlives(dice.uniform(*LIVES)):
            write(ledgers, dice)
        has_cut = line.cut(after=dice.uniform(*LEADS))
        under_load += has_cut and not all(ledger.is_complete for ledger in ledgers)
        connection += 1
    return under_load


def write(ledgers: List[Ledger], dice: random.Random) -> None:
    for ledger in ledgers:
        if ledger.sent - ledger.answered < BACKLOG:
            ledger.start_burst(dice.randint(BACKLOG, 3 * BACKLOG))


def wait_for_confirmations(bridge: Bridge, seconds: float) -> dict:
    """The outbox, once every reply in it is settled or `seconds` have passed."""
    for _ in range(int(seconds)):
        outbox = bridge.deployment.status()["outbox"]
        if all(count == 0 for stage, count in outbox.items() if stage in ("intent", "prepared", "handed-over")):
            break
        if bridge.daemon.wait_for_end(1) is not None:
            break
    return outbox
