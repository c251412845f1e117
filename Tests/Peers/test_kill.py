"""`kill -9` at every fault point and at random, under bursts of real OMEMO contacts.

The promise: every acknowledged message is stored once, every reply arrives once, in order. The
same run with a promise broken on purpose must be found out by the same check; a check that finds
nothing then would prove nothing.
"""

from __future__ import annotations

import os
import random
import subprocess
from collections import Counter
from typing import Callable, List, Optional, Sequence

import pytest

from conftest import BINARIES, Bridge
from ledger import Ledger, store_violations

KILLS = int(os.environ.get("SILA_KILLS", "200"))
SIGKILLED = -9


def fault_points() -> List[str]:
    done = subprocess.run(
        [str(BINARIES / "silad-faults"), "points"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    points = done.stdout.split()
    assert points, f"silad-faults points lists none: {done.stderr}"
    return points


class Campaign:
    """Kills one deployment's daemon again and again while contacts write."""

    def __init__(self, bridge: Bridge, ledgers: Sequence[Ledger], options: Sequence[str] = ()) -> None:
        self.bridge, self.ledgers = bridge, list(ledgers)
        self.options = ["--responder", "echo", *options]
        self.kills: Counter[str] = Counter()

    def start(self, *more: str) -> None:
        self.bridge.start("silad-faults", [*self.options, *more], online=False)

    def kill_at(self, point: Optional[str], count: int, messages: int) -> None:
        """One life of the daemon: it ends at the point, or by us once there is nothing left to do."""
        # Still down: what is written now waits at the server, beside what the last kill left.
        for ledger in self.ledgers:
            ledger.start_burst(messages)
        self.start(*(["--kill-at", f"{point}:{count}"] if point else []))
        daemon = self.bridge.daemon
        if point is None:
            # At random: at whatever it does when the n-th answer from now arrives.
            self._wait(lambda: sum(ledger.answered for ledger in self.ledgers) >= self._goal(count), 20)
        else:
            self._wait(lambda: all(ledger.is_complete for ledger in self.ledgers), 20)
        if daemon.exit_status is None:
            daemon.kill()
            self.kills["at random"] += 1
        else:
            assert daemon.exit_status == SIGKILLED, f"silad-faults ended by itself: {daemon.last_words()}"
            self.kills[str(point)] += 1
        daemon.record_file.unlink(missing_ok=True)

    def finish(self, seconds: float) -> List[str]:
        """A last life without a fault, then all violations."""
        for ledger in self.ledgers:
            ledger.wait_until_sent()
        self.start()
        for ledger in self.ledgers:
            ledger.wait_for_echoes(seconds)
        # Ended politely: what was handed over is confirmed or will be settled; nothing is in flight.
        self.bridge.stop()
        found = [violation for ledger in self.ledgers for violation in ledger.violations()]
        return found + store_violations(self.ledgers, self.bridge.deployment.status())

    def _goal(self, count: int) -> int:
        return min(sum(ledger.answered for ledger in self.ledgers) + count, sum(ledger.sent for ledger in self.ledgers))

    def _wait(self, condition: Callable[[], bool], seconds: float) -> None:
        """Until the daemon has ended, the condition holds, or `seconds` have passed."""
        deadline = seconds
        while not condition() and deadline > 0:
            if self.bridge.daemon.wait_for_end(0.05) is not None:
                return
            deadline -= 0.05


def campaign(make_bridge, make_contact, server, options: Sequence[str] = (), contacts: int = 3) -> Campaign:
    bridge = make_bridge(server)
    names = ["amal", "badr", "chaima", "driss"][:contacts]
    bridge.start("silad-faults", ["--responder", "echo"])
    ledgers = [Ledger(make_contact(server, name).connect(), bridge.jid) for name in names]
    for ledger in ledgers:  # sessions stand before the first kill
        ledger.start_burst(1)
        assert ledger.wait_for_echoes(60), "no echo before any fault"
    bridge.stop()
    return Campaign(bridge, ledgers, options)


def occasion(point: Optional[str], dice: random.Random) -> int:
    """How often a point is passed before the kill. A life passes most of them once or twice a batch."""
    if point is None:
        return dice.randint(1, 5)
    return 1 if point in ("settling", "settled") else dice.randint(1, 2)


@pytest.mark.parametrize("vfs", ["unix", "fault"])
def test_nothing_is_lost_or_said_twice_over_kills(server, make_bridge, make_contact, vfs):
    """`fault`: what was written and not synced is lost with the process, as in a power cut."""
    points = fault_points()
    run = campaign(make_bridge, make_contact, server, ["--vfs", vfs])
    dice = random.Random(4)
    is_first_round = True
    while sum(run.kills.values()) < KILLS // 2:
        for point in [*points, None, None]:
            # One batch may hold all that waits: the first pass of a point may be a life's only one.
            run.kill_at(point, 1 if is_first_round else occasion(point, dice), messages=2)
        is_first_round = False
    found = run.finish(120)
    print(f"kills: {dict(run.kills)}")
    assert found == []
    missing = [point for point in points if run.kills[point] == 0]
    assert missing == [], f"these points were never reached, so nothing was shown about them: {missing}"


#: The broken promise, the file system under it, and the points at which breaking it must show.
BROKEN = [
    ("synchronous-off", "fault", ["acknowledged", "confirmed", "handed-over", "stored"]),
    ("ack-before-commit", "unix", ["received", "opened", "answered"]),
    ("send-before-commit", "unix", ["prepared", "opened", "answered"]),
]


@pytest.mark.parametrize("breakage, vfs, points", BROKEN, ids=[name for name, _, _ in BROKEN])
def test_the_check_finds_a_broken_promise(server, make_bridge, make_contact, breakage, vfs, points):
    run = campaign(make_bridge, make_contact, server, ["--break", breakage, "--vfs", vfs], contacts=2)
    dice = random.Random(5)
    for _ in range(4):
        for point in points:
            run.kill_at(point, dice.randint(1, 3), messages=2)
    found = run.finish(20)
    print(f"kills: {dict(run.kills)}; found: {found[:5]} and {max(0, len(found) - 5)} more")
    assert found, f"{breakage} went unnoticed: this check proves nothing"
