"""What somebody meets who sets `silad` up: every fault is named with its place and what to do."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, Iterator, List

import pytest

from conftest import BINARIES, FIRST_PORT, LAST_PORT
from silatools import certificates, ports
from silatools.deployment import REPOSITORY, Daemon, Deployment
from silatools.follow import LineFile


def command(*arguments: object) -> List[str]:
    return [str(BINARIES / "silad"), *map(str, arguments)]


def silad(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(*arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, cwd=cwd)


def change(deployment: Deployment, old: object, new: object) -> None:
    text = deployment.config.read_text("utf-8")
    assert str(old) in text
    deployment.config.write_text(text.replace(str(old), str(new)))


class Opened:
    """Notices when a file is opened (inotify(7))."""

    _IN_OPEN = 0x20

    def __init__(self, path: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch = libc.inotify_init1(os.O_CLOEXEC)
        assert self._watch >= 0 and libc.inotify_add_watch(self._watch, os.fsencode(path), self._IN_OPEN) >= 0

    def wait(self, seconds: float) -> None:
        assert select.select([self._watch], [], [], seconds)[0], "the file was not opened"
        os.close(self._watch)


class Log:
    """The daemon's log from here on."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon, self._lines = daemon, LineFile(daemon.log)

    def wait(self, what: str, condition: Callable[[str], bool], seconds: float = 60) -> str:
        """The first line that fulfils a condition."""
        self._lines.wait(what, lambda lines: any(map(condition, lines)), self._daemon.record, seconds)
        return next(filter(condition, self._lines.lines))


@contextlib.contextmanager
def tls_server(certs: Path) -> Iterator[int]:
    """Its port. It shows its certificate, and hangs up."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs / "server.pem", certs / "server.key")
    port = ports.find_free(FIRST_PORT, LAST_PORT)
    with socket.create_server(("127.0.0.1", port)) as listener, ThreadPoolExecutor(1) as pool:
        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    connection.settimeout(10)
                    with contextlib.suppress(OSError):
                        context.wrap_socket(connection, server_side=True).close()
        pool.submit(serve)
        try:
            yield port
        finally:
            listener.shutdown(socket.SHUT_RDWR)


# Asked to end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_while_it_reads_its_content_it_ends_in_order(server, make_bridge, number):
    made = make_bridge(server)
    bots = made.deployment.folder / "Bots"
    shutil.copytree(REPOSITORY / "Bots", bots)
    change(made.deployment, REPOSITORY / "Bots", bots)
    topic = Opened(sorted((bots / "topics").iterdir())[0])
    with subprocess.Popen(
        command("run", "--config", made.deployment.config), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:
        try:
            topic.wait(30)
            process.send_signal(number)
            output, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, errors
    assert "ended on request" in errors and "online" not in output


# Where something is


def test_a_configuration_that_is_not_there(tmp_path):
    done = silad("check-config", cwd=tmp_path)
    assert done.returncode == 78
    assert f"looked for {tmp_path.resolve()}/sila.yaml" in done.stderr and "--config PATH" in done.stderr


@pytest.mark.parametrize("keys", [["content.bots"], ["content.translations"], ["content.bots", "content.translations"]])
def test_a_content_folder_that_is_not_there_is_named_by_its_key(server, make_bridge, keys):
    made = make_bridge(server)
    for key in keys:
        name = {"content.bots": "Bots", "content.translations": "Translations"}[key]
        change(made.deployment, REPOSITORY / name, made.deployment.folder / f"no-{name}")
    for program in ("check-config", "run"):
        done = silad(program, "--config", made.deployment.config)
        assert done.returncode == 78
        for key in ("content.bots", "content.translations"):
            assert (f"{key}: there is no folder {made.deployment.folder}/no-" in done.stderr) == (key in keys)


# The server


def test_a_server_that_cannot_be_reached_is_named_with_its_port(server, make_bridge):
    made = make_bridge(server)
    port = ports.find_free(FIRST_PORT, LAST_PORT)
    change(made.deployment, f'port: {server.port}', f'port: {port}')
    daemon = made.start(online=False)
    line = Log(daemon).wait("a lost connection", lambda line: "offline" in line)
    assert f"(server 127.0.0.1:{port})" in line
    assert made.jid.split("@")[0] not in daemon.log.read_text("utf-8")
    assert daemon.exit_status is None, "it tries again"
    daemon.stop()
    assert daemon.exit_status == 0


def test_a_certificate_of_another_authority_at_the_first_connection_ends_it(server, make_bridge, tmp_path):
    made = make_bridge(server)
    certificates.make(tmp_path / "other", server.domain)
    change(made.deployment, server.ca, tmp_path / "other" / "ca.pem")
    done = silad("run", "--config", made.deployment.config)
    assert done.returncode == 77
    assert "certificate is not trusted" in done.stderr and "xmpp.tls" in done.stderr
    assert f"server 127.0.0.1:{server.port}" in done.stderr.splitlines()[-1]


def test_a_certificate_for_another_name_at_the_first_connection_ends_it(server, make_bridge, tmp_path):
    made = make_bridge(server)
    # Prosody refuses names that it does not serve, so this is another server.
    certificates.make(tmp_path / "other", "other.example.org")
    change(made.deployment, server.ca, tmp_path / "other" / "ca.pem")
    with tls_server(tmp_path / "other") as port:
        change(made.deployment, f"port: {server.port}", f"port: {port}")
        done = silad("run", "--config", made.deployment.config)
    assert done.returncode == 77
    assert "for another host name" in done.stderr and f"server 127.0.0.1:{port}" in done.stderr.splitlines()[-1]


def test_a_wrong_pin_is_told_with_the_server(server, make_bridge):
    made = make_bridge(server)
    change(made.deployment, f'ca-file: "{server.ca}"', f"pin: sha256//{'A' * 42}E=")
    done = silad("run", "--config", made.deployment.config)
    assert done.returncode == 77
    assert "not the pinned one" in done.stderr and f"(server 127.0.0.1:{server.port})" in done.stderr.splitlines()[-1]


def test_a_certificate_that_is_wrong_later_is_waited_out(own_server, make_bridge, tmp_path):
    """It worked before, so it is not the configuration: the daemon says why and tries again."""
    made = make_bridge(own_server)
    certs, good, bad = own_server.ca.parent, tmp_path / "good", tmp_path / "bad"
    shutil.copytree(certs, good)
    certificates.make(bad, own_server.domain)
    change(made.deployment, own_server.ca, good / "ca.pem")
    daemon = made.start()
    log = Log(daemon)

    own_server.stop()
    shutil.copytree(bad, certs, dirs_exist_ok=True)
    own_server.start()
    line = log.wait("the certificate", lambda line: "certificate is not trusted" in line)
    assert "offline" in line and f"(server 127.0.0.1:{own_server.port})" in line
    assert daemon.exit_status is None

    own_server.stop()
    shutil.copytree(good, certs, dirs_exist_ok=True)
    own_server.start()
    daemon.wait_for_line("online xmpp", 120, count=2)


# Counts


def test_status_says_how_many_conversations_wait_for_a_person(server, bridge, make_contact):
    text = lambda: silad("status", "--config", bridge.deployment.config).stdout  # noqa: E731
    assert "wait for a person  0 conversations\n" in text()
    for number, name in enumerate(["amal", "badr"], 1):
        contact = make_contact(server, name).connect()
        contact.send(bridge.jid, "which telephone should my cousin buy for driving?")
        contact.wait_texts(1, 60)
        assert bridge.deployment.status()["waiting"] == number
        assert f"wait for a person  {number} conversation{'s' if number > 1 else ''}\n" in text()
