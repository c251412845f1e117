"""Drives Gajim 1.7 with its OMEMO plugin, a client for the desktop (GTK 3), with mouse and keyboard."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import List, Tuple

from desktop import Desktop

#: The first conversation of the list and the field for text, in its window of 1000 × 500 at the screen's corner.
CHAT, INPUT = (244, 166), (680, 477)
#: Gajim's numbers: common/const.py, KindConstant.
RECEIVED, SENT = 4, 6


class Gajim:
    def __init__(self, desktop: Desktop, home: Path, jid: str, password: str, contact: str) -> None:
        """Sets it up as a person would who makes an account, and switches encryption on for a contact."""
        self._desktop, self._home, self._jid, self._contact = desktop, home, jid, contact
        user, host = jid.split("@")
        config = home / ".config" / "gajim"
        config.mkdir(parents=True)
        (home / ".local" / "share").mkdir(parents=True)
        settings = {
            # No service keeps passwords here, and no web site is asked for a newer version.
            "app": {"use_keyring": False, "check_for_update": False}, "soundevents": {}, "status_presets": {},
            "proxies": {}, "plugins": {"omemo": {"active": True}},
            # The conversation is in the list, and not begun.
            "workspaces": {"00000000-0000-4000-8000-000000000000": {"chats": [
                {"account": "contact", "jid": {"__type": "JID", "value": contact}, "type": "contact",
                 "pinned": False, "position": -1}]}},
        }
        account = {
            "account": {"name": user, "hostname": host, "password": password, "savepass": True, "active": True,
                        "resource": "gajim", "autoconnect": True, "account_label": "contact"},
            "contact": {contact: {"encryption": "OMEMO"}}, "group_chat": {},
        }
        with sqlite3.connect(config / "settings.sqlite") as database:
            database.executescript(
                "CREATE TABLE settings (name TEXT UNIQUE, settings TEXT);"
                "CREATE TABLE account_settings (account TEXT UNIQUE, settings TEXT); PRAGMA user_version = 5;")
            database.executemany(
                "INSERT INTO settings VALUES (?, ?)", [(name, json.dumps(value)) for name, value in settings.items()])
            database.execute("INSERT INTO account_settings VALUES ('contact', ?)", (json.dumps(account),))

    def open(self) -> None:
        """Starts it, and chooses the conversation in the list."""
        self._desktop.start(self._home, ["gajim"])
        self._desktop.wait("Gajim's window", lambda: self._desktop.has_window("Gajim"))
        self._desktop.wait("Gajim's keys", lambda: self._query("SELECT 1 FROM secret", f"omemo_{self._jid}.db"))
        self._desktop.wait_a_moment()
        self._desktop.click(CHAT)

    def write(self, text: str) -> None:
        self._desktop.click(INPUT)
        self._desktop.type(text)
        def is_sent() -> bool:
            # It has to fetch the contact's keys first, says so, and leaves the words where they are.
            self._desktop.press("Return")
            self._desktop.wait_a_moment()
            return any(is_mine for is_mine, _, _ in self.messages())
        self._desktop.wait("Gajim to send", is_sent)

    def messages(self) -> List[Tuple[bool, bool, str]]:
        """Whether it was written here, whether encrypted, and what."""
        rows = self._query(
            "SELECT kind, additional_data, message FROM logs JOIN jids USING (jid_id) "
            f"WHERE kind IN ({RECEIVED}, {SENT}) AND jid = ? ORDER BY log_line_id", "logs.db", self._contact)
        return [
            (kind == SENT, '"name": "OMEMO"' in (data or ""), text) for kind, data, text in rows]

    def _query(self, sql: str, file: str, *values: str) -> list:
        """Rows of one of its databases; none while there is no such file or table."""
        path = self._home / ".local" / "share" / "gajim" / file
        try:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
                return database.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            return []
