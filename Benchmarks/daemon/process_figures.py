"""Time and memory of a process, from Linux."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Callable


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process so far."""
    # The clock id that clock_getcpuclockid(3) gives for a process.
    return time.clock_gettime((~pid << 3) | 2)


def anonymous_bytes(pid: int) -> int:
    """Resident memory that belongs to no file."""
    return _status_bytes(pid, "RssAnon")


def peak_bytes(pid: int) -> int:
    """The most resident memory that a process has had, with files."""
    return _status_bytes(pid, "VmHWM")


def _status_bytes(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/{pid}/status has no {name}")


def wait_until_idle(pid: int, quiet: int = 3, limit: int = 60) -> None:
    """Returns after `quiet` seconds in a row in which the process used less than 10 ms of CPU time each."""
    calm = 0
    for _ in range(limit):
        before = cpu_seconds(pid)
        time.sleep(1)
        calm = calm + 1 if cpu_seconds(pid) - before < 0.01 else 0
        if calm == quiet:
            return
    raise TimeoutError(f"the process was not idle within {limit} s")


def seconds_of(body: Callable[[], Any]) -> float:
    started = time.monotonic()
    body()
    return time.monotonic() - started


def seconds_until(condition: Callable[[], bool], limit: float) -> float:
    """Asks every 20 ms."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > limit:
            raise TimeoutError(f"waited {limit:.0f} s in vain")
        time.sleep(0.02)
    return time.monotonic() - started
