"""What the machine must have: Debian packages, Swift, the peers' Python environment."""

from __future__ import annotations

import collections
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Deque, Iterable, List, Optional

from .deployment import REPOSITORY
from .errors import ToolError

#: What building and running needs. Swift itself loads the two of the first line: its own instructions
#: name them, but an unpacked archive installs nothing.
RUN_PACKAGES = [
    "libncurses6", "libxml2",
    "build-essential", "pkg-config", "git", "ca-certificates", "openssl", "python3", "python3-venv",
    "libsignal-protocol-c-dev", "libexpat1-dev", "libfribidi-dev", "libqrencode-dev", "libpango1.0-dev",
    "fonts-dejavu-core", "libcurl4-openssl-dev",
    "libsqlite3-dev",
    "prosody", "lua-dbi-sqlite3",
]
#: What the tests need besides.
TEST_PACKAGES = [
    "ejabberd", "erlang-p1-sqlite3", "prosody-modules", "lua-unbound",
    "profanity", "tmux", "shellcheck", "microsocks", "sqlite3", "man-db", "openssh-server", "openssh-client", "zsh", "fish",
    "zbar-tools", "poppler-utils",
]
#: What tests with clients that have windows need, in `./check --long` only: some 500 MB.
DESKTOP_PACKAGES = [
    "dino-im", "gajim", "gajim-omemo", "xvfb", "xdotool", "imagemagick", "dbus-daemon",
]
#: The services that a package starts, open to the network, when it comes in. Nothing here needs them.
SERVICES = {
    "prosody": ["prosody"], "ejabberd": ["ejabberd"],
    # Comes in with ejabberd. epmd is Erlang's directory of nodes; the servers of the tests have no name in it.
    "erlang-base": ["epmd.socket", "epmd.service"],
}

VENV = REPOSITORY / ".build" / "peers-venv"
BUILD_FLAGS = ["--explicit-target-dependency-import-check", "error"]
OLDEST_SWIFT = (6, 3)


def install_packages(names: Iterable[str]) -> List[str]:
    """Installs the Debian packages that are missing. Returns their names.

    A system service that comes with one of them is stopped and not started again: the demo and the
    tests run servers of their own.
    """
    missing = [name for name in names if not _is_installed(name)]
    if not missing:
        return []
    if shutil.which("apt-get") is None:
        raise ToolError(f"this is not Debian; install by hand what these packages hold: {' '.join(missing)}")
    services = [name for package, names in SERVICES.items() if not _is_installed(package) for name in names]
    prefix: List[str] = []
    if os.geteuid() != 0:
        # Without a password prompt: nobody may be there to answer it.
        if shutil.which("sudo") is None or subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode != 0:
            raise ToolError(
                "packages are missing and only root can install them; run this, then start again:\n"
                f"    sudo apt-get install --no-install-recommends {' '.join(missing)}"
                + "".join(f"\n    sudo systemctl disable --now {service}    (it starts by itself; nothing here needs it)"
                          for package in missing for service in SERVICES.get(package, [])))
        prefix = ["sudo", "-n"]
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    # A machine that has just been started may be updating itself: wait for that, two minutes at most.
    install = [*prefix, *environment, "apt-get", "-o", "DPkg::Lock::Timeout=120", "install", "-y",
               "--no-install-recommends", *missing]
    done = _quiet(install)
    if done.returncode != 0:  # the package lists may be missing or old
        _quiet([*prefix, *environment, "apt-get", "update"])
        done = _quiet(install)
    if done.returncode != 0:
        raise ToolError(f"apt-get could not install {' '.join(missing)}:\n{_tail(done.stdout + done.stderr, 8)}")
    if any(package in missing for package in SERVICES):
        _switch_off_services(services, prefix)
    return missing


def _switch_off_services(names: List[str], prefix: List[str]) -> None:
    """Stops services that their packages have just started, and keeps them off at start-up.

    Without systemd, as in a container, a package starts nothing; and of those named, some did not come in.
    """
    if not Path("/run/systemd/system").is_dir():
        return
    for name in names:
        if subprocess.run(["systemctl", "cat", name], capture_output=True, stdin=subprocess.DEVNULL).returncode != 0:
            continue
        done = _quiet([*prefix, "systemctl", "disable", "--now", name])
        if done.returncode != 0:
            raise ToolError(
                f"Debian's own {name} service came with its package and could not be switched off; run this, then "
                f"start again: sudo systemctl disable --now {name}\n{_tail(done.stdout + done.stderr, 4)}")


