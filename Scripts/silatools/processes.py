"""Starting, recognising and ending processes of our own.

A process is known by its number and its start time together: numbers are used again, and a
stale file must never end someone else's process.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Sequence

from .errors import ToolError


def start_time(pid: int) -> Optional[int]:
    """The start of a process in clock ticks since boot, `None` when it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the command in brackets and may hold spaces and brackets (proc(5)).
    fields = stat[stat.rindex(")") + 2:].split()
    return None if fields[0] in ("Z", "X") else int(fields[19])


def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


@dataclass(frozen=True)
class ProcessRecord:
    """A process of ours, as a file remembers it."""

    pid: int
    started: int
    boot: str

    @staticmethod
    def of(pid: int) -> "ProcessRecord":
        started = start_time(pid)
        if started is None:
            raise ToolError(f"process {pid} ended before it could be recorded")
        return ProcessRecord(pid, started, boot_id())

    @staticmethod
    def read(path: Path) -> Optional["ProcessRecord"]:
        """The record in `path`; `None` when there is none or the file holds something else."""
        try:
            values = json.loads(path.read_text())
            return ProcessRecord(int(values["pid"]), int(values["started"]), str(values["boot"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: Path) -> None:
        text = json.dumps({"pid": self.pid, "started": self.started, "boot": self.boot}) + "\n"
        temporary = path.with_name(path.name + ".new")
        temporary.write_text(text)
        os.replace(temporary, path)

    @property
    def is_alive(self) -> bool:
        return self.boot == boot_id() and start_time(self.pid) == self.started


def ended(pid: int, seconds: float) -> bool:
    """Waits until a process has ended, `seconds` at most. Our own children are reaped."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        readable, _, _ = select.select([descriptor], [], [], seconds)
    finally:
        os.close(descriptor)
    if readable:
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            pass  # not our child: someone else reaps it
    return bool(readable)


def stop(record: ProcessRecord, name: str, seconds: float = 15) -> bool:
    """Ends a process politely, then by force.

    - Returns: False when it was not running any more.
    """
    if not record.is_alive:
        return False
    try:
        # A descriptor cannot come to mean another process between the check and the signal.
        descriptor = os.pidfd_open(record.pid)
    except ProcessLookupError:
        return False
    try:
        if not record.is_alive:
            return False
        for signum in (signal.SIGTERM, signal.SIGKILL):
            try:
                signal.pidfd_send_signal(descriptor, signum)
            except ProcessLookupError:
                return True
            if ended(record.pid, seconds):
                return True
    finally:
        os.close(descriptor)
    raise ToolError(f"{name} (process {record.pid}) does not end; look at it with: ps -fp {record.pid}")


def spawn(
    command: Sequence[str], log: Path, *, environment: Optional[dict] = None, cwd: Optional[Path] = None,
    stdout=None, pass_fds: Sequence[int] = (),
) -> subprocess.Popen:
    """Starts a process in a session of its own, its standard error (and output) appended to `log`."""
    with open(log, "ab") as file:
        return subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=stdout or file, stderr=file, cwd=cwd,
            env=environment, start_new_session=True, close_fds=True, pass_fds=tuple(pass_fds))


class Deadline:
    """A moment that waiting must not pass."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        return self.left == 0
