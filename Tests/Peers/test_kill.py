"""`kill -9` at every fault point and at moments of a clock, under bursts of real OMEMO contacts.

The promise: every acknowledged message is stored once, every reply arrives once, in order. The
same run with a promise broken on purpose must be found out by the same check; a check that finds
nothing then would prove nothing.
"""

from __future__ import annotations

import os
import random
import subprocess
import threading
from collections import Counter
from typing import Callable, List, Sequence

import pytest

from conftest import BINARIES, Bridge
from ledger import Ledger, store_violations
from silatools.deployment import Daemon
from silatools.errors import ToolError
from silatools.processes import Deadline

KILLS = int(os.environ.get("SILA_KILLS", "200"))
#: A kill at random comes at a moment of a clock, so many seconds from its beginning, at most.
RANDOM_SECONDS = 0.4
#: What its clock begins with.
MOMENTS = ("after the start", "after it is ready", "in a burst")
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
        #: Seconds that a life may take to reach its point.
        self.patience = 20.0
        #: Whether the server keeps the order of messages when a line breaks.
        self.keeps_order = True
        #: Kills with work open: at a point, or while messages wait for their answers.
        self.kills: Counter[str] = Counter()
        #: Lives that had nothing left to do when they ended: they show nothing.
        self.idle: Counter[str] = Counter()
        #: Whether all was answered at the moment of the last kill.
        self._was_complete = False

    def start(self, *more: str, online: bool = False) -> None:
        self.bridge.start("silad-faults", [*self.options, *more], online=online)

    def kill_at(self, point: str, count: int, messages: int) -> None:
        """One life of the daemon: it ends at the point, or by us once there is nothing left to do."""
        # Still down: what is written now waits at the server, beside what the last kill left.
        self._start_bursts(messages)
        self.start("--kill-at", f"{point}:{count}")
        self._wait(lambda: self._is_complete)
        self._end(point)

    def kill_at_random(self, moment: str, dice: random.Random, messages: int) -> None:
        """One life that a clock ends: after the program's start, after it is ready, or in a burst."""
        seconds = dice.uniform(0, RANDOM_SECONDS)
        if moment != "in a burst":
            self._start_bursts(messages)
        if moment == "after the start":
            self._start_and_kill(seconds)
        else:
            self.start(online=moment == "in a burst")
            if moment == "in a burst":
                self._start_bursts(messages)
            self.bridge.daemon.wait_for_end(seconds)
        self._end(moment, is_point=False)

    def _start_and_kill(self, seconds: float) -> None:
        killer = threading.Thread(target=self._kill_later, args=(seconds, self.bridge.daemon))
        killer.start()
        try:
            self.start()
        except ToolError:
            pass  # killed before it was ready
        killer.join()

    def _kill_later(self, seconds: float, previous: Daemon) -> None:
        """Kills the daemon that comes after `previous`, so long after now."""
        clock = threading.Event()
        clock.wait(seconds)
        for _ in range(1000):
            daemon = self.bridge.daemon
            try:
                if daemon is not previous:
                    self._was_complete = self._is_complete
                    return daemon.kill()
            except ToolError:
                pass  # its process is only being made
            clock.wait(0.01)

    def finish(self, seconds: float) -> List[str]:
        """A last life without a fault, then all violations."""
        for ledger in self.ledgers:
            ledger.wait_until_sent()
        self.start()
        for ledger in self.ledgers:
            ledger.wait_for_echoes(seconds)
        # Ended politely: what was handed over is confirmed or will be settled; nothing is in flight.
        self.bridge.stop()
        found = [violation for ledger in self.ledgers
                 for violation in ledger.violations(keeps_order=self.keeps_order)]
        return found + store_violations(self.ledgers, self.bridge.deployment.status())

    @property
    def summary(self) -> str:
        return (f"{sum(self.kills.values())} kills with work open: {dict(self.kills)}; "
                f"{sum(self.idle.values())} idle lives, not counted: {dict(self.idle)}")

    @property
    def _is_complete(self) -> bool:
        return all(ledger.is_complete for ledger in self.ledgers)

    def _start_bursts(self, messages: int) -> None:
        for ledger in self.ledgers:
            ledger.start_burst(messages)

    def _end(self, cause: str, *, is_point: bool = True) -> None:
        """Kills the daemon unless that has happened, and counts the kill."""
        daemon = self.bridge.daemon
        if daemon.exit_status is None:
            # Asked before the kill: what is answered after it was already on its way.
            self._was_complete = self._is_complete
            daemon.kill()
            is_reached = not is_point
        else:
            assert daemon.exit_status == SIGKILLED, f"silad-faults ended by itself: {daemon.last_words()}"
            is_reached = True
        if is_point and is_reached:
            self.kills[cause] += 1
        else:
            counter = self.idle if self._was_complete else self.kills
            counter[f"before {cause}" if is_point else f"at random {cause}"] += 1
        daemon.record_file.unlink(missing_ok=True)

    def _wait(self, condition: Callable[[], bool]) -> None:
        """Until the daemon has ended, the condition holds, or our patience ends."""
        deadline = Deadline(self.patience)
        while not condition() and not deadline.passed:
            if self.bridge.daemon.wait_for_end(0.05) is not None:
                return


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


