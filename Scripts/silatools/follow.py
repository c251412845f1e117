"""Waits for lines that another process appends to a file, without polling (inotify(7))."""

from __future__ import annotations

import ctypes
import os
import select
from pathlib import Path
from typing import Callable, List, Optional

from .errors import ToolError
from .processes import Deadline, ProcessRecord

_IN_MODIFY = 0x2
_libc = ctypes.CDLL(None, use_errno=True)


class LineFile:
    """The lines of a file from where it ended when this object was made."""

    def __init__(self, path: Path) -> None:
        path.touch()
        self.path = path
        self.lines: List[str] = []
        self._offset = path.stat().st_size
        self._rest = b""

    def read(self) -> List[str]:
        """All whole lines so far."""
        with open(self.path, "rb") as file:
            file.seek(self._offset)
            data = file.read()
        self._offset += len(data)
        *whole, self._rest = (self._rest + data).split(b"\n")
        self.lines += [line.decode("utf-8", "replace") for line in whole]
        return self.lines

    def wait(self, what: str, condition: Callable[[List[str]], bool], record: ProcessRecord, seconds: float) -> None:
        """Waits until the lines fulfil a condition.

        Throws `ToolError` when the process ends before, or `seconds` pass.
        """
        deadline = Deadline(seconds)
        watch = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if watch < 0 or _libc.inotify_add_watch(watch, os.fsencode(self.path), _IN_MODIFY) < 0:
            raise ToolError(f"{self.path} cannot be watched: {os.strerror(ctypes.get_errno())}")
        ending = _pidfd(record)
        try:
            while True:
                has_ended = ending is None or bool(select.select([ending], [], [], 0)[0])
                if condition(self.read()):
                    return
                if has_ended:
                    raise ToolError(f"the process ended before {what}")
                if deadline.passed:
                    raise ToolError(f"waited {seconds:.0f} s in vain for {what}")
                select.select([watch, ending], [], [], deadline.left)
                _drain(watch)
        finally:
            os.close(watch)
            if ending is not None:
                os.close(ending)


def _pidfd(record: ProcessRecord) -> Optional[int]:
    try:
        descriptor = os.pidfd_open(record.pid)
    except ProcessLookupError:
        return None
    if record.is_alive:
        return descriptor
    os.close(descriptor)
    return None


def _drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, 65536):
            pass
    except BlockingIOError:
        pass
