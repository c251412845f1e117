"""A day of a busy helpline in minutes: when people write, what breaks meanwhile, and what came of it.

All that is random comes from one seed. One minute of the test stands for `DAY / minutes` of the day.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from conftest import Bridge
from cut_line import CutLine
from ledger import Ledger
from silatools.errors import ToolError
from silatools.server import Server

#: Messages of contacts in a day, and how many of them an hour has beside the others: most write in the evening.
MESSAGES = 3_000
HOURS = (4, 3, 2, 1, 1, 1, 2, 3, 5, 6, 6, 6, 5, 5, 6, 6, 6, 7, 8, 9, 10, 9, 8, 6)
#: Seconds of the test after which an answer counts as delayed.
PATIENCE = 10.0
#: Seconds of the test between two faults, and how long what is down stays down.
PAUSES, DOWN = (6.0, 16.0), (0.2, 8.0)


@dataclass
class Report:
    """What a day ends in."""

    sent: int = 0
    received: int = 0
    answered: int = 0
    delayed: int = 0
    uncertain: int = 0
    waits: List[float] = field(default_factory=list)
    faults: Counter = field(default_factory=Counter)
    violations: List[str] = field(default_factory=list)

    def __str__(self) -> str:
        waits = sorted(self.waits) or [0.0]
        lines = [
            f"sent by contacts          {self.sent:6}",
            f"received, stored once     {self.received:6}",
            f"answered, once            {self.answered:6}",
            f"answered after over {PATIENCE:.0f} s  {self.delayed:6}",
            f"uncertain                 {self.uncertain:6}",
            f"lost or said twice        {len(self.violations):6}",
            f"waited                    {statistics.median(waits):.2f} s (half of them), "
            f"{waits[int(len(waits) * 0.95)]:.1f} s (95 of 100), {waits[-1]:.1f} s (longest)",
            "what broke                " + (", ".join(f"{n} × {name}" for name, n in sorted(self.faults.items())) or "-"),
        ]
        return "\n".join(lines + self.violations[:20])


class Day:
    """`line` is what the bridge reaches its server through; everything of the server may be broken."""

    def __init__(
        self, bridge: Bridge, server: Server, line: CutLine, ledgers: Sequence[Ledger], seconds: float, seed: int,
        points: Sequence[str],
    ) -> None:
        self._bridge, self._server, self._line, self._points = bridge, server, line, list(points)
        self._ledgers, self._seconds, self._dice = list(ledgers), seconds, random.Random(seed)
        self._sent_at: Dict[str, float] = {}
        self._away: Dict[int, float] = {}
        self._faults: Counter = Counter()
        #: What is to be mended, and when; by what is broken. One thing breaks once at a time.
        self._repairs: Dict[str, Tuple[float, Callable[[], None]]] = {}
        self._stopped = False
        self._kinds: List[Tuple[str, Callable[[], Optional[bool]]]] = [
            ("killed", self._kill), ("killed at a point", self._kill_at_point), ("full disk", self._fill_disk),
            ("line cut", self._cut), ("slow line", self._slow), ("server killed", self._kill_server),
            ("server restarted", self._restart_server), ("silent server", self._silence_server),
            ("contact away", self._take_contact_away), ("contact away", self._take_contact_away),
        ]

    # Life of the bridge

    def start_bridge(self, *options: str, online: bool = False) -> None:
        self._bridge.start("silad-faults", ["--responder", "echo", "--vfs", "fault", *options], online=online)

    def run(self) -> None:
        """Lets the day pass. What is broken at its end is mended."""
        moments = self._moments()
        began, clock = time.monotonic(), threading.Event()
        next_fault = self._dice.uniform(*PAUSES)
        while (now := time.monotonic() - began) < self._seconds:
            while moments and moments[0] <= now:
                moments.pop(0)
                self._write()
            if now >= next_fault:
                self._break()
                next_fault = time.monotonic() - began + self._dice.uniform(*PAUSES)
            self._mend(time.monotonic())
            due = min([next_fault, *moments[:1], now + 0.2])
            clock.wait(max(0.0, due - (time.monotonic() - began)))
        self._mend(float("inf"))

    def _moments(self) -> List[float]:
        """Seconds of the test at which somebody writes."""
        count = max(1, round(MESSAGES * self._seconds / 1200))
        hours = self._dice.choices(range(24), HOURS, k=count)
        return sorted((hour + self._dice.random()) / 24 * self._seconds for hour in hours)

    def _write(self) -> None:
        """One who is there writes one message, or a few in a row."""
        there = [index for index in range(len(self._ledgers)) if index not in self._away]
        if not there:
            return
        ledger = self._ledgers[self._dice.choice(there)]
        for _ in range(self._dice.choice((1, 1, 1, 2, 4))):
            self._sent_at[ledger.text(ledger.sent + 1)] = time.monotonic()
            ledger.start_burst(1)

    # What breaks

    def _break(self) -> None:
        name, fault = self._dice.choice(self._kinds)
        if fault() is not False:
            self._faults[name] += 1

    def _mend(self, now: float) -> None:
        for name, (due, repair) in list(self._repairs.items()):
            if due <= now:
                del self._repairs[name]
                repair()
        # It also ends by itself: at the point at which it is killed.
        if "bridge" not in self._repairs and self._bridge.daemon.exit_status is not None:
            self._bridge.daemon.record_file.unlink(missing_ok=True)
            self.start_bridge()

    def _later(self, what: str, repair: Callable[[], None], *, within: Tuple[float, float] = DOWN) -> None:
        self._repairs[what] = (time.monotonic() + self._dice.uniform(*within), repair)

    def _end_bridge(self) -> None:
        if self._bridge.daemon.exit_status is None:
            self._bridge.daemon.kill()
        self._bridge.daemon.record_file.unlink(missing_ok=True)

    def _kill(self, *options: str) -> None:
        self._end_bridge()
        self._later("bridge", lambda: self.start_bridge(*options))

    def _kill_at_point(self) -> None:
        self._kill("--kill-at", f"{self._dice.choice(self._points)}:{self._dice.randint(1, 3)}")

    def _fill_disk(self) -> None:
        self._kill("--fault", f"disk-full:{self._dice.randint(5, 60)}:{self._dice.randint(5, 60)}")

    def _cut(self) -> bool:
        return self._line.cut(after=self._dice.uniform(0, 0.3))

    def _slow(self) -> None:
        self._line.delay = self._dice.uniform(0.2, 1.0)
        self._later("line", self._be_quick, within=(3, 12))

    def _be_quick(self) -> None:
        self._line.delay = 0.0

    def _kill_server(self) -> bool:
        return self._end_server(self._server.kill)

    def _restart_server(self) -> bool:
        return self._end_server(self._server.stop)

    def _end_server(self, end: Callable[[], object]) -> bool:
        if "server" in self._repairs:
            return False
        end()
        self._later("server", self._server.start)
        return True

    def _silence_server(self) -> bool:
        record = self._server.record
        if record is None or "server" in self._repairs:
            return False
        os.kill(record.pid, signal.SIGSTOP)
        self._later("server", lambda: os.kill(record.pid, signal.SIGCONT), within=(3, 20))
        return True

    def _take_contact_away(self) -> bool:
        there = [index for index in range(len(self._ledgers)) if index not in self._away]
        if len(there) < 2 or "server" in self._repairs:
            return False
        index = self._dice.choice(there)
        ledger = self._ledgers[index]
        # What was said has left the phone before it goes away: a phone that loses it is another story.
        ledger.wait_until_sent()
        ledger.contact.disconnect(abrupt=self._dice.random() < 0.7)
        self._away[index] = time.monotonic()
        self._later(f"contact {index}", lambda: self._bring_back(index), within=(3, 30))
        return True

    def _bring_back(self, index: int) -> None:
        if "server" in self._repairs:
            return self._later(f"contact {index}", lambda: self._bring_back(index))
        self._ledgers[index].contact.connect(keep=True)
        del self._away[index]

    # What came of it

    def finish(self, seconds: float) -> Report:
        """Waits for what is under way, ends the bridge politely, and counts."""
        for index in list(self._away):
            self._repairs.pop(f"contact {index}", None)
            self._bring_back(index)
        for ledger in self._ledgers:
            ledger.wait_until_sent()
        self._end_bridge()
        self.start_bridge()
        try:
            for ledger in self._ledgers:
                ledger.wait_for_echoes(seconds)
            self._bridge.stop()
        except ToolError as error:
            raise AssertionError(f"the day did not come to its end: {error}") from error
        return self._count()

    def _count(self) -> Report:
        status = self._bridge.deployment.status()
        report = Report(received=status["messagesIn"], uncertain=status["outbox"].get("uncertain", 0))
        for ledger in self._ledgers:
            report.sent += ledger.sent
            # A contact that comes back sends again what it does not know to have arrived: its own order may differ.
            report.violations += ledger.violations(keeps_order=False)
            for text, at in ledger.arrivals.items():
                report.answered += 1
                if text in self._sent_at:
                    report.waits.append(at - self._sent_at[text])
        report.delayed = sum(1 for wait in report.waits if wait > PATIENCE)
        report.faults = self._faults
        return report
