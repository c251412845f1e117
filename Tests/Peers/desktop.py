"""A desktop that nobody sees, for clients with windows: a screen (Xvfb), a mouse and a keyboard (xdotool).

To a client on it the test's server is a real one: its name resolves, its authority is among those of the system.
Both are so in a mount namespace of the client alone; the machine itself is not changed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple, TypeVar

from conftest import REPOSITORY
from silatools.errors import ToolError
from silatools.processes import Deadline, spawn

WIDTH, HEIGHT = 1280, 900
#: Where the last screens of a run lie, to be looked at.
SCREENS = REPOSITORY / ".build" / "check" / "screens"
SYSTEM_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
#: In namespaces of its own: our files in place of two of the system's, then an ordinary user (Gajim refuses root).
ENTER = ('mount --bind "$1" /etc/hosts && mount --bind "$2" ' + str(SYSTEM_AUTHORITIES) + ' && shift 2 && '
         'exec unshare --user --map-user=1000 --map-group=1000 "$@"')

Found = TypeVar("Found")


class Desktop:
    def __init__(self, folder: Path, hosts: Dict[str, str], authority: Path) -> None:
        """`hosts`: the address of each name; `authority`: who signed the server's certificate (PEM)."""
        for program, package in (("Xvfb", "xvfb"), ("xdotool", "xdotool"), ("import", "imagemagick"),
                                 ("dbus-run-session", "dbus-daemon")):
            if shutil.which(program) is None:
                raise ToolError(f"{program} is not installed: apt-get install {package}")
        folder.mkdir(parents=True)
        self.folder = folder
        self._hosts, self._authorities = folder / "hosts", folder / "authorities.crt"
        self._hosts.write_text("127.0.0.1 localhost\n" + "".join(
            f"{address} {name}\n" for name, address in hosts.items()))
        self._authorities.write_text(SYSTEM_AUTHORITIES.read_text() + authority.read_text())
        for path in (self._hosts, self._authorities):
            path.chmod(0o644)
        self._programs: List[subprocess.Popen] = []
        reading, writing = os.pipe()
        # It draws a number of a display that is free, and tells it.
        self._programs.append(spawn(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"],
            folder / "xvfb.log", pass_fds=[writing]))
        os.close(writing)
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise ToolError(f"Xvfb did not start; its log is {folder / 'xvfb.log'}")
        self._environment = {**os.environ, "DISPLAY": f":{number}"}

    def start(self, home: Path, command: List[str]) -> subprocess.Popen:
        """Starts a client with a session bus of its own. What it says goes to `client.log` in its home."""
        run = home / "run"
        run.mkdir(parents=True, exist_ok=True)
        run.chmod(0o700)
        environment = {
            "HOME": str(home), "XDG_RUNTIME_DIR": str(run), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
            "DISPLAY": self._environment["DISPLAY"], "GDK_BACKEND": "x11", "GSETTINGS_BACKEND": "memory",
            # Drawn without a graphics card; no bus for screen readers.
            "GSK_RENDERER": "cairo", "LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1", "GTK_A11Y": "none",
        }
        namespaces = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        program = spawn(
            [*namespaces, "sh", "-c", ENTER, "sh", str(self._hosts), str(self._authorities),
             "dbus-run-session", "--", *command], home / "client.log", environment=environment, cwd=home)
        self._programs.append(program)
        return program

    def end(self, program: subprocess.Popen) -> None:
        """Ends a client and what it started."""
        for signum in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(program.pid, signum)
            except ProcessLookupError:
                break
            try:
                program.wait(10)
            except subprocess.TimeoutExpired:
                continue
        self._programs.remove(program)

    def close(self) -> None:
        for program in reversed(self._programs[:]):
            self.end(program)

    # What a person does

    def click(self, place: Tuple[int, int]) -> None:
        self._xdotool("mousemove", *map(str, place), "click", "1")

    def type(self, text: str) -> None:
        self._xdotool("type", "--delay", "30", "--", text)

    def press(self, key: str) -> None:
        self._xdotool("key", key)

    def has_window(self, title: str) -> bool:
        """Whether a window whose title matches is shown."""
        done = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", title], env=self._environment, capture_output=True,
            timeout=30, stdin=subprocess.DEVNULL)
        return done.returncode == 0 and bool(done.stdout.strip())

    def picture(self, name: str) -> Path:
        """Keeps the screen as it is now."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        path = SCREENS / f"{name}.png"
        subprocess.run(
            ["import", "-window", "root", str(path)], env=self._environment, check=True, capture_output=True,
            timeout=60, stdin=subprocess.DEVNULL)
        return path

    def wait(self, what: str, look: Callable[[], Optional[Found]], seconds: float = 60) -> Found:
        """Waits until `look` finds something. Windows tell no events: looks five times a second."""
        deadline, pause = Deadline(seconds), threading.Event()
        while not (found := look()):
            if deadline.passed:
                raise ToolError(f"waited {seconds:.0f} s in vain for {what}; the screen: {self.picture('in-vain')}")
            pause.wait(0.2)
        return found

    @staticmethod
    def wait_a_moment() -> None:
        """For a window to draw what was asked for; nothing tells when it has."""
        threading.Event().wait(1)

    def _xdotool(self, *command: str) -> None:
        subprocess.run(
            ["xdotool", *command], env=self._environment, check=True, capture_output=True, timeout=60,
            stdin=subprocess.DEVNULL)
