"""Drives profanity, an OMEMO client in C, as a person would: in a terminal (tmux)."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import threading
from pathlib import Path
from typing import List

from silatools.errors import ToolError
from silatools.processes import Deadline
from silatools.prosody import ADDRESS, Prosody

#: Wide, so that a message of one screen of a phone stands on one line.
COLUMNS, ROWS = 500, 120


class Profanity:
    """One running profanity with a home of its own, logged in, with OMEMO keys."""

    def __init__(self, server: Prosody, jid: str, password: str, home: Path) -> None:
        for program in ("profanity", "tmux"):
            if shutil.which(program) is None:
                raise ToolError(f"{program} is not installed: apt-get install {program}")
        self.jid = jid
        self._socket = f"sila-{os.getpid()}-{secrets.token_hex(3)}"
        self._write_files(server, password, home)
        environment = {
            "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data"),
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
        }
        subprocess.run(
            ["tmux", "-L", self._socket, "-f", "/dev/null", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS),
             "profanity", "--log", "DEBUG", "--account", "contact"],
            env=environment, check=True, timeout=30, stdin=subprocess.DEVNULL)

    def __enter__(self) -> "Profanity":
        self.wait_for(r"logged in successfully", 30)
        self.type("/omemo gen")
        self.wait_for(r"OMEMO.*(generated|initialized)", 60)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.type("/quit")
        except (ToolError, subprocess.SubprocessError):
            pass
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True, timeout=30)

    def chat(self, jid: str) -> None:
        """Opens a window for a contact, with encryption on."""
        self.type(f"/msg {jid}")
        self.type("/omemo start")
        self.wait_for(r"OMEMO session started|\[OMEMO\]", 30)

    def type(self, text: str) -> None:
        """Types a line and presses Enter."""
        self._tmux("send-keys", "-l", "--", text)
        self._tmux("send-keys", "Enter")

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p", "-J")

    def wait_for(self, pattern: str, seconds: float = 30) -> re.Match:
        """Waits until the screen matches. tmux tells no events: looks ten times a second."""
        deadline = Deadline(seconds)
        pause = threading.Event()
        while True:
            screen = self.screen()
            match = re.search(pattern, screen)
            if match:
                return match
            if deadline.passed:
                raise ToolError(f"profanity never showed {pattern!r}; its screen:\n{_trim(screen)}")
            pause.wait(0.1)

    def _tmux(self, *command: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._socket, *command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=30, env={**os.environ, "LC_ALL": "C.UTF-8"})
        if done.returncode != 0:
            raise ToolError(f"profanity has ended: {done.stderr.strip()}")
        return done.stdout

    def _write_files(self, server: Prosody, password: str, home: Path) -> None:
        config, data, trusted = home / "config" / "profanity", home / "data" / "profanity", home / "trusted"
        for folder in (config, data, trusted):
            folder.mkdir(parents=True)
        shutil.copy(server.ca, trusted / "ca.pem")
        subprocess.run(["openssl", "rehash", str(trusted)], check=True, capture_output=True, timeout=30)
        (config / "profrc").write_text(
            f"[connection]\ntls.certpath={trusted}\n"
            "[ui]\nsplash=false\nwrap=false\n"
            "[notifications]\nmessage=off\ninvite=false\nsub=false\ntyping=false\n"
            "[omemo]\npolicy=manual\ntrustmode=blind\n"
            "[logging]\nchlog=false\n")
        (data / "accounts").write_text(
            f"[contact]\nenabled=true\njid={self.jid}\nserver={ADDRESS}\nport={server.port}\n"
            f"tls.policy=legacy\npassword={password}\nresource=profanity\n")


def _trim(screen: str) -> str:
    lines: List[str] = [line.rstrip() for line in screen.splitlines()]
    return "\n".join(line for line in lines if line)
