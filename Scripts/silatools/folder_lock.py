"""One start or stop at a time in a folder."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

from .errors import ToolError


class FolderLock:
    """Held while the body of `with` runs. The kernel lets go of it with the process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "lock"

    def __enter__(self) -> None:
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            raise ToolError(f"another start or stop is under way in {self._path.parent}: wait for it to end") from error

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
