"""Drives Dino 0.4, a client for the desktop (GTK 4), with mouse and keyboard."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import List, Tuple

from desktop import Desktop

#: Places in its window, which opens at the screen's corner with 1200 × 700.
LOCK, OMEMO, INPUT = (1162, 663), (1118, 777), (700, 662)
#: Dino's numbers: entities/encryption.vala, entities/message.vala.
ENCRYPTION_OMEMO, DIRECTION_SENT = 2, 1


class Dino:
    def __init__(self, desktop: Desktop, home: Path, jid: str, password: str) -> None:
        self._desktop, self._home = desktop, home
        # The first run makes the tables; what a person types into the dialogue for accounts is one row of them.
        first = desktop.start(home, ["dino-im"])
        desktop.wait("Dino's tables", lambda: self._query("SELECT 1 FROM sqlite_master WHERE name = 'reaction'"))
        desktop.end(first)
        with sqlite3.connect(self._database) as database:
            database.execute(
                "INSERT INTO account (bare_jid, resourcepart, password, alias, enabled) VALUES (?, 'dino', ?, '', 1)",
                (jid, password))

    def open(self, jid: str) -> None:
        """Opens a conversation, as a link on a web page does, and switches encryption on in it."""
        self._desktop.start(self._home, ["dino-im", f"xmpp:{jid}?message"])
        conversation = ("FROM conversation JOIN jid ON jid.id = conversation.jid_id "
                        "WHERE conversation.active AND jid.bare_jid = ?")
        self._desktop.wait("the conversation", lambda: self._query(f"SELECT 1 {conversation}", jid))
        self._desktop.wait("Dino's keys", lambda: self._query("SELECT device_id FROM identity", file="omemo.db"))
        self._desktop.wait("Dino's window", lambda: self._desktop.has_window("^Dino|@"))
        def has_encryption() -> bool:
            if not self._query(f"SELECT 1 {conversation} AND encryption = {ENCRYPTION_OMEMO}", jid):
                self._desktop.click(LOCK)
                self._desktop.wait_a_moment()
                self._desktop.click(OMEMO)
                self._desktop.wait_a_moment()
            return bool(self._query(f"SELECT 1 {conversation} AND encryption = {ENCRYPTION_OMEMO}", jid))
        self._desktop.wait("encryption to be on", has_encryption)

    def write(self, text: str) -> None:
        self._desktop.click(INPUT)
        self._desktop.type(text)
        self._desktop.press("Return")

    def messages(self) -> List[Tuple[bool, bool, str]]:
        """Whether it was written here, whether encrypted, and what."""
        return [
            (direction == DIRECTION_SENT, encryption == ENCRYPTION_OMEMO, body) for direction, encryption, body in
            self._query("SELECT direction, encryption, body FROM message ORDER BY id")]

    @property
    def _database(self) -> Path:
        return self._home / ".local" / "share" / "dino" / "dino.db"

    def _query(self, sql: str, *values: str, file: str = "dino.db") -> list:
        """Rows of one of its databases; none while there is no such file or table."""
        try:
            with sqlite3.connect(f"file:{self._database.with_name(file)}?mode=ro", uri=True) as database:
                return database.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            return []
