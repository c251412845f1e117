"""A disk that is full or fails, a second daemon, keys and files that do not belong here."""

from __future__ import annotations

import subprocess

import pytest

from ledger import Ledger, store_violations


@pytest.mark.parametrize("fault", ["disk-full:10:4", "write-error:10:4", "sync-error:4:4"])
def test_a_failing_disk_loses_nothing_and_says_nothing_twice(server, make_bridge, make_contact, fault):
    """While the disk refuses, nothing is acknowledged; when it takes again, all is stored once."""
    made = make_bridge(server)
    daemon = made.start("silad-faults", ["--responder", "echo", "--vfs", "fault", "--fault", fault])
    ledger = Ledger(make_contact(server, "amal").connect(), made.jid)
    ledger.start_burst(12)
    assert ledger.wait_for_echoes(120), "echoes are missing"
    assert ledger.violations() == []
    assert daemon.exit_status is None, "the daemon did not outlive the disk's trouble"
    made.stop()
    assert store_violations([ledger], made.deployment.status()) == []
    log = daemon.log.read_text("utf-8")
    assert "cannot be written now" in log and "nothing is lost" in log


def test_a_second_daemon_on_one_deployment_is_refused(bridge):
    second = _run(bridge.deployment, "silad", "run")
    assert second.returncode == 75
    assert "another silad runs on this deployment" in second.stderr
    assert bridge.daemon.exit_status is None


@pytest.mark.both_servers
def test_a_wrong_password_ends_the_daemon_with_a_reason(server, make_bridge):
    made = make_bridge(server)
    password = made.deployment.folder / "keys" / "xmpp.password"
    password.write_text("not the password")
    done = _run(made.deployment, "silad", "run")
    assert done.returncode == 77
    assert "password" in done.stderr


def test_an_unknown_key_gets_a_suggestion(server, make_bridge):
    made = make_bridge(server)
    config = made.deployment.config
    config.write_text(config.read_text("utf-8").replace("password-file", "pasword-file"))
    done = _run(made.deployment, "silad", "check-config")
    assert done.returncode == 78
    assert "pasword-file" in done.stderr and "password-file" in done.stderr


def test_a_key_of_another_deployment_is_refused(server, make_bridge):
    made, other = make_bridge(server), make_bridge(server)
    made.start()
    made.stop()
    key = other.deployment.folder / "keys" / "working.key"
    (made.deployment.folder / "keys" / "working.key").write_bytes(key.read_bytes())
    done = _run(made.deployment, "silad", "run")
    assert done.returncode == 78
    assert "working key" in done.stderr


def _run(deployment, program: str, command: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [deployment.program(program), command, "--config", str(deployment.config)], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60)
