"""`Scripts/prosody` as a person uses it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from conftest import FIRST_PORT, LAST_PORT, REPOSITORY
from silatools import ports
from silatools.processes import ProcessRecord

SCRIPT = str(REPOSITORY / "Scripts" / "prosody")


def run(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [SCRIPT, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90)


@pytest.fixture
def folder(tmp_path: Path):
    yield tmp_path / "server"
    run("stop", "--dir", tmp_path / "server")


def test_start_twice_restart_and_keep_data(folder):
    port = ports.find_free(FIRST_PORT, LAST_PORT)
    first = json.loads(run("start", "--dir", folder, "--port", port, "--json").stdout)
    assert first["running"] and first["port"] == port
    assert "made" in run("add-user", "--dir", folder, "amal", "secret").stdout
    second = json.loads(run("start", "--dir", folder, "--port", port, "--json").stdout)
    assert second["pid"] == first["pid"], "a second start leaves the running server alone"
    assert "stopped" in run("stop", "--dir", folder).stdout
    assert run("status", "--dir", folder).returncode == 3
    assert run("start", "--dir", folder, "--port", port).returncode == 0
    assert "has the new password" in run("add-user", "--dir", folder, "amal", "secret").stdout, "the account was kept"


def test_occupied_port_is_named_with_its_owner(folder):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = run("start", "--dir", folder, "--port", port)
    assert done.returncode == 1
    assert f"port {port}" in done.stderr and f"process {os.getpid()}" in done.stderr and "--port" in done.stderr


def test_stop_leaves_a_process_with_a_stale_number_alone(folder):
    port = ports.find_free(FIRST_PORT, LAST_PORT)
    run("start", "--dir", folder, "--port", port)
    run("stop", "--dir", folder)
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        # The number of a process that is not ours, with the start time of the one that was.
        real = ProcessRecord.of(stranger.pid)
        ProcessRecord(stranger.pid, real.started - 1, real.boot).write(folder / "process.json")
        assert "was not running" in run("stop", "--dir", folder).stdout
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_missing_server_and_missing_prosody_are_told(folder):
    assert "there is no server in" in run("stop", "--dir", folder).stderr
    done = subprocess.run(
        ["/usr/bin/python3", SCRIPT, "start", "--dir", str(folder)], env={"PATH": str(folder)},
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "apt-get install prosody" in done.stderr
