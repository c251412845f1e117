"""`sila --host` through a real sshd on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Iterator

import pytest

import staff_e2e
from silatools import ports, processes
from silatools.follow import LineFile
from staff import Member
from staff_e2e import Office, words_of_staff
from staff_socket import CuttingSocket

office = staff_e2e.office


class SSHServer:
    """An `sshd` of the test's own on loopback, and an `ssh` that knows it by the name `bridge`."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("sshd", path="/usr/sbin:/usr/local/sbin") is None or shutil.which("ssh") is None:
            pytest.fail("sshd is missing: apt install openssh-server openssh-client")
        self.folder, self.port = folder, ports.find_free(15390, 15394)
        for name in ("host", "user", "other"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        shutil.copy(folder / "user.pub", folder / "authorized")
        (folder / "sshd").write_text(
            f"ListenAddress 127.0.0.1:{self.port}\nHostKey {folder}/host\nPidFile none\nStrictModes no\nUsePAM no\n"
            f"AuthorizedKeysFile {folder}/authorized\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
            "PermitRootLogin prohibit-password\nAllowStreamLocalForwarding local\n")
        (folder / "config").write_text(
            f"Host bridge\n HostName 127.0.0.1\n Port {self.port}\n User {pwd.getpwuid(os.geteuid()).pw_name}\n"
            f" IdentityFile {folder}/user\n IdentitiesOnly yes\n IdentityAgent none\n"
            f" UserKnownHostsFile {folder}/known\n GlobalKnownHostsFile /dev/null\n")
        self.knows("host")
        # ssh takes the home of the user, not $HOME: a program of that name in front of it names the settings.
        programs = folder / "bin"
        programs.mkdir()
        (programs / "ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/config "$@"\n')
        (programs / "ssh").chmod(0o755)
        self.environment = {"PATH": f"{programs}:{os.environ['PATH']}"}
        self._process = processes.spawn(
            [shutil.which("sshd", path="/usr/sbin:/usr/local/sbin"), "-D", "-e", "-f", str(folder / "sshd")],
            folder / "log")
        record = processes.ProcessRecord.of(self._process.pid)
        log = LineFile(folder / "log")
        log._offset = 0
        log.wait("sshd listens", lambda said: any("Server listening" in line for line in said), record, 20)

    def knows(self, name: str) -> None:
        key = (self.folder / f"{name}.pub").read_text()
        (self.folder / "known").write_text(f"[127.0.0.1]:{self.port} {key}")

    def stop(self) -> None:
        """The listener, and every connection it has."""
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self._process.pid)], capture_output=True, text=True).stdout.split()
        self._process.terminate()
        self._process.wait(20)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), 15)


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[SSHServer]:
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    sshd = SSHServer(folder)
    yield sshd
    if sshd._process.poll() is None:
        sshd.stop()


def from_afar(office: Office, sshd: SSHServer) -> Member:
    """A member on another machine: their profile names the host alone."""
    name = f"afar{len(office.members)}"
    member = office.admit_quickly(name, "staff")
    (member.folder / "profile.json").write_text(json.dumps(
        {"version": 1, "member": name, "host": "bridge", "remoteSocket": str(office.socket)}))
    return member


def test_staff_work_through_ssh(office: Office, sshd: SSHServer) -> None:
    member = from_afar(office, sshd)
    inbox = member.run("inbox", "--json", environment=sshd.environment)
    assert inbox.returncode == 0, inbox
    made = member.run("practice", "--json", environment=sshd.environment)
    conversation = json.loads(made.stdout)["conversation"]["id"]
    assert member.run("show", conversation, environment=sshd.environment).returncode == 0
    sent = member.run("reply", conversation, "from far away", environment=sshd.environment)
    assert sent.returncode == 0, sent
    assert words_of_staff(office.coordinator, conversation) == ["from far away"]
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert f"-F {sshd.folder}/config" not in left, "no ssh is left behind"


def test_an_unknown_or_another_host_key_is_refused(office: Office, sshd: SSHServer) -> None:
    member = from_afar(office, sshd)
    for known in ("other", None):
        if known:
            sshd.knows(known)
        else:
            (sshd.folder / "known").write_text("")
        done = member.run("inbox", environment=sshd.environment)
        assert done.returncode == 69, done
        assert "bridge" in done.stderr and "key" in done.stderr.lower(), done.stderr
        assert not done.stdout
        if not known:
            assert (sshd.folder / "known").read_text() == "", "it is not taken unseen"
    refused = (sshd.folder / "authorized")
    sshd.knows("host")
    refused.write_text((sshd.folder / "other.pub").read_text())
    done = member.run("inbox", environment=sshd.environment)
    assert done.returncode in (69, 77) and "bridge" in done.stderr, done


def test_sshd_that_ends_in_the_middle_is_said(office: Office, sshd: SSHServer) -> None:
    member = from_afar(office, sshd)
    cutting = CuttingSocket(office.socket)
    try:
        (member.folder / "profile.json").write_text(json.dumps(
            {"version": 1, "member": member.name, "host": "bridge", "remoteSocket": str(cutting.path)}))
        conversation = json.loads(
            member.run("practice", "--json", environment=sshd.environment).stdout)["conversation"]["id"]
        cutting.when_reached(b"/replies ", sshd.stop)
        done = member.run("reply", conversation, "half-way", environment=sshd.environment)
        assert done.returncode == 69 and "bridge" in done.stderr, done
        assert "--resume" in done.stderr + done.stdout
        again = member.run("inbox", environment=sshd.environment)
        assert again.returncode == 69 and "bridge" in again.stderr, again
    finally:
        cutting.close()


def test_a_bridge_that_does_not_run_behind_ssh_is_said(office: Office, sshd: SSHServer, tmp_path: Path) -> None:
    member = from_afar(office, sshd)
    (member.folder / "profile.json").write_text(json.dumps(
        {"version": 1, "member": member.name, "host": "bridge", "remoteSocket": str(tmp_path / "nothing")}))
    done = member.run("inbox", environment=sshd.environment)
    assert done.returncode == 69 and "bridge" in done.stderr and str(tmp_path / "nothing") in done.stderr, done
