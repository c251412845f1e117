"""What a contact remembers over its connections: messages on their way, and those already seen."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Set

from slixmpp import Message

from storage import JSONStorage


@dataclass
class Pending:
    """A message the server has not acknowledged yet."""

    stanza: Message
    sent_at: float = field(default_factory=time.time)


class State:
    """Shared by all connections of one device. Files: `NAME.omemo.json`, `NAME.seen.json`."""

    def __init__(self, path: Path) -> None:
        self.omemo = JSONStorage(path.with_name(path.name + ".omemo.json"))
        self.pending: Dict[str, Pending] = {}
        self._seen_path = path.with_name(path.name + ".seen.json")
        known = json.loads(self._seen_path.read_text()) if self._seen_path.exists() else {}
        self._seen: Set[str] = set(known.get("seen", []))
        #: When this device was last known to have all of its messages, seconds since 1970; `None`
        #: before its first login: the server keeps what came before that as offline messages.
        self.complete_until: float | None = known.get("complete_until")

    def is_new(self, stanza_id: str | None) -> bool:
        """Whether a message of the archive arrives for the first time; remembers it."""
        if stanza_id is None:
            return True
        if stanza_id in self._seen:
            return False
        self._seen.add(stanza_id)
        return True

    def flush(self) -> None:
        self.omemo.flush()
        temporary = self._seen_path.with_name(self._seen_path.name + ".new")
        temporary.write_text(json.dumps({"seen": sorted(self._seen), "complete_until": self.complete_until}))
        os.replace(temporary, self._seen_path)
