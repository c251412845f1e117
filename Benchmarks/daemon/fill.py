"""What the daemon's measurement does to SQLite files: rows of a large deployment, counts, modes."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path


def contacts(store: Path, count: int) -> None:
    """Adds contacts with an address, a conversation, a device and a session each.

    What is sealed is random bytes of the size that the daemon writes: only rows that nobody looks
    up are made, so nothing ever opens them.
    """
    now = int(time.time() * 1000)
    with sqlite3.connect(store) as database:
        first = (database.execute("SELECT MAX(id) FROM contact").fetchone()[0] or 0) + 1
        first = max(first, (database.execute("SELECT MAX(id) FROM address").fetchone()[0] or 0) + 1)
        first = max(first, (database.execute("SELECT MAX(id) FROM conversation").fetchone()[0] or 0) + 1)
        numbers = range(first, first + count)
        database.executemany("INSERT INTO contact (id, created_at) VALUES (?, ?)", ((n, now) for n in numbers))
        lookups = {n: os.urandom(32) for n in numbers}
        database.executemany(
            "INSERT INTO address (id, contact_id, channel, lookup, routing) VALUES (?, ?, 'xmpp', ?, ?)",
            ((n, n, lookups[n], os.urandom(53)) for n in numbers))
        database.executemany(
            "INSERT INTO conversation (id, address_id, contact_id, created_at, dialogue) VALUES (?, ?, ?, ?, ?)",
            ((n, n, n, now, os.urandom(60)) for n in numbers))
        database.executemany(
            "INSERT INTO device (lookup, device_id, identity_key, trust, is_active, first_seen_at, first_heard_at)"
            " VALUES (?, ?, ?, 'undecided', 1, ?, ?)",
            ((lookups[n], n, os.urandom(62), now, now) for n in numbers))
        database.executemany(
            "INSERT INTO session (lookup, device_id, record) VALUES (?, ?, ?)",
            ((lookups[n], n, os.urandom(700)) for n in numbers))
    database.close()


def left(store: Path, *stages: str) -> int:
    """How many messages on their way out are in one of these stages."""
    database = sqlite3.connect(store, timeout=5)
    try:
        marks = ", ".join("?" * len(stages))
        return database.execute(f"SELECT COUNT(*) FROM outbox WHERE stage IN ({marks})", stages).fetchone()[0]
    finally:
        database.close()
