"""A member of staff at a terminal: types commands into a shell in tmux and reads the screen."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Dict, Optional, Tuple

from silatools.errors import ToolError
from silatools.processes import Deadline

COLUMNS, ROWS = 110, 200
#: The shell's prompt: the number of the command, and how the one before it ended.
PROMPT = re.compile(r"^\[(\d+):(\d+)\] ?", re.M)


class Person:
    """`environment` is what makes `sila` theirs; `programs` is where it lies.

    Their screen has `columns` and `rows`. What scrolled off it is kept.
    """

    def __init__(
        self, programs: Path, environment: Dict[str, str], *, columns: int = COLUMNS, rows: int = ROWS
    ) -> None:
        # A short path: a socket's has 107 bytes at most.
        self._folder = Path(tempfile.mkdtemp(prefix="sila-person-"))
        self._settings = {
            "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(self._folder), "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "XDG_RUNTIME_DIR": str(self._folder), **environment,
        }
        #: What was written to the terminal, byte by byte; tmux drops what it cannot show.
        self._written = bytearray()
        self._changed = threading.Condition()
        self._number = 1
        self._reader = threading.Thread(target=self._read, args=(self._folder / "output",), daemon=True)
        try:
            self._start(columns, rows)
        except BaseException:
            self.close()
            raise

    def _start(self, columns: int, rows: int) -> None:
        fifo, configuration = self._folder / "output", self._folder / "tmux.conf"
        os.mkfifo(fifo)
        configuration.write_text(
            "set -g history-limit 20000\nset -g status off\nset -g default-terminal xterm-256color\n"
            "set -g escape-time 0\n")
        shell = self._folder / "shellrc"
        shell.write_text("unset HISTFILE\nPS1='[\\#:$?] '\nbind 'set enable-bracketed-paste off'\n")
        self._reader.start()
        # "cat" first: nothing is shown before someone reads along.
        self._tmux("-f", str(configuration), "new-session", "-d", "-x", str(columns), "-y", str(rows), "cat")
        self._tmux("pipe-pane", "-O", f"exec cat > '{fifo}'")
        self._tmux("respawn-pane", "-k", f"exec bash --noprofile --rcfile '{shell}' -i")
        self.wait_for(PROMPT.pattern)

    # What they do

    def run(
        self, command: str, *answers: Tuple[str, str], status: Optional[int] = 0, seconds: float = 60
    ) -> str:
        """Types a command, waits until it has ended, and returns what was shown meanwhile.

        `answers` are questions (patterns) that it asks, in this order, each with what is typed then.
        Another exit status than `status` is an error; `None` takes any.
        """
        self.begin(command)
        for question, typed in answers:
            self.wait_for_output(question, seconds)
            self.type(typed)
        return self.finish(command, status=status, seconds=seconds)

    def begin(self, command: str) -> None:
        """Types a command and goes on at once."""
        self.type(command)

    def finish(self, command: str = "", *, status: Optional[int] = 0, seconds: float = 60) -> str:
        """Waits until the command that was begun has ended, and returns what was shown meanwhile."""
        prompt = rf"^\[{self._number + 1}:(\d+)\]"
        screen = self.wait_for(prompt, seconds)
        shown = self.output()
        self._number += 1
        found = int(re.search(prompt, screen, re.M)[1])
        if status is not None and found != status:
            raise ToolError(f"'{command}' ended with {found}, not {status}:\n{shown}")
        return shown

    def type(self, text: str) -> None:
        """Types a line."""
        if text:
            self._tmux("send-keys", "-l", "--", text)
        self._tmux("send-keys", "Enter")

    def press(self, *keys: str) -> None:
        """Single keys, by tmux's names."""
        for key in keys:
            self._tmux("send-keys", key)

    # What they see

    def screen(self) -> str:
        """The screen, below what scrolled off it. Without blanks at the ends of lines."""
        lines = self._tmux("capture-pane", "-p", "-J", "-S", "-").split("\n")
        return "\n".join(line.rstrip() for line in lines)

    def window(self) -> str:
        """The screen as it is at this moment, line by line as wide as it is."""
        return self._tmux("capture-pane", "-p")

    def output(self) -> str:
        """What the last command has shown, without the line on which it was typed."""
        screen = self.screen()
        begin = re.search(rf"^\[{self._number}:\d+\].*\n?", screen, re.M)
        shown = screen[begin.end():] if begin else ""
        end = re.search(rf"^\[{self._number + 1}:\d+\]", shown, re.M)
        return (shown[:end.start()] if end else shown).strip("\n")

    @property
    def written(self) -> str:
        """All that was written to the terminal so far, with what moves and colours."""
        with self._changed:
            return self._written.decode("utf-8", "replace")

    def wait_for(self, pattern: str, seconds: float = 60) -> str:
        """Waits until the screen matches; returns it."""
        return self._wait(self.screen, pattern, seconds)

    def wait_for_output(self, pattern: str, seconds: float = 60) -> str:
        """Waits until what the last command shows matches; returns it."""
        return self._wait(self.output, pattern, seconds)

    def _wait(self, look, pattern: str, seconds: float) -> str:
        deadline = Deadline(seconds)
        while True:
            with self._changed:
                length = len(self._written)
            text = look()
            if re.search(pattern, text, re.M):
                return text
            with self._changed:
                # tmux draws before it passes on, so what is passed on is on the screen.
                if not self._changed.wait_for(lambda: len(self._written) > length, deadline.left):
                    raise ToolError(f"the screen never showed {pattern!r}:\n{self.screen().strip()}")

    def close(self) -> None:
        subprocess.run(["tmux", "-S", str(self._folder / "tmux"), "kill-server"], capture_output=True, timeout=30)
        # Its programs end on their own; the last one closes what is read here.
        if self._reader.is_alive():
            self._reader.join(10)
        shutil.rmtree(self._folder, ignore_errors=True)

    # Pieces

    def _read(self, fifo: Path) -> None:
        with open(fifo, "rb", buffering=0) as output:
            while part := output.read(65536):
                with self._changed:
                    self._written += part
                    self._changed.notify_all()

    def _tmux(self, *command: str) -> str:
        # The first command starts the server, which hands its environment to the shell.
        done = subprocess.run(
            ["tmux", "-S", str(self._folder / "tmux"), *command], stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=30, env=self._settings)
        if done.returncode != 0:
            raise ToolError(f"the terminal has ended: {done.stderr.strip()}")
        return done.stdout
