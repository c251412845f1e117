"""`Scripts/prosody` and `Scripts/ejabberd` as a person uses them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path
from typing import Iterator

import pytest

from conftest import FIRST_PORT, KINDS, LAST_PORT, REPOSITORY
from silatools import ports
from silatools.processes import ProcessRecord


class Script:
    """One of the scripts, on a folder of its own."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.path, self.folder = str(REPOSITORY / "Scripts" / kind), folder
        self.package = KINDS[kind].PACKAGES[0]

    def run(self, command: str, *arguments: object) -> subprocess.CompletedProcess:
        return subprocess.run(
            [self.path, command, "--dir", str(self.folder), *map(str, arguments)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90)


@pytest.fixture(params=list(KINDS))
def script(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Script]:
    made = Script(request.param, tmp_path / "server")
    yield made
    made.run("stop")


def test_start_twice_restart_and_keep_data(script):
    port = ports.find_free(FIRST_PORT, LAST_PORT)
    first = json.loads(script.run("start", "--port", port, "--json").stdout)
    assert first["running"] and first["port"] == port
    assert "made" in script.run("add-user", "amal", "secret").stdout
    second = json.loads(script.run("start", "--port", port, "--json").stdout)
    assert second["pid"] == first["pid"], "a second start leaves the running server alone"
    assert "stopped" in script.run("stop").stdout
    assert script.run("status").returncode == 3
    assert script.run("start", "--port", port).returncode == 0
    assert "has the new password" in script.run("add-user", "amal", "secret").stdout, "the account was kept"


def test_it_listens_on_loopback_and_on_one_port_only(script):
    """No directory of Erlang nodes, no port for federation or HTTP, nothing open to the network."""
    port = ports.find_free(FIRST_PORT, LAST_PORT)
    started = json.loads(script.run("start", "--port", port, "--json").stdout)
    assert listeners(started["pid"]) == [f"127.0.0.1:{port}"]


def test_occupied_port_is_named_with_its_owner(script):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = script.run("start", "--port", port)
    assert done.returncode == 1
    assert f"port {port}" in done.stderr and f"process {os.getpid()}" in done.stderr and "--port" in done.stderr


def test_stop_leaves_a_process_with_a_stale_number_alone(script):
    port = ports.find_free(FIRST_PORT, LAST_PORT)
    script.run("start", "--port", port)
    script.run("stop")
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        # The number of a process that is not ours, with the start time of the one that was.
        real = ProcessRecord.of(stranger.pid)
        ProcessRecord(stranger.pid, real.started - 1, real.boot).write(script.folder / "process.json")
        assert "was not running" in script.run("stop").stdout
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_missing_server_and_missing_package_are_told(script):
    assert "there is no server in" in script.run("stop").stderr
    done = subprocess.run(
        ["/usr/bin/python3", script.path, "start", "--dir", str(script.folder)], env={"PATH": str(script.folder)},
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"apt-get install {script.package}" in done.stderr


def test_the_folder_of_the_other_server_is_left_alone(script, tmp_path):
    script.folder.mkdir()
    other = next(kind.NAME for kind in KINDS.values() if kind.PACKAGES[0] != script.package)
    (script.folder / "server.json").write_text(json.dumps({"server": other}))
    for command in (["start"], ["stop"], ["add-user", "amal", "secret"]):
        done = script.run(*command)
        assert done.returncode == 1 and f"is {other}" in done.stderr


def listeners(pid: int) -> list[str]:
    """Where a process and its children listen on TCP, as `address:port`."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(os.readlink(descriptor))
        except OSError:
            continue  # closed meanwhile
    found = []
    for table, size in (("tcp", 4), ("tcp6", 16)):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] != "0A" or f"socket:[{fields[9]}]" not in inodes:
                continue
            address, port = fields[1].rsplit(":", 1)
            text = socket.inet_ntop(socket.AF_INET, bytes.fromhex(address)[::-1]) if size == 4 else address
            found.append(f"{text}:{int(port, 16)}")
    return sorted(found)
