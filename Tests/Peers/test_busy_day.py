"""24 hours of traffic of a busy helpline in minutes, with faults at random, ending in a report.

`SILA_DAY_MINUTES` says how many; `./check --long` takes 20.
"""

from __future__ import annotations

import os
import random

from busy_day import Day
from conftest import FIRST_PORT, LAST_PORT, REPOSITORY
from cut_line import CutLine
from ledger import Ledger, store_violations
from test_kill import fault_points

MINUTES = float(os.environ.get("SILA_DAY_MINUTES", "1"))
SEED = int(os.environ.get("SILA_DAY_SEED", "11"))
NAMES = ("amal", "badr", "chaima", "driss", "esma", "farid")


def test_a_busy_day_loses_nothing_and_says_nothing_twice(own_server, server_kind, make_bridge, make_contact):
    bridge = make_bridge(own_server)
    line = CutLine(own_server.port, FIRST_PORT, LAST_PORT, random.Random(SEED))
    try:
        config = bridge.deployment.config
        text = config.read_text("utf-8")
        assert f"port: {own_server.port}\n" in text
        config.write_text(text.replace(f"port: {own_server.port}\n", f"port: {line.port}\n"))
        ledgers = [Ledger(make_contact(own_server, name).connect(keep=True), bridge.jid) for name in NAMES]
        day = Day(bridge, own_server, line, ledgers, MINUTES * 60, SEED, fault_points())
        day.start_bridge(online=True)  # its keys must be published before anybody can write
        for ledger in ledgers:  # sessions stand before the first fault
            ledger.start_burst(1)
            assert ledger.wait_for_echoes(60), "no echo before any fault"
        day.run()
        report = day.finish(180)
    finally:
        line.close()
    page = REPOSITORY / ".build" / "check" / f"busy-day-{server_kind}.txt"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(f"{MINUTES:g} minutes, seed {SEED}, {server_kind}\n{report}\n", "utf-8")
    print(report)
    assert report.violations == []
    assert store_violations(ledgers, bridge.deployment.status()) == []
    assert report.sent == report.received == report.answered
    assert sum(report.faults.values()) >= MINUTES * 2, "too little broke: nothing was shown"
