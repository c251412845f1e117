"""What the demo's coordinator types at `sila`."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from typing import Any, Dict

from . import terminal
from .contact import Contact
from .deployment import Deployment
from .errors import ToolError

REPLY = "Salam, this is a person now: I am reading with you. Write whenever you want."


class DemoStaff:
    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment

    def answer(self, contact: Contact) -> None:
        """The inbox, a conversation, and a reply, which the contact receives."""
        print("The same as staff, who hold the keys, see it:\n")
        conversation = self._conversation()["id"]
        self._show("inbox", "--all")
        self._show("show", conversation, "--limit", "4")
        mark = contact.mark
        self._show("reply", conversation, REPLY)
        contact.wait_texts(1, 60, mark)
        for event in contact.all("received", mark):
            note = "" if event["encrypted"] else "not encrypted!"
            print("\n".join(terminal.message("helpline", str(event["text"]), note)), flush=True)
        print("\nThe contact has it. Read on, with single keys: sila inbox -i (the command stands below).\n")

    def taken_over(self) -> Dict[str, Any]:
        """The row of the demo's own contact if staff have it from the bot, else nothing."""
        row = self._conversation()
        return row if row.get("takenOverBy") else {}

    def _conversation(self) -> Dict[str, Any]:
        """The row of the demo's own contact, who wrote first; empty before that."""
        rows = json.loads(self._sila("inbox", "--all", "--json"))["conversations"]
        return min((row for row in rows if not row["isPractice"]), key=lambda row: int(row["id"][1:]), default={})

    def _show(self, *arguments: str) -> None:
        printed = self._sila(*arguments)
        print(f"  $ sila {shlex.join(arguments)}\n" + "".join(f"    {line}\n" for line in printed.splitlines()))

    def _sila(self, *arguments: str) -> str:
        """Runs the staff's program with the coordinator's keys. Throws `ToolError` with what it said."""
        done = subprocess.run(
            [*self.deployment.staff_command(), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, env={**os.environ, **self.deployment.staff_environment, "COLUMNS": "96"})
        if done.returncode != 0:
            raise ToolError(f"sila {arguments[0]} failed: {done.stderr.strip()}")
        return done.stdout
