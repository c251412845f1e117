"""A member of staff at a terminal: types commands into a shell in tmux and reads the screen."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Dict, Optional

from silatools.errors import ToolError
from silatools.processes import Deadline

COLUMNS, ROWS = 110, 200


class Person:
    """`environment` is what makes `sila` theirs; `programs` is where it lies."""

    def __init__(self, programs: Path, environment: Dict[str, str]) -> None:
        # A short path: a socket's has 107 bytes at most.
        self._folder = Path(tempfile.mkdtemp(prefix="sila-person-"))
        self._name = secrets.token_hex(3)
        settings = {
            "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(self._folder), "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "XDG_RUNTIME_DIR": str(self._folder), **environment,
        }
        self._count = 0
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS),
                   "bash", "--norc", "--noprofile", environment=settings)
        self.run("PS1='$ '")

    def run(self, command: str, *, status: Optional[int] = 0, seconds: float = 60) -> str:
        """Types a command, waits until it has ended, and returns what it printed.

        A status other than `status` is an error; `None` takes any.
        """
        self._count += 1
        mark = f"ended-{self._count}"
        self._tmux("clear-history")
        self.type(f"clear; {command}; echo \"{mark[:3]}''{mark[3:]} $?\"")
        screen = self.wait_for(rf"^{mark} (\d+)$", seconds)
        found = re.search(rf"^{mark} (\d+)$", screen, re.M)
        printed = screen[:found.start()].split("\n", 1)[-1] if "clear;" in screen.split("\n", 1)[0] else \
            screen[:found.start()]
        if status is not None and int(found[1]) != status:
            raise ToolError(f"'{command}' ended with {found[1]}, not {status}:\n{printed.strip()}")
        return printed

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", "--", text)
        self._tmux("send-keys", "Enter")

    def press(self, *keys: str) -> None:
        """Single keys, by tmux's names."""
        for key in keys:
            self._tmux("send-keys", key)

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p", "-J", "-S", "-")

    def wait_for(self, pattern: str, seconds: float = 60) -> str:
        """Waits until the screen matches; returns it. tmux tells no events: looks ten times a second."""
        deadline = Deadline(seconds)
        pause = threading.Event()
        while True:
            screen = self.screen()
            if re.search(pattern, screen, re.M):
                return screen
            if deadline.passed:
                raise ToolError(f"the screen never showed {pattern!r}:\n{screen.strip()}")
            pause.wait(0.1)

    def close(self) -> None:
        subprocess.run(["tmux", "-S", str(self._folder / "tmux"), "kill-server"], capture_output=True, timeout=30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _tmux(self, *command: str, environment: Optional[Dict[str, str]] = None) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self._folder / "tmux"), *command], stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=30, env=environment or {**os.environ, "LC_ALL": "C.UTF-8"})
        if done.returncode != 0:
            raise ToolError(f"the terminal has ended: {done.stderr.strip()}")
        return done.stdout
