"""Man pages and completions, as an administrator installs them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import BINARIES
from silatools import manual


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
def test_completions_are_written_and_bash_and_zsh_take_them(prefix, shell, place):
    for program in manual.PROGRAMS:
        file = prefix / place.format(program)
        assert program in file.read_text()
        if shell in ("bash", "zsh") and shutil.which(shell):
            subprocess.run([shell, "-n", str(file)], check=True, timeout=60)
