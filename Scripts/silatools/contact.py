"""Drives a contact (Tests/Peers/contact) in a process of its own and waits for what it tells."""

from __future__ import annotations

import collections
import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Callable, Dict, List, Optional

from .errors import ToolError
from .processes import Deadline

PROGRAM = Path(__file__).resolve().parents[2] / "Tests" / "Peers" / "contact"

Event = Dict[str, object]


class Contact:
    """One device of one account. Use as a context manager, or call `close`."""

    def __init__(
        self, python: Path, jid: str, password: str, port: int, ca: Path, folder: Path, *, resource: str = "phone",
        on_event: Optional[Callable[[Event], None]] = None,
    ) -> None:
        self.jid = jid
        self.resource = resource
        self.events: List[Event] = []
        self.device: Optional[int] = None
        self._on_event = on_event
        self._changed = threading.Condition()
        self._last_ref = 0
        self._has_ended = False
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{jid.split('@')[0]}.{resource}"
        self._errors = folder / f"{name}.log"
        with open(self._errors, "ab") as log:
            self._process = subprocess.Popen(
                [str(python), "-B", str(PROGRAM), "--jid", jid, "--password", password, "--port", str(port), "--ca",
                 str(ca), "--state", str(folder / name), "--resource", resource],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "Contact":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    # Commands

    def connect(self, keep: bool = False, seconds: float = 60) -> "Contact":
        self.device = int(self._ask({"do": "connect", "keep": keep}, seconds)["device"])
        return self

    def disconnect(self, abrupt: bool = False) -> None:
        self._ask({"do": "disconnect", "abrupt": abrupt}, 30)

    def send(self, to: str, text: str, encrypted: bool = True, seconds: float = 60) -> str:
        """Sends one message. Returns its id."""
        answer = self._ask({"do": "send", "to": to, "text": text, "encrypted": encrypted}, seconds)
        return str(answer["id"])

    def burst(self, to: str, count: int, text: str, first: int = 1, seconds: float = 300) -> List[str]:
        """Sends `count` messages as fast as it can; `{n}` in the text is the number."""
        return self.answer(self.start_burst(to, count, text, first), seconds)["ids"]

    def start_burst(self, to: str, count: int, text: str, first: int = 1) -> int:
        """Starts a burst and returns at once; `answer` waits for its end."""
        return self._command({"do": "burst", "to": to, "count": count, "text": text, "first": first})

    def make(self, to: str, text: str) -> str:
        """An encrypted message as XML that was not sent."""
        return str(self._ask({"do": "make", "to": to, "text": text}, 60)["xml"])

    def raw(self, xml: str) -> str:
        return str(self._ask({"do": "raw", "xml": xml}, 30)["id"])

    def iq(self, xml: str) -> Event:
        return self._ask({"do": "iq", "xml": xml}, 30)

    def flush(self, seconds: float = 90) -> None:
        """Returns once the server has acknowledged all that was sent."""
        self._ask({"do": "flush"}, seconds)

    def close(self) -> None:
        if self._process.poll() is None:
            try:
                self._ask({"do": "quit"}, 15)
                self._process.wait(10)
            except (ToolError, OSError, subprocess.TimeoutExpired):
                self._process.kill()
                self._process.wait()
        self._reader.join(5)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe and not pipe.closed:
                try:
                    pipe.close()
                except OSError:
                    pass

    # What happened

    def all(self, kind: str, start: int = 0) -> List[Event]:
        with self._changed:
            return [event for event in self.events[start:] if event["event"] == kind]

    def texts(self, start: int = 0) -> List[str]:
        """What arrived from others, in order."""
        return [str(event["text"]) for event in self.all("received", start) if not event["own"]]

    @property
    def mark(self) -> int:
        """A position in `events`: what comes later is new."""
        with self._changed:
            return len(self.events)

    def wait(
        self, what: str, condition: Callable[[List[Event]], bool], seconds: float, start: int = 0
    ) -> List[Event]:
        """Waits until the events since `start` fulfil a condition. Throws `ToolError` with what there was."""
        deadline = Deadline(seconds)
        with self._changed:
            while not condition(self.events[start:]):
                if self._has_ended:
                    raise ToolError(f"{self.jid} ended before {what}; its log is {self._errors}")
                if deadline.passed:
                    counts = dict(collections.Counter(event["event"] for event in self.events[start:]))
                    raise ToolError(f"{self.jid} waited {seconds:.0f} s in vain for {what}; seen: {counts}")
                self._changed.wait(deadline.left)
            return list(self.events[start:])

    def wait_texts(self, count: int, seconds: float, start: int = 0) -> List[str]:
        """Waits for `count` messages from others since `start`."""
        def is_enough(events: List[Event]) -> bool:
            return sum(1 for event in events if event["event"] == "received" and not event["own"]) >= count
        self.wait(f"{count} messages", is_enough, seconds, start)
        return self.texts(start)

    def answer(self, ref: int, seconds: float) -> Event:
        """The answer to a command. Throws `ToolError` when it is an error."""
        def of_ref(events: List[Event]) -> List[Event]:
            return [event for event in events if event.get("ref") == ref]
        event = of_ref(self.wait("an answer", lambda events: bool(of_ref(events)), seconds))[0]
        if event["event"] == "error":
            raise ToolError(f"{self.jid}: {event['reason']}")
        return event

    # Pieces

    def _ask(self, command: Event, seconds: float) -> Event:
        return self.answer(self._command(command), seconds)

    def _command(self, command: Event) -> int:
        self._last_ref += 1
        try:
            self._process.stdin.write(json.dumps({**command, "ref": self._last_ref}) + "\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise ToolError(f"{self.jid} is not running any more; its log is {self._errors}") from error
        return self._last_ref

    def _read(self) -> None:
        for line in self._process.stdout:
            event = json.loads(line)
            event["at"] = time.monotonic()
            with self._changed:
                self.events.append(event)
                self._changed.notify_all()
            if self._on_event:
                self._on_event(event)
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()