def _is_installed(name: str) -> bool:
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status}", name], capture_output=True, text=True,
        stdin=subprocess.DEVNULL) if shutil.which("dpkg-query") else None
    return done is not None and done.stdout.strip() == "installed"


def swift() -> str:
    """The path of a fitting swift. Throws `ToolError` when there is none."""
    places = [shutil.which("swift"), "/opt/swift/usr/bin/swift", "/usr/local/swift/usr/bin/swift",
              str(Path.home() / ".local/share/swiftly/bin/swift")]
    for place in places:
        if place and os.access(place, os.X_OK):
            done = subprocess.run([place, "--version"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
            version = re.search(r"Swift version (\d+)\.(\d+)", done.stdout + done.stderr)
            if version and (int(version[1]), int(version[2])) >= OLDEST_SWIFT:
                return place
            if version:
                raise ToolError(f"{place} is Swift {version[1]}.{version[2]}; "
                                f"{OLDEST_SWIFT[0]}.{OLDEST_SWIFT[1]} or newer is needed: https://www.swift.org/install")
            raise ToolError(
                f"{place} is there but does not run; https://www.swift.org/install/linux names the packages it needs:\n"
                f"{_tail(done.stdout + done.stderr, 3)}")
    raise ToolError("Swift is not installed (looked in PATH and /opt/swift): https://www.swift.org/install/linux")


def build(*options: str, log: Path, subject: str = "Sila") -> None:
    """Builds the debug configuration and shows progress on one line."""
    command = [swift(), "build", *BUILD_FLAGS, *options]
    last: Deque[str] = collections.deque(maxlen=400)
    shown = Progress(f"building {subject}")
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w") as file, subprocess.Popen(
        command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", bufsize=1,
    ) as process:
        try:
            for line in process.stdout:
                file.write(line)
                last.append(line.rstrip())
                shown.line(line)
        except BaseException:
            process.terminate()
            raise
    shown.end()
    if process.returncode != 0:
        wrong = [line for line in last if "error:" in line][:15] or list(last)[-15:]
        raise ToolError("the build failed:\n    " + "\n    ".join(wrong) + f"\n  all of it: {log}")


class Progress:
    """`[12/340] Compiling …` as one line of a terminal, or a line for each tenth elsewhere."""

    def __init__(self, title: str) -> None:
        self._title, self._is_terminal = title, sys.stdout.isatty()
        self._tenth = -1
        self._has_line = False

    def line(self, text: str) -> None:
        steps = re.match(r"\[(\d+)/(\d+)\]\s*(.*)", text)
        if not steps:
            if re.match(r"(Fetching|Fetched|Computing|Updating|Creating|Cloning|Working copy)", text):
                self._show(text.strip()[:70])
            return
        done, total = int(steps[1]), max(1, int(steps[2]))
        tenth = done * 10 // total
        if self._is_terminal:
            self._show(f"{done * 100 // total:3d} %  {steps[3].strip()[:50]}")
        elif tenth > self._tenth and total > 20:
            self._tenth = tenth
            print(f"  {self._title}: {tenth * 10} %", flush=True)

    def _show(self, text: str) -> None:
        if self._is_terminal:
            self._has_line = True
            print(f"\r\x1b[K  {self._title}: {text}", end="", flush=True)

    def end(self) -> None:
        if self._has_line:
            print("\r\x1b[K", end="", flush=True)


def peers_python(wanted: Optional[Path] = None) -> Path:
    """The interpreter of the peers' environment, made or brought up to date when needed."""
    requirements = wanted or REPOSITORY / "Tests" / "Peers" / "requirements.txt"
    python, stamp = VENV / "bin" / "python", VENV / "requirements.sha256"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == digest:
        return python
    VENV.parent.mkdir(parents=True, exist_ok=True)
    # Made anew: a half-made environment is not worth repairing.
    for command in (
        ["/usr/bin/python3", "-m", "venv", "--clear", str(VENV)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(requirements)],
    ):
        done = _quiet(command)
        if done.returncode != 0:
            raise ToolError(
                f"the Python packages of the practice contact could not be installed:\n"
                f"{_tail(done.stdout + done.stderr, 8)}")
    stamp.write_text(digest)
    return python


def _quiet(command: List[str]) -> subprocess.CompletedProcess:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")


def _tail(text: str, count: int) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-count:])
