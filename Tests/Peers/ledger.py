"""Keeps account of numbered messages and their echoes: what is missing, doubled, out of order."""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, List, Optional

from silatools.contact import Contact
from silatools.errors import ToolError


class Ledger:
    """One contact's numbered messages to a bridge that answers each with its own words."""

    def __init__(self, contact: Contact, bridge_jid: str) -> None:
        self.contact, self._jid = contact, bridge_jid
        self.sent = 0
        self._start = contact.mark
        self._refs: List[int] = []

    def start_burst(self, count: int) -> None:
        """Sends the next `count` messages; returns at once."""
        self._refs.append(self.contact.start_burst(self._jid, count, self.text("{n}"), self.sent + 1))
        self.sent += count

    def text(self, number: object) -> str:
        return f"message {number} of {self.contact.jid.split('@')[0]}"

    @property
    def answered(self) -> int:
        return len(self.contact.texts(self._start))

    @property
    def arrivals(self) -> Dict[str, float]:
        """When each answer came first, in seconds of `time.monotonic`."""
        first: Dict[str, float] = {}
        for event in self.contact.all("received", self._start):
            if not event["own"]:
                first.setdefault(str(event["text"]), float(event["at"]))
        return first

    @property
    def is_complete(self) -> bool:
        return self.answered >= self.sent

    def wait_until_sent(self, seconds: float = 300) -> None:
        """Returns once the server has acknowledged every message."""
        for ref in self._refs:
            self.contact.answer(ref, seconds)
        self._refs.clear()
        self.contact.flush()

    def wait_for_echoes(self, seconds: float) -> bool:
        """Waits for all echoes; False when some are still missing after `seconds`."""
        try:
            self.contact.wait_texts(self.sent, seconds, self._start)
            return True
        except ToolError:
            return False

    def violations(self, *, keeps_order: bool = True) -> List[str]:
        """What breaks the promise. Empty: every echo arrived, once, in order.

        - `keeps_order`: whether the server keeps it; otherwise order is not looked at.
        """
        expected = [self.text(number) for number in range(1, self.sent + 1)]
        arrived = self.contact.texts(self._start)
        counts = Counter(arrived)
        found = [f"missing: {text}" for text in expected if counts[text] == 0]
        found += [f"{count} times: {text}" for text, count in counts.items() if count > 1]
        found += [f"never sent: {text}" for text in counts if text not in set(expected)]
        once = list(dict.fromkeys(text for text in arrived if text in set(expected)))
        if keeps_order and once != [text for text in expected if counts[text] > 0]:
            found.append(f"out of order: {once}")
        # A reply made twice from one state of the ratchet cannot be opened the second time.
        found += [
            f"not readable: {event['reason']}" for event in self.contact.all("undecryptable", self._start)]
        return found


def store_violations(ledgers: List[Ledger], status: Dict[str, Any], *, other_messages: int = 0) -> List[str]:
    """What the bridge's own counts say against the promise: each message stored once, none left over."""
    sent = sum(ledger.sent for ledger in ledgers) + other_messages
    found = []
    if status["messagesIn"] != sent:
        found.append(f"{sent} messages were acknowledged, {status['messagesIn']} are stored")
    if status["messagesOut"] != sent:
        found.append(f"{sent} replies were due, {status['messagesOut']} are stored")
    if status["setAside"]:
        found.append(f"set aside: {status['setAside']}")
    unsettled: Optional[dict] = {
        stage: count for stage, count in status["outbox"].items() if stage in ("uncertain", "failed") and count}
    if unsettled:
        found.append(f"outbox: {unsettled}")
    return found
