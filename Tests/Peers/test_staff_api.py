"""The staff API as `Documentation/openapi.yaml` describes it, tried by schemathesis on a running `silad`."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from conftest import FIRST_PORT, LAST_PORT, REPOSITORY, Bridge
from silatools import ports

OPENAPI = REPOSITORY / "Documentation" / "openapi.yaml"


def transcript(domain: str, version: int, *fields: bytes | str | int) -> bytes:
    """The form in which values are signed or bound (Documentation/formats.md)."""
    def framed(field: bytes) -> bytes:
        return struct.pack(">I", len(field)) + field

    result = framed(domain.encode()) + bytes([version])
    for field in fields:
        if isinstance(field, int):
            result += struct.pack(">q", field)
        else:
            result += framed(field.encode() if isinstance(field, str) else field)
    return result


class KeyFile:
    """A member's keys as `sila` keeps them, read by an implementation of its own."""

    def __init__(self, path: Path, passphrase: str) -> None:
        stored = json.loads(path.read_text("utf-8"))
        self.member: str = stored["id"]
        kdf = stored["kdf"]
        salt, sealed = base64.b64decode(kdf["salt"]), base64.b64decode(stored["sealed"])
        signing, sealing = base64.b64decode(stored["signingKey"]), base64.b64decode(stored["sealingKey"])
        key = Scrypt(salt=salt, length=32, n=kdf["rounds"], r=kdf["blockSize"], p=kdf["parallelism"]).derive(
            passphrase.encode())
        bound = transcript(
            "sila staff keys", 1, self.member, signing, sealing, salt, kdf["rounds"], kdf["blockSize"],
            kdf["parallelism"])
        assert sealed[0] == 1
        secret = AESGCM(key).decrypt(sealed[1:13], sealed[13:], bound)
        self.signing = Ed25519PrivateKey.from_private_bytes(secret[:32])


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class StaffAPI:
    """A client of a running bridge."""

    def __init__(self, path: Path, keys: KeyFile) -> None:
        self.path, self.keys = path, keys

    def call(
        self, method: str, path: str, body: Any = None, *, token: str = "", headers: Dict[str, str] | None = None
    ) -> Tuple[int, Any]:
        connection = UnixConnection(self.path)
        with contextlib.closing(connection):
            headers = dict(headers or {})
            if token:
                headers["Authorization"] = f"Bearer {token}"
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def log_in(self) -> str:
        _, health = self.call("GET", "/v1/health")
        status, challenge = self.call("POST", "/v1/session/challenge", {"member": self.keys.member})
        assert status == 200, challenge
        signature = self.keys.signing.sign(
            transcript(
                "sila staff login", 1, base64.b64decode(health["deployment"]), self.keys.member,
                base64.b64decode(challenge["challenge"])))
        status, session = self.call(
            "POST", "/v1/session",
            {
                "member": self.keys.member, "challenge": challenge["challenge"],
                "signature": base64.b64encode(signature).decode(),
            })
        assert status == 200, session
        return session["token"]


class Forwarder:
    """A port of the loopback interface that leads to a Unix socket: schemathesis speaks TCP only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.port = ports.find_free(FIRST_PORT, LAST_PORT)
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        # Wakes the thread that waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            bridge = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                bridge.connect(str(self._path))
            except OSError:
                client.close()
                continue
            for source, target in ((client, bridge), (bridge, client)):
                threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def staff_api(bridge: Bridge) -> StaffAPI:
    """The first coordinator at a running `silad`."""
    deployment = bridge.deployment
    passphrase = deployment.passphrase_file.read_text("utf-8").strip()
    keys = KeyFile(deployment.staff / "keys" / "coordinator.key", passphrase)
    return StaffAPI(deployment.socket, keys)


@pytest.fixture
def forwarder(staff_api: StaffAPI) -> Iterator[Forwarder]:
    forwarder = Forwarder(staff_api.path)
    yield forwarder
    forwarder.close()


def test_log_in_with_keys_made_by_sila_init(staff_api: StaffAPI) -> None:
    token = staff_api.log_in()
    status, session = staff_api.call("GET", "/v1/session", token=token)
    assert (status, session["member"], session["role"]) == (200, staff_api.keys.member, "coordinator")
    assert staff_api.call("GET", "/v1/inbox", token=token)[0] == 200
    assert staff_api.call("DELETE", "/v1/session", token=token)[0] == 200
    assert staff_api.call("GET", "/v1/inbox", token=token)[0] == 401


def test_the_socket_is_for_the_group_only(staff_api: StaffAPI) -> None:
    assert os.stat(staff_api.path).st_mode & 0o777 == 0o660
    assert os.stat(staff_api.path.parent).st_mode & 0o777 == 0o750


def test_events_begin_with_what_is_kept(staff_api: StaffAPI) -> None:
    connection = UnixConnection(staff_api.path)
    with contextlib.closing(connection):
        connection.request("GET", "/v1/events", headers={"Authorization": f"Bearer {staff_api.log_in()}"})
        response = connection.getresponse()
        assert (response.status, response.headers["Content-Type"]) == (200, "text/event-stream")
        assert response.readline() == b": sila\n"


def test_the_archive_is_a_whole_stream(staff_api: StaffAPI) -> None:
    connection = UnixConnection(staff_api.path)
    with contextlib.closing(connection):
        connection.request("GET", "/v1/archive", headers={"Authorization": f"Bearer {staff_api.log_in()}"})
        response = connection.getresponse()
        assert (response.status, response.headers["Content-Type"]) == (200, "application/vnd.sila.archive")
        body = response.read()
    assert body[:5] == b"SILA\x01"
    kinds, rest = [], body[5:]
    while rest:
        (length,) = struct.unpack(">I", rest[:4])
        kinds.append(rest[4])
        rest = rest[4 + length:]
    assert kinds[-1] == 3 and kinds.count(3) == 1


#: Beside what the document can say: texts of white space or of control characters are refused too,
#: and so is what the state of a bridge does not allow.
CHECKS = "all"
NOT_CHECKED = "positive_data_acceptance,use_after_free,ensure_resource_availability"


def test_the_server_does_what_the_document_says(staff_api: StaffAPI, forwarder: Forwarder, tmp_path: Path) -> None:
    """Some 30 operations with good and bad input: never a fault, always a documented answer in the
    documented form, nothing without log-in, nothing undocumented taken."""
    command: List[str] = [
        sys.executable, "-m", "schemathesis.cli", "run", str(OPENAPI), "--url", forwarder.url,
        "--header", f"Authorization: Bearer {staff_api.log_in()}",
        "--checks", CHECKS, "--exclude-checks", NOT_CHECKED,
        # It would end the session of all the others; an event stream does not end by itself.
        "--exclude-operation-id", "logOut", "--exclude-operation-id", "streamEvents",
        "--phases", "examples,coverage,fuzzing", "--max-examples", "25", "--seed", "1", "--request-timeout", "30",
        "--no-color", "--warnings", "off",
    ]
    environment = {**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path / "hypothesis"), "NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    tested = re.search(r"Tested: +(\d+)", done.stdout)
    assert tested and int(tested.group(1)) >= 25, done.stdout[-3000:]
