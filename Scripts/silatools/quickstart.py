"""The demo: a server, a bridge and a practice contact on this machine, and what they said."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator, List, Optional, Tuple

from . import ports, processes, terminal, toolchain
from .contact import Contact
from .demo_staff import DemoStaff
from .deployment import REPOSITORY, Daemon, Deployment, write_secret
from .errors import ToolError
from .processes import ProcessRecord
from .prosody import ADDRESS, DEFAULT_PORT, Prosody

#: What the practice contact writes: the same things a person would ask, in four varieties.
QUESTIONS = [
    ("Darija, Arabic letters", "الباليزة ديالي ما وصلاتش"),
    ("Darija, Latin letters", "fin khoya? cheddouh f hollanda"),
    ("Dutch", "hoe dien ik een klacht in over de marechaussee?"),
    ("English", "i just arrived, what do i do?"),
]
BRIDGE_ACCOUNT, CONTACT_ACCOUNT = "helpline", "practice"
#: What staff answer in the demo.
MARK = ".made-by-quickstart"
DEFAULT_FOLDER = REPOSITORY / "demo"


class Quickstart:
    """All of the demo lies in `folder`."""

    def __init__(self, folder: Path, port: Optional[int]) -> None:
        self.folder = folder.resolve()
        self._chosen_port = port
        self._binaries = Path(os.environ.get("SILA_BIN_DIR", REPOSITORY / ".build" / "debug"))
        self.deployment = Deployment(self.folder / "deployment", self.folder / "staff", self._binaries)
        self.server = self._server()
        self._started: List[Tuple[str, object]] = []

    def _server(self) -> Prosody:
        folder = self.folder / "server"
        if self._chosen_port is None and (folder / "server.json").exists():
            return Prosody.existing(folder)
        return Prosody(folder, self._chosen_port or DEFAULT_PORT)

    # Commands

    def run(self) -> None:
        self._claim_folder()
        with self._only_one():
            self._check_port()
            with self._cleaning_up():
                self._bring_up()
        self._show_store()
        self._show_how_to_go_on()

    def stop(self) -> None:
        """Ends what the demo runs, and says what that was."""
        if not (self.folder / MARK).exists():
            raise ToolError(f"there is no demo in {self.folder}: name its folder with --dir")
        ended = []
        if (self.deployment.folder / "process.json").exists() and self._daemon_stop():
            ended.append("silad")
        if (self.folder / "server" / "server.json").exists() and self.server.stop():
            ended.append("Prosody")
        print(f"stopped: {', '.join(ended)}" if ended else "nothing was running")
        print(f"The demo's data stays in {self.folder}; delete the folder to start from nothing.\n"
              f"To start it again: {_command(self.folder)}")

    def status(self) -> int:
        """Prints what runs. 0 when all of it does, 3 otherwise."""
        if not (self.folder / MARK).exists():
            print(f"no demo in {self.folder}; start one with: {_command(self.folder)}")
            return 3
        daemon = _record_of(self.deployment.folder)
        server = self.server.record
        print(f"Prosody  {f'runs, process {server.pid}, port {self.server.port}' if server else 'does not run'}")
        print(f"silad    {f'runs, process {daemon.pid}' if daemon else 'does not run'}")
        return 0 if daemon and server else 3

    # Steps

    def _bring_up(self) -> None:
        self._packages()
        self._build()
        with _step("practice contact's Python packages"):
            python = toolchain.peers_python()
        with _step(f"XMPP server on 127.0.0.1:{self.server.port}"):
            was_running = self.server.record is not None
            self.server.start()
            if not was_running:
                self._started.append(("Prosody", self.server))
        self._deploy()
        self._start_daemon()
        self._converse(python)
        self._started.clear()

    def _claim_folder(self) -> None:
        if self.folder.exists() and any(self.folder.iterdir()) and not (self.folder / MARK).exists():
            raise ToolError(f"{self.folder} holds other files: choose an empty or new folder with --dir")
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / MARK).touch()

    def _check_port(self) -> None:
        """Throws `ToolError` before anything is installed or built when the port would stop this run later."""
        port, stored = self.server.port, self._stored_port()
        if stored not in (None, port):
            if self._running():
                raise ToolError(
                    f"the demo in {self.folder} runs on port {stored}, not {port}: leave --port out, or stop it first "
                    f"with: {_command(self.folder, '--stop')}")
            print(f"  the demo moves from port {stored} to {port}")
        if self.server.record:
            return
        other = _demo_on(port)
        if other:
            raise ToolError(
                f"port {port} on {ADDRESS} is occupied by the demo in {other}: choose another with --port, or stop "
                f"that one with: {_command(other, '--stop')}")
        ports.require_free(port, "--port", ADDRESS)

    def _stored_port(self) -> Optional[int]:
        """The port that the demo had before, if it was ever started."""
        folder = self.folder / "server"
        return Prosody.existing(folder).port if (folder / "server.json").exists() else None

    def _running(self) -> List[str]:
        parts = [("silad", _record_of(self.deployment.folder)), ("Prosody", self.server.record)]
        return [name for name, record in parts if record]

    def _packages(self) -> None:
        with _step("Debian packages") as note:
            installed = toolchain.install_packages(toolchain.RUN_PACKAGES)
            note(f"installed {' '.join(installed)}" if installed else "")
        if "prosody" in installed:
            print("  Debian's own Prosody service stays off: the demo runs a server of its own")

    def _build(self) -> None:
        if "SILA_BIN_DIR" in os.environ:
            print(f"  programs from {self._binaries} (SILA_BIN_DIR)")
            return
        toolchain.swift()
        if not (self._binaries / "silad").exists():
            print("  building: 3 to 15 minutes the first time, seconds after that")
        with _step("build"):
            toolchain.build(log=REPOSITORY / ".build" / "quickstart-build.log")

    def _deploy(self) -> None:
        if self.deployment.is_complete:
            if self._chosen_port is not None:
                self.deployment.write_config(self.server, BRIDGE_ACCOUNT, name="Demo helpline", show_drafts=True)
            return
        with _step("demo deployment: keys, configuration, accounts"):
            # Without sila.yaml it is what a failed start left behind.
            for folder in (self.deployment.folder, self.deployment.staff):
                shutil.rmtree(folder, ignore_errors=True)
            printed = self.deployment.create(self.server, BRIDGE_ACCOUNT)
            write_secret(self.deployment.staff / "sila-init.txt", printed.rstrip())

    def _start_daemon(self) -> None:
        record = _record_of(self.deployment.folder)
        if record:
            binary = Path(self.deployment.program("silad")).stat().st_mtime
            if (self.deployment.folder / "process.json").stat().st_mtime >= binary:
                print(f"  silad runs already, process {record.pid}")
                return
            with _step("silad is older than its program: stopped"):
                self._daemon_stop()
        daemon = Daemon(self.deployment)
        with _step("silad, the bridge"):
            daemon.start()
            self._started.append(("silad", daemon))

    def _daemon_stop(self) -> bool:
        record = _record_of(self.deployment.folder)
        was_running = processes.stop(record, "silad", 30) if record else False
        (self.deployment.folder / "process.json").unlink(missing_ok=True)
        return was_running

    def _converse(self, python: Path) -> None:
        secret = self.folder / "contact" / "password"
        secret.parent.mkdir(mode=0o700, exist_ok=True)
        if not secret.exists():
            write_secret(secret, secrets.token_urlsafe(16))
        password = secret.read_text().strip()
        self.server.add_user(CONTACT_ACCOUNT, password)
        jid, helpline = f"{CONTACT_ACCOUNT}@{self.server.domain}", f"{BRIDGE_ACCOUNT}@{self.server.domain}"
        staff = DemoStaff(self.deployment)
        if taken := staff.taken_over():
            print(f"\nNo conversation this time: {taken['id']} is with '{taken['takenOverBy']}', so the bot is silent there. "
                  f"sila handback {taken['id']} lets it speak again.\n", flush=True)
            return
        print(f"\nThe conversation as the contact saw it ({jid}, encrypted with OMEMO):\n")
        with Contact(python, jid, password, self.server.port, self.server.ca, self.folder / "contact") as contact:
            contact.connect()
            for variety, question in QUESTIONS:
                mark = contact.mark
                contact.send(helpline, question)
                print("\n".join(terminal.message("contact", question, variety)), flush=True)
                contact.wait_texts(1, 60, mark)
                # An answer may come as two messages; the second is on its way with the first.
                with contextlib.suppress(ToolError):
                    contact.wait_texts(2, 1.5, mark)
                for event in contact.all("received", mark):
                    note = "" if event["encrypted"] else "not encrypted!"
                    print("\n".join(terminal.message("helpline", str(event["text"]), note)), flush=True)
                print()
            staff.answer(contact)

    # What is shown at the end

    def _show_store(self) -> None:
        rows = self.deployment.sealed_rows(8)
        print("What the server's store holds of it, as anyone with the disk would see it (silad store show):\n")
        for row in rows:
            print(f"  {row['id']:>4}  {row['kind']:<12} {row['size']:>5} bytes  {str(row['begins'])[:44]}…")
        status = self.deployment.status()
        print(f"\n  {status['messagesIn']} messages in, {status['messagesOut']} out, sealed to keys that only staff hold.")

    def _show_how_to_go_on(self) -> None:
        where = _short(self.folder)
        print(f"""
