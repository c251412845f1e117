"""Drives profanity, an OMEMO client in C, as a person would: in a terminal (tmux)."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, List, Optional

from silatools.errors import ToolError
from silatools.follow import LineFile
from silatools.processes import Deadline, ProcessRecord, ended
from silatools.server import ADDRESS, Server

#: Wide, so that a message of one screen of a phone stands on one line.
COLUMNS, ROWS = 500, 240


@dataclass(frozen=True)
class Shown:
    """A message that profanity showed in a conversation."""

    text: str
    #: Written in this profanity; otherwise it came in.
    is_mine: bool
    is_encrypted: bool


class Profanity:
    """profanity with a home of its own: its account, OMEMO keys and history outlive a run."""

    def __init__(self, server: Server, jid: str, password: str, home: Path, *, port: Optional[int] = None) -> None:
        """`port`: where the line to the server begins, when not at the server itself."""
        for program in ("profanity", "tmux"):
            if shutil.which(program) is None:
                raise ToolError(f"{program} is not installed: apt-get install {program}")
        self.jid, self._home = jid, home
        # Short: a socket's path has 107 bytes at most (unix(7)).
        self._sockets = tempfile.TemporaryDirectory(prefix="sila-tmux-")
        self._socket = ""
        self._process: Optional[ProcessRecord] = None
        #: Of this run: the place in the log where it began, and the pings so far.
        self._start, self._pings = 0, 0
        self._write_files(server, password, port or server.port)
        self._log = LineFile(self._data / "logs" / "profanity.log")

    # Life

    def start(self) -> "Profanity":
        """Runs it until it is logged in. The first run makes the OMEMO keys."""
        environment = {
            "HOME": str(self._home), "XDG_CONFIG_HOME": str(self._home / "config"),
            "XDG_DATA_HOME": str(self._data.parent), "PATH": os.environ["PATH"], "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
        }
        # A new one each time: the tmux of the run before may be about to end.
        self._socket = f"{self._sockets.name}/{secrets.token_hex(3)}"
        self._start, self._pings = self.mark, 0
        subprocess.run(
            ["tmux", "-S", self._socket, "-f", "/dev/null", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS),
             "profanity", "--log", "DEBUG", "--account", "contact"],
            env=environment, check=True, timeout=30, stdin=subprocess.DEVNULL)
        self._process = ProcessRecord.of(int(self._tmux("display-message", "-p", "#{pane_pid}")))
        self.wait_for(r"logged in successfully", 30)
        if not list(self._data.glob("omemo/*/identity.txt")):
            self.type("/omemo gen")
            self.wait_for(r"OMEMO.*(generated|initialized)", 60)
        return self

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.is_alive

    def quit(self) -> None:
        """Logs out and ends."""
        self.type("/quit")
        self._wait_for_end()

    def kill(self) -> None:
        """Ends it as a power cut would."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._wait_for_end()

    def close(self) -> None:
        """Ends it, whatever state it is in."""
        try:
            if self.is_running:
                self.quit()
        except (ToolError, subprocess.SubprocessError):
            pass
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], capture_output=True, timeout=30)
        self._sockets.cleanup()

    # Writing

    def chat(self, jid: str) -> None:
        """Opens a window for a contact, with encryption on. Returns once it can write."""
        self.type(f"/msg {jid}")
        self.type("/omemo start")
        self.wait_for_session(jid, self._start)

    @property
    def mark(self) -> int:
        """Now, as a place in profanity's log."""
        return len(self._log.read())

    def wait_for_session(self, jid: str, mark: int, seconds: float = 30) -> None:
        """Waits until it can write on a connection made after `mark`.

        It reads the contact's device list and a bundle anew on every connection, and refuses to write
        before it has both. Only its log tells.
        """
        contact = re.escape(jid)
        ready = re.compile(rf"(?s)Setting device list for {contact}\n.*\[OMEMO\] (create )?session with {contact} ")
        self._log.wait(
            f"a session with {jid}", lambda lines: bool(ready.search("\n".join(lines[mark:]))), self._process, seconds)

    def type(self, text: str) -> None:
        """Types a line and presses Enter."""
        self._tmux("send-keys", "-l", "--", text)
        self._tmux("send-keys", "Enter")

    def paste(self, lines: Iterable[str]) -> None:
        """Types many lines, each with Enter, as fast as profanity takes them."""
        self._tmux("load-buffer", "-", stdin="".join(f"{line}\n" for line in lines))
        self._tmux("paste-buffer", "-d")

    def wait_until_sent(self, seconds: float = 60) -> None:
        """Returns once the server has taken all that was typed; shows the console then.

        A stream is in order: what was sent before a ping is taken before its answer.
        """
        self._pings += 1
        self.type("/win 1")
        self.type("/ping")
        # ejabberd answers as the account, Prosody as the server.
        self.wait_for(rf"(?s)(Ping response from .*?){{{self._pings}}}", seconds)

    # Reading

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

    def wait_for_message(self, sender: str, text: str, seconds: float = 60) -> None:
        """Waits until the open window shows a message marked as encrypted (`~`, the default of /omemo char)."""
        self.wait_for(rf"(?m)~ {re.escape(sender)}[^:]*: {re.escape(text)}\s*$", seconds)

    def history(self, jid: str) -> List[Shown]:
        """What a conversation's window showed in all runs, in this order, as profanity keeps it.

        Once it has ended only: profanity does not wait for a reader's lock, it leaves out what it shows then.
        A stanza that the server hands out twice is kept once; one sent twice is kept twice.
        """
        if self.is_running:
            raise ToolError("profanity's history can be read once it has ended")
        [path] = self._data.glob("database/*/chatlog.db")
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            rows = database.execute(
                "SELECT message, from_jid, encryption FROM ChatLogs WHERE ? IN (from_jid, to_jid) ORDER BY id", (jid,))
            return [Shown(text, sender == self.jid, encryption == "omemo") for text, sender, encryption in rows]

    # Pieces

    @property
    def _data(self) -> Path:
        return self._home / "data" / "profanity"

    def _wait_for_end(self) -> None:
        if not ended(self._process.pid, 30):
            raise ToolError(f"profanity does not end; its screen:\n{_trim(self.screen())}")

    def _tmux(self, *command: str, stdin: str = "") -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *command], input=stdin, capture_output=True, text=True,
            timeout=30, env={**os.environ, "LC_ALL": "C.UTF-8"})
        if done.returncode != 0:
            raise ToolError(f"profanity has ended: {done.stderr.strip()}")
        return done.stdout

    def _write_files(self, server: Server, password: str, port: int) -> None:
        config, trusted = self._home / "config" / "profanity", self._home / "trusted"
        for folder in (config, self._data / "logs", trusted):
            folder.mkdir(parents=True)
        shutil.copy(server.ca, trusted / "ca.pem")
        subprocess.run(["openssl", "rehash", str(trusted)], check=True, capture_output=True, timeout=30)
        # reconnect: seconds. A lost line is taken up again soon, not in half a minute.
        (config / "profrc").write_text(
            f"[connection]\ntls.certpath={trusted}\nreconnect=1\n"
            # It reads one piece a turn, and turns ever more slowly while nobody types: ejabberd sends many pieces.
            "[ui]\nsplash=false\nwrap=false\ninpblock=5\ninpblock.dynamic=false\n"
            "[notifications]\nmessage=off\ninvite=false\nsub=false\ntyping=false\n"
            "[omemo]\npolicy=manual\ntrustmode=blind\n"
            "[logging]\nchlog=false\n")
        (self._data / "accounts").write_text(
            f"[contact]\nenabled=true\njid={self.jid}\nserver={ADDRESS}\nport={port}\n"
            f"tls.policy=legacy\npassword={password}\nresource=profanity\n")


def _trim(screen: str) -> str:
    lines: List[str] = [line.rstrip() for line in screen.splitlines()]
    return "\n".join(line for line in lines if line)
