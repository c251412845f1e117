"""The agent of a member of staff: unlocking, its socket (Documentation of `AgentProtocol`), and a session with it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import struct
import subprocess
import time
from pathlib import Path
from typing import Any, Dict, Tuple

from silatools.deployment import Deployment
from silatools.errors import ToolError

VERSION = 1


class Agent:
    """What `sila unlock` starts. Its socket lies in `runtime`, a folder of its own."""

    def __init__(self, deployment: Deployment, runtime: Path) -> None:
        self._deployment, self._runtime = deployment, runtime
        runtime.mkdir(mode=0o700, exist_ok=True)
        self.environment = {**os.environ, **deployment.staff_environment, "XDG_RUNTIME_DIR": str(runtime)}

    def sila(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._deployment.staff_command(), *arguments], env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise ToolError(f"sila {arguments[0]} failed: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def unlock(self) -> None:
        self.sila("unlock")

    def lock(self) -> None:
        with contextlib.suppress(ToolError):
            self.sila("lock")

    def connect(self) -> "AgentConnection":
        found = list((self._runtime / "sila").glob("agent-*.sock"))
        if len(found) != 1:
            raise ToolError(f"{len(found)} sockets of an agent in {self._runtime}, not one")
        return AgentConnection(found[0])


class AgentConnection:
    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(60)
        self._socket.connect(str(path))
        self.pid = struct.unpack("3i", self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]

    def ask(self, request: Dict[str, Any]) -> Any:
        """One request; returns what the answer holds."""
        payload = json.dumps({"version": VERSION, "body": request}).encode()
        self._socket.sendall(struct.pack(">I", len(payload)) + payload)
        (length,) = struct.unpack(">I", self._read(4))
        body = json.loads(self._read(length))["body"]
        if "failed" in body:
            raise ToolError(f"the agent refused: {body['failed']}")
        (answer,) = body.values()
        return answer["_0"] if "_0" in answer else answer

    def _read(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            part = self._socket.recv(count - len(parts))
            if not part:
                raise ToolError("the agent closed its socket")
            parts += part
        return bytes(parts)

    def index(self) -> Dict[str, Any]:
        return self.ask({"status": {}})["index"]

    def wait_until_complete(self, seconds: float) -> Dict[str, Any]:
        """Asks ten times a second."""
        limit = time.monotonic() + seconds
        while (index := self.index())["state"] != "complete":
            if time.monotonic() > limit:
                raise ToolError(f"the index is '{index['state']}' after {seconds:.0f} s, {index['read']} items read")
            time.sleep(0.1)
        return index

    def search(self, query: str, limit: int = 20) -> Dict[str, Any]:
        return self.ask({"search": {"query": query, "limit": limit}})

    def log_in(self, bridge: Path, member: str) -> str:
        """A token of the staff API, with a signature of the agent."""
        health = call(bridge, "GET", "/v1/health")
        challenge = call(bridge, "POST", "/v1/session/challenge", {"member": member})["challenge"]
        signature = self.ask({"signLogin": {"deployment": health["deployment"], "challenge": challenge}})
        session = {"member": member, "challenge": challenge, "signature": signature}
        return call(bridge, "POST", "/v1/session", session)["token"]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self._path))


def call(bridge: Path, method: str, path: str, body: Any = None, token: str = "") -> Any:
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with contextlib.closing(UnixConnection(bridge)) as connection:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        status, text = answer_of(connection)
    if status != 200:
        raise ToolError(f"{method} {path} was answered with {status}: {text[:200]}")
    return json.loads(text)


def answer_of(connection: http.client.HTTPConnection) -> Tuple[int, str]:
    response = connection.getresponse()
    return response.status, response.read().decode()
