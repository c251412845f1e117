"""Whether a port is free, and who has it if not."""

from __future__ import annotations

import errno
import os
import random
import socket
from pathlib import Path
from typing import List, Optional

from .errors import ToolError


def owner(port: int) -> Optional[str]:
    """The process that listens on a TCP port, as `process 12 (name)`, if it can be seen."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            for descriptor in (entry / "fd").iterdir():
                if os.readlink(descriptor) in inodes:
                    return f"process {entry.name} ({(entry / 'comm').read_text().strip()})"
        except OSError:
            continue  # another user's process, or gone
    return None


def require_free(port: int, option: str, address: str = "127.0.0.1") -> None:
    """Throws `ToolError` when nobody else may listen on the port.

    `option` is the option with which a person chooses another port.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a closed connection of a minute ago does not occupy the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ToolError(f"port {port} on {address} cannot be used: {error.strerror}; "
                                f"choose another with {option}") from error
            holder = owner(port)
            raise ToolError(
                f"port {port} on {address} is occupied by {holder or 'another program'}: "
                f"stop it, or choose another port with {option}") from error


#: What `find_free` has handed out, newest last. Servers may take a port long after they were given it.
_given: List[int] = []


def find_free(first: int, last: int, address: str = "127.0.0.1") -> int:
    """A port of a range on which nobody listens, for tests. Drawn, so that two runs rarely meet.

    One that was given a short while ago (within half of the range) comes again only when no other is free.
    """
    recent = set(_given[-((last + 1 - first) // 2):])
    drawn = random.sample(range(first, last + 1), last + 1 - first)
    for port in sorted(drawn, key=recent.__contains__):
        try:
            require_free(port, "", address)
        except ToolError:
            continue
        _given.append(port)
        return port
    raise ToolError(f"no port from {first} to {last} is free on {address}")
