"""The staff API byte by byte, and sockets in front of it that cut lines and tell lies."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import threading
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

from test_staff_api import UnixConnection

Answer = Tuple[int, Any]


def call(
    path: Path, method: str, url: str, body: Any = None, *, token: str = "", key: str = ""
) -> Answer:
    """A request; of a stream, the first line alone is read."""
    connection = UnixConnection(path)
    with contextlib.closing(connection):
        headers = {"Host": "localhost"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if key:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        content = body if body is None or isinstance(body, bytes) else json.dumps(body)
        connection.request(method, url, content, headers)
        response = connection.getresponse()
        kind = response.headers.get("Content-Type", "")
        if kind.startswith("application/json"):
            return response.status, json.loads(response.read())
        return response.status, response.readline() if kind == "text/event-stream" else response.read()


class CuttingSocket:
    """Stands in front of the bridge's socket. `cut` says of which request the answer, or the request itself,
    is not passed on: the connection is closed instead."""

    def __init__(self, bridge: Path) -> None:
        self._bridge, self._cut = bridge, (b"", "")
        self._lock = threading.Lock()
        self._action: Optional[Tuple[bytes, Callable[[], None]]] = None
        self.folder = Path(os.path.realpath(f"/tmp/sila-cut-{secrets.token_hex(4)}"))
        self.folder.mkdir(mode=0o700)
        self.path = self.folder / "s"
        #: Requests that were cut, whole.
        self.requests: List[bytes] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self, start: bytes, when: str) -> None:
        """Of requests whose first line has these bytes: `before` or `after` they were passed on."""
        assert when in ("before", "after", "")
        with self._lock:
            self._cut = (start, when)

    def when_reached(self, start: bytes, action: Callable[[], None]) -> None:
        """Does something when such a request came, before it is passed on."""
        self._action = (start, action)

    def answer_to(self, request: bytes, answer: bytes) -> bytes:
        return answer

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connection, args=(client,), daemon=True).start()

    def _connection(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as bridge, contextlib.suppress(OSError):
            bridge.connect(str(self._bridge))
            while request := self._whole(client):
                with self._lock:
                    start, when = self._cut
                is_cut = bool(when) and start in request.split(b"\r\n", 1)[0]
                if is_cut:
                    self.requests.append(request)
                    if when == "before":
                        return
                if self._action and self._action[0] in request.split(b"\r\n", 1)[0]:
                    self._action[1]()
                bridge.sendall(request)
                answer = self.answer_to(request, self._whole(bridge))
                if is_cut:
                    return
                client.sendall(answer)

    @staticmethod
    def _whole(source: socket.socket) -> bytes:
        """A request or an answer with its body; no streams. Empty at the end."""
        data = b""
        while b"\r\n\r\n" not in data:
            if not (part := source.recv(65536)):
                return b""
            data += part
        head, body = data.split(b"\r\n\r\n", 1)
        fields = dict(
            line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
        if b"transfer-encoding" in fields:
            while not body.endswith(b"0\r\n\r\n"):
                body += source.recv(65536)
        else:
            length = int(fields.get(b"content-length", b"0"))
            while len(body) < length:
                body += source.recv(65536)
        return head + b"\r\n\r\n" + body


class LyingSocket(CuttingSocket):
    """Passes requests on, and gives other answers to some."""

    def __init__(self, bridge: Path, lies: Dict[bytes, bytes]) -> None:
        self._lies = lies
        super().__init__(bridge)

    def answer_to(self, request: bytes, answer: bytes) -> bytes:
        for start, body in self._lies.items():
            if request.startswith(start):
                return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
                    len(body), body)
        return answer