def occasion(point: str, dice: random.Random) -> int:
    """How often a point is passed before the kill. A life passes most of them once or twice a batch."""
    return 1 if point in ("resuming", "resumed", "settling", "settled") else dice.randint(1, 2)


@pytest.mark.parametrize("vfs", ["unix", "fault"])
def test_nothing_is_lost_or_said_twice_over_kills(server, make_bridge, make_contact, vfs):
    """`fault`: what was written and not synced is lost with the process, as in a power cut."""
    kill_and_check(campaign(make_bridge, make_contact, server, ["--vfs", vfs]), KILLS // 2)


def test_nothing_is_lost_over_kills_with_ejabberd(servers, make_bridge, make_contact):
    """One round through all points: the faults are the bridge's, the server has a say in what comes back."""
    run = campaign(make_bridge, make_contact, servers("ejabberd"))
    run.keeps_order = False
    kill_and_check(run, 1)


def kill_and_check(run: Campaign, kills: int) -> None:
    """Rounds of kills, so many kills at least, and what must hold after them."""
    points = fault_points()
    dice = random.Random(4)
    is_first_round = True
    while sum(run.kills.values()) < kills:
        for point in points:
            # One batch may hold all that waits: the first pass of a point may be a life's only one.
            run.kill_at(point, 1 if is_first_round else occasion(point, dice), messages=2)
        for moment in MOMENTS * 2:
            run.kill_at_random(moment, dice, messages=8)
        is_first_round = False
    found = run.finish(120)
    print(run.summary)
    assert found == []
    missing = [point for point in points if run.kills[point] == 0]
    assert missing == [], f"these points were never reached, so nothing was shown about them: {missing}"
    unmet = [moment for moment in MOMENTS if run.kills[f"at random {moment}"] == 0]
    assert unmet == [], f"no kill at random met open work: {unmet}"


#: The broken promise, the file system under it, and the points at which breaking it must show.
BROKEN = [
    ("synchronous-off", "fault", ["acknowledged", "confirmed", "handed-over", "stored"]),
    ("ack-before-commit", "unix", ["received", "opened", "answered"]),
    ("send-before-commit", "unix", ["prepared", "opened", "answered"]),
]


@pytest.mark.parametrize("breakage, vfs, points", BROKEN, ids=[name for name, _, _ in BROKEN])
def test_the_check_finds_a_broken_promise(server, make_bridge, make_contact, breakage, vfs, points):
    run = campaign(make_bridge, make_contact, server, ["--break", breakage, "--vfs", vfs], contacts=2)
    run.patience = 4  # what is lost never arrives: no life is complete after that
    dice = random.Random(5)
    for _ in range(4):
        for point in points:
            run.kill_at(point, dice.randint(1, 3), messages=2)
    found = run.finish(20)
    print(f"{run.summary}; found: {found[:5]} and {max(0, len(found) - 5)} more")
    assert found, f"{breakage} went unnoticed: this check proves nothing"