Prosody and silad go on running in the background.
  stop them             {_command(self.folder, "--stop")}
  are they running?     {_command(self.folder, "--status")}
  the inbox, as staff   {_staff_command(self.deployment)} inbox -i
  counts, no content    {_short(self._binaries)}/silad status --config {where}/deployment/sila.yaml
  the daemon's log      {where}/deployment/silad.log
  the staff's keys      {where}/staff (on a real deployment never on this machine)
  all tests             ./check
Write to the helpline yourself with any OMEMO client: {BRIDGE_ACCOUNT}@{self.server.domain} by way of
127.0.0.1 port {self.server.port} (direct TLS), certificate authority {_short(self.server.ca)}; make an
account with  Scripts/prosody add-user --dir {where}/server NAME PASSWORD""")

    # Order

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ToolError(
                    f"another ./quickstart is at work in {self.folder}: wait for it, or name another folder with --dir"
                ) from None
            yield
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def _cleaning_up(self) -> Iterator[None]:
        """Whatever ends this run before its end also ends what it started."""
        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt
        signal.signal(signal.SIGTERM, interrupted)
        signal.signal(signal.SIGHUP, interrupted)
        try:
            yield
        except BaseException:
            for name, started in reversed(self._started):
                started.stop()
                print(f"  stopped {name}, which this run had started", file=sys.stderr)
            left = self._running()
            if left:
                print(f"  {' and '.join(left)} ran before and go on; to stop all of it: "
                      f"{_command(self.folder, '--stop')}", file=sys.stderr)
            raise


def _short(path: Path) -> str:
    """Relative where the path lies below the current folder."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _command(folder: Path, *arguments: str) -> str:
    """The command line, from the current folder, that means the demo in `folder`."""
    program = _short(REPOSITORY / "quickstart")
    where = [] if folder == DEFAULT_FOLDER else ["--dir", _short(folder)]
    return shlex.join([program if "/" in program else f"./{program}", *arguments, *where])


