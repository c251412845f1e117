"""Man pages and completions, as an administrator installs them."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import subprocess
from pathlib import Path
from typing import Dict, List

import pytest

import staff_e2e
from conftest import BINARIES
from silatools import manual, processes
from staff_e2e import found_in_the_end, practice

office = staff_e2e.office


@pytest.fixture(scope="module")
def prefix(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("manual")
    manual.generate(BINARIES, folder)
    return folder


def page(prefix: Path, name: str) -> str:
    """As man shows it, without overstrikes."""
    done = subprocess.run(
        ["man", "-P", "cat", "--warnings=w", "-M", str(prefix / "share/man"), name], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin:/bin", "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_every_command_has_a_page_without_warnings(prefix):
    pages = sorted(path.stem for path in (prefix / "share/man/man1").iterdir())
    assert {"sila", "sila-init", "sila-inbox", "sila-reply", "silad", "silad-run"} <= set(pages)
    for name in pages:
        text = page(prefix, name)
        assert "NAME" in text and "SYNOPSIS" in text, name


def test_a_page_says_options_and_exit_status(prefix):
    text = page(prefix, "sila-init")
    for wanted in ["--passphrase-file", "EXIT STATUS", "SEE ALSO", "sila(1)"]:
        assert wanted in text
    shown = page(prefix, "sila-reply")
    assert max(len(line) for line in shown.splitlines()) <= 100, "a line runs out of the window"


@pytest.mark.parametrize("shell, place", manual.COMPLETIONS.items())
def test_completions_are_written_and_shells_take_them(prefix, shell, place):
    for program in manual.PROGRAMS:
        file = prefix / place.format(program)
        assert program in file.read_text()
        subprocess.run([shell, "-n", str(file)], check=True, timeout=60)


# What a shell offers

def zsh(prefix: Path, line: str, environment: Dict[str, str]) -> List[str]:
    folder = (prefix / manual.COMPLETIONS["zsh"].format("sila")).parent
    return shell(["zsh", "-f", str(Path(__file__).with_name("offers.zsh")), str(folder), line], environment)


def fish(prefix: Path, line: str, environment: Dict[str, str]) -> List[str]:
    file = prefix / manual.COMPLETIONS["fish"].format("sila")
    shown = shell(["fish", "--no-config", "-c", f'source "{file}"; complete -C "{line}"'], environment)
    return [offer.partition("\t")[0] for offer in shown]


def bash(prefix: Path, line: str, environment: Dict[str, str]) -> List[str]:
    file = prefix / manual.COMPLETIONS["bash"].format("sila")
    # As readline does it: the words of the line and where the cursor stands.
    words = line.split(" ")
    script = f'''source "{file}"; COMP_LINE="{line}"; COMP_POINT=${{#COMP_LINE}}; COMP_CWORD={len(words) - 1}
        COMP_WORDS=({line} {"" if words[-1] else "''"}); _sila sila "{words[-1]}" "{words[-2]}"
        printf '%s\\n' "${{COMPREPLY[@]}}"'''
    return [offer.rstrip() for offer in shell(["bash", "--norc", "-c", script], environment)]


def environment_of_a_shell(environment: Dict[str, str]) -> Dict[str, str]:
    return {"PATH": f"{BINARIES}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "xterm", **environment}


def shell(command: List[str], environment: Dict[str, str]) -> List[str]:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, start_new_session=True,
        env=environment_of_a_shell(environment))
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout.splitlines()


SHELLS = [bash, zsh, fish]


@pytest.mark.parametrize("offers", SHELLS)
@pytest.mark.parametrize("line, among", [
    ("sila inb", {"inbox"}), ("sila sta", {"staff"}), ("sila task ", {"add", "done", "list"}),
    ("sila inbox --li", {"--limit"}), ("sila staff trust --", {"--replies-alone", "--no-replies-alone", "--keys", "--json"}),
    ("sila suggest --variety ar", {"ar", "ary", "ary-Latn"}),
])
def test_a_shell_offers_commands_options_and_values(prefix, tmp_path, offers, line, among):
    found = offers(prefix, line, {"HOME": str(tmp_path)})
    assert among <= set(found), found
    assert "hand-over" not in found and not any(offer.startswith("---") for offer in found)


@pytest.mark.parametrize("offers", SHELLS)
def test_a_shell_offers_folders_and_files_where_an_option_wants_one(prefix, tmp_path, offers):
    (tmp_path / "keys-of-roos").mkdir()
    found = offers(prefix, f"sila inbox --keys {tmp_path}/keys", {"HOME": str(tmp_path)})
    assert {offer.rstrip("/").rpartition("/")[2] for offer in found} == {"keys-of-roos"}


def typed_in_fish(prefix: Path, line: str, environment: Dict[str, str]) -> List[str]:
    """What stands behind the line after Tab in a fish at a terminal: `complete -C` has no cursor, which ids need."""
    file = prefix / manual.COMPLETIONS["fish"].format("sila")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        # With the terminal as its own.
        ["setsid", "--ctty", "fish", "--no-config", "-i", "-C", f'source "{file}"'], stdin=theirs, stdout=theirs,
        stderr=theirs, env=environment_of_a_shell(environment))
    os.close(theirs)
    shown = b""
    try:
        # Tab; then the line is made one that prints itself, and the shell ends.
        os.write(ours, f"{line}\t\x01echo G''OT=\rexit\r".encode())
        deadline = processes.Deadline(60)
        with contextlib.suppress(OSError):  # it hung up
            while select.select([ours], [], [], deadline.left)[0]:
                shown += os.read(ours, 65536)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    [got] = re.findall(r"GOT=([^\r\n\x1b]*)", shown.decode())
    assert got.startswith(line.rstrip()) and "assphrase" not in shown.decode()
    return got.removeprefix(line.rstrip()).split()


@pytest.mark.parametrize("offers", [bash, zsh, typed_in_fish])
def test_a_shell_offers_conversations_while_unlocked_and_nothing_else_ever(prefix, office, offers):
    # An intern: only what is theirs, beside the conversations of others.
    practice(office.coordinator)
    member = office.admit_quickly(f"{offers.__name__.replace('_', '-')}-user", "intern")
    conversation = practice(member)
    environment = {**member.environment, "HOME": str(member.runtime)}
    assert offers(prefix, "sila show ", environment) in ([], [""]), "locked: nothing, and nobody is asked"
    member.unlock()
    member.sila("note", conversation, "koffer")
    found_in_the_end(member, "koffer")
    for line in ("sila show ", "sila reply ", "sila task add ", f"sila show --keys {member.folder} "):
        assert offers(prefix, line, environment) == [conversation], line
    member.sila("lock")
    assert offers(prefix, "sila show ", environment) in ([], [""])
