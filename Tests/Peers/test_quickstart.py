"""`./quickstart` as a newcomer uses it, with programs that are built already."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import signal
import socket
import subprocess
from pathlib import Path
from typing import List

import pytest

from conftest import BINARIES, FIRST_PORT, LAST_PORT, REPOSITORY
from language import assert_is
from silatools import ports

ENVIRONMENT = {**os.environ, "SILA_BIN_DIR": str(BINARIES)}


def command(folder: Path, *arguments: object) -> List[str]:
    return [str(REPOSITORY / "quickstart"), "--dir", str(folder), *map(str, arguments)]


def run(folder: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(folder, *arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
        env={**ENVIRONMENT, **environment})


def sila(folder: Path, *arguments: str) -> None:
    """What the demo's coordinator types."""
    staff = folder / "staff"
    keys = {"SILA_KEYS": str(staff / "keys"), "SILA_PASSPHRASE_FILE": str(staff / "passphrase")}
    subprocess.run([str(BINARIES / "sila"), *arguments], stdin=subprocess.DEVNULL, check=True, timeout=120,
                   env={**ENVIRONMENT, **keys})


@pytest.fixture
def folder(tmp_path: Path):
    yield tmp_path / "demo"
    run(tmp_path / "demo", "--stop")


def no_step_was_done(run: subprocess.CompletedProcess) -> bool:
    """Nothing was installed, built or started."""
    return "Debian packages" not in run.stdout and ": done" not in run.stdout


def texts_of_helpline(output: str) -> List[str]:
    """What the helpline said, by the isolates around each line."""
    return [
        " ".join(re.findall("\u2068(.*)\u2069", block))
        for block in re.findall(r"^  helpline(.*?)(?=^\s*$|^  \s*contact|^  helpline|\Z)", output, re.M | re.S)]


def test_conversation_second_run_status_and_stop(folder):
    port = ports.find_free(FIRST_PORT, LAST_PORT)
    first = run(folder, "--port", port)
    assert first.returncode == 0, first.stderr
    *bot, person = texts_of_helpline(first.stdout)
    for text, variety in zip(bot, ("darija-arabic", "darija-latin", "nl", "en"), strict=True):
        assert_is(text, variety)
    # The person's words stand in the output twice: as staff typed them, and as the contact got them.
    assert "this is a person now" in person
    assert re.search(r"\$ sila show c1 .*i just arrived.*\$ sila reply c1 '.*this is a person now", first.stdout, re.S)
    assert "4 messages in, 5 out" in first.stdout
    assert run(folder, "--status").returncode == 0

    second = run(folder)
    assert second.returncode == 0, second.stderr
    assert "silad runs already" in second.stdout
    assert "8 messages in, 10 out" in second.stdout, "the same contact and the same store"

    assert f"--stop --dir {folder}" in second.stdout

    other_port = ports.find_free(FIRST_PORT, LAST_PORT)
    moved = run(folder, "--port", other_port)
    assert moved.returncode == 1
    assert f"runs on port {port}, not {other_port}" in moved.stderr and f"--stop --dir {folder}" in moved.stderr
    assert no_step_was_done(moved)
    beside = run(folder.with_name("beside"), "--port", port)
    assert beside.returncode == 1
    assert f"occupied by the demo in {folder}:" in beside.stderr and f"--stop --dir {folder}" in beside.stderr
    assert no_step_was_done(beside)
    unbuilt = run(folder, SILA_BIN_DIR=str(folder.parent))
    assert unbuilt.returncode == 1
    assert "silad and Prosody ran before and go on" in unbuilt.stderr and f"--stop --dir {folder}" in unbuilt.stderr
    assert run(folder, "--status").returncode == 0, "it was left alone"

    assert "stopped: silad, Prosody" in run(folder, "--stop").stdout
    assert run(folder, "--status").returncode == 3
    assert "nothing was running" in run(folder, "--stop").stdout
    ports.require_free(port, "")

    third = run(folder, "--port", other_port)
    assert third.returncode == 0, third.stderr
    assert f"moves from port {port} to {other_port}" in third.stdout
    assert "12 messages in, 15 out" in third.stdout, "the data outlives a stop and a move"

    # Staff have the contact's conversation from the bot: the demo starts all the same.
    sila(folder, "takeover", "c1")
    fourth = run(folder)
    assert fourth.returncode == 0, fourth.stderr
    assert "c1 is with 'coordinator', so the bot is silent there. sila handback c1" in fourth.stdout
    assert "12 messages in, 15 out" in fourth.stdout
    assert run(folder, "--status").returncode == 0


def test_occupied_port_is_named_and_nothing_is_left_running(folder):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = run(folder, "--port", port)
    assert done.returncode == 1
    assert f"port {port} on 127.0.0.1 is occupied" in done.stderr and "--port" in done.stderr
    assert no_step_was_done(done)
    assert run(folder, "--status").returncode == 3


def test_a_run_that_is_ended_half_way_stops_what_it_started(folder):
    port = ports.find_free(FIRST_PORT, LAST_PORT)
    with subprocess.Popen(
        command(folder, "--port", port), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=ENVIRONMENT,
    ) as process:
        for line in process.stdout:
            if "silad, the bridge" in line:
                process.send_signal(signal.SIGTERM)
                break
        output, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "stopped Prosody" in errors and "stopped silad" in errors
    assert "does not run" in run(folder, "--status").stdout
    ports.require_free(port, "")


def test_half_made_deployment_is_made_again(folder):
    port = ports.find_free(FIRST_PORT, LAST_PORT)
    (folder / "deployment" / "keys").mkdir(parents=True)
    (folder / ".made-by-quickstart").touch()
    (folder / "deployment" / "keys" / "roster.json").write_text("{")
    done = run(folder, "--port", port)
    assert done.returncode == 0, done.stderr


def test_no_demo_there_names_the_command_that_starts_one(folder):
    assert f"quickstart --dir {folder}" in run(folder, "--status").stdout
    stopped = run(folder, "--stop")
    assert stopped.returncode == 1 and "--dir" in stopped.stderr


def test_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    done = run(tmp_path)
    assert done.returncode == 1 and "holds other files" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_in_a_terminal_nothing_is_asked(folder):
    """A program that asks on the terminal, with its words caught, would wait for ever."""
    port = ports.find_free(FIRST_PORT, LAST_PORT)
    child, terminal = pty.fork()  # the child gets the terminal as its controlling one
    if child == 0:
        os.execve(command(folder)[0], command(folder, "--port", port), ENVIRONMENT)
    shown = b""
    with contextlib.suppress(OSError):  # EIO: the other end is closed
        while part := os.read(terminal, 65536):
            shown += part
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, shown.decode(errors="replace")
    assert "[y/N]" not in shown.decode(errors="replace")