def _staff_command(deployment: Deployment) -> str:
    """The staff's program with the demo's keys, to be typed."""
    settings = [f"{name}={_short(Path(path))}" for name, path in deployment.staff_environment.items()]
    return shlex.join([*settings, *(_short(Path(part)) if "/" in part else part for part in deployment.staff_command())])


def _demo_on(port: int) -> Optional[Path]:
    """The folder of the demo whose server has the port, if it can be seen."""
    owner = re.match(r"process (\d+) ", ports.owner(port) or "")
    if not owner:
        return None
    with contextlib.suppress(OSError):
        for argument in Path(f"/proc/{owner[1]}/cmdline").read_bytes().split(b"\0"):
            path = Path(os.fsdecode(argument))
            if path.name == "prosody.cfg.lua" and (path.parent.parent / MARK).exists():
                return path.parent.parent
    return None


def _record_of(deployment: Path) -> Optional[ProcessRecord]:
    record = ProcessRecord.read(deployment / "process.json")
    return record if record and record.is_alive else None


@contextlib.contextmanager
def _step(title: str) -> Iterator:
    """Prints a step and how long it took."""
    began = time.monotonic()
    notes: List[str] = []
    if sys.stdout.isatty():
        print(f"  {title} …", end="", flush=True)
    yield notes.append
    seconds = time.monotonic() - began
    note = "".join(f", {note}" for note in notes if note)
    print(f"{chr(13) + chr(27) + '[K' if sys.stdout.isatty() else ''}  {title}{note}: done ({seconds:.1f} s)", flush=True)


def main(arguments: List[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./quickstart", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Builds Sila, starts a demo of it on this machine (loopback only) and holds a conversation with it.",
        epilog="Nothing is written outside of the demo's folder and .build, but for missing Debian packages.\n"
               "SILA_BIN_DIR: take the programs from this folder and do not build.")
    parser.add_argument("--dir", type=Path, default=DEFAULT_FOLDER, help="the demo's folder (./demo)")
    parser.add_argument("--port", type=int, help=f"port of the demo's XMPP server ({DEFAULT_PORT})")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--stop", action="store_true", help="stop what the demo runs; its data stays")
    action.add_argument("--status", action="store_true", help="show what the demo runs; exit status 3 if not all of it")
    options = parser.parse_args(arguments)
    if options.port is not None and not 1024 <= options.port <= 65535:
        parser.error("--port is a number from 1024 to 65535")
    try:
        demo = Quickstart(options.dir, options.port)
        if options.stop:
            demo.stop()
        elif options.status:
            return demo.status()
        else:
            demo.run()
        return 0
    except ToolError as error:
        print(f"\nquickstart: {error}", file=sys.stderr)
        return 1
    except subprocess.TimeoutExpired as error:
        program = error.cmd[0] if isinstance(error.cmd, list) else error.cmd
        print(f"\nquickstart: {program} did not end within {error.timeout:.0f} seconds", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nquickstart: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; so has what this run started.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
