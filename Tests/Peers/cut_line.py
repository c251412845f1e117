"""A TCP line between a program and its server that breaks at moments of the test's choosing."""

from __future__ import annotations

import random
import socket
import struct
import threading
from typing import Callable, Optional, Tuple

from silatools import ports
from silatools.server import ADDRESS

CHUNK = 16 * 1024
#: SO_LINGER that ends a connection with a reset: what the kernel still holds is thrown away.
RESET = struct.pack("ii", 1, 0)


class CutLine:
    """Passes bytes on, TLS and all, until `cut`; then takes the next connection."""

    def __init__(self, target_port: int, first_port: int, last_port: int, dice: random.Random) -> None:
        self.port = ports.find_free(first_port, last_port)
        #: Connections that `cut` broke.
        self.cuts = 0
        #: Bytes that one side had sent and that never came to the other.
        self.swallowed = 0
        #: Seconds by which each piece is held up.
        self.delay = 0.0
        self._target_port, self._dice = target_port, dice
        self._changed = threading.Condition()
        self._current: Optional[_Connection] = None
        self._taken = 0
        self._listener = socket.create_server((ADDRESS, self.port))
        self._has_ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    def wait_for_connection(self, number: int, seconds: float) -> bool:
        """Waits until the `number`-th connection, counted from 1, was taken."""
        with self._changed:
            return self._changed.wait_for(lambda: self._taken >= number, seconds)

    @property
    def taken(self) -> int:
        """How many connections were taken so far."""
        with self._changed:
            return self._taken

    def outlives(self, seconds: float) -> bool:
        """Waits so long; False when the current connection ended before that."""
        with self._changed:
            connection = self._current
        return connection is not None and not connection.is_over.wait(seconds)

    def cut(self, after: float) -> bool:
        """Breaks the current connection `after` so many seconds; False when it ended before that.

        For a moment before, what is sent goes nowhere, in one direction or both, and the first
        piece is cut through: its sender believes that it is on its way.
        """
        with self._changed:
            connection = self._current
        if connection is None or connection.is_over.wait(after):
            return False
        connection.swallow(self._dice.choice([("out",), ("in",), ("out", "in"), ()]))
        connection.is_over.wait(self._dice.uniform(0, 0.2))
        connection.reset()
        self.swallowed += connection.swallowed
        self.cuts += 1
        return True

    def close(self) -> None:
        with self._changed:
            self._has_ended, connection = True, self._current
        # Closing alone does not wake the thread that waits in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if connection:
            connection.reset()

    def _accept(self) -> None:
        while not self._has_ended:
            try:
                near, _ = self._listener.accept()
            except OSError:
                continue
            try:
                far = socket.create_connection((ADDRESS, self._target_port), 10)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._changed:
                self._current = _Connection(near, far, lambda: self.delay)
                self._taken += 1
                self._changed.notify_all()


class _Connection:
    """Two sockets, and a thread for each direction: `out` is from the program to its server."""

    def __init__(self, near: socket.socket, far: socket.socket, delay: Callable[[], float]) -> None:
        self._delay = delay
        self._sockets = (near, far)
        self._swallows: Tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._running = 2
        self.swallowed = 0
        self.is_over = threading.Event()
        for arguments in (("out", near, far), ("in", far, near)):
            threading.Thread(target=self._pump, args=arguments, daemon=True).start()

    def swallow(self, directions: Tuple[str, ...]) -> None:
        with self._lock:
            self._swallows = directions

    def reset(self) -> None:
        """Breaks both halves off, and waits until that is done."""
        with self._lock:
            if self._running:
                for end in self._sockets:
                    self._break(end)
        self.is_over.wait(10)

    def _pump(self, direction: str, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(CHUNK):
                if (delay := self._delay()) > 0:
                    self.is_over.wait(delay)
                target.sendall(self._passes(direction, data))
            target.shutdown(socket.SHUT_WR)  # an orderly end is passed on as one
        except OSError:
            self._break(source)
            self._break(target)
        with self._lock:
            self._running -= 1
            if self._running == 0:
                # Closed here alone: a number closed under a waiting thread may come to mean another socket.
                for end in self._sockets:
                    end.close()
                self.is_over.set()

    def _passes(self, direction: str, data: bytes) -> bytes:
        with self._lock:
            if direction not in self._swallows:
                return data
            kept = len(data) // 2 if self.swallowed == 0 else 0
            self.swallowed += len(data) - kept
            return data[:kept]

    @staticmethod
    def _break(end: socket.socket) -> None:
        try:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            end.shutdown(socket.SHUT_RDWR)  # wakes the threads that wait in recv or send
        except OSError:
            pass  # the other side was faster
