"""An XMPP server of one's own in a folder: what Prosody and ejabberd share.

A subclass says how its program is configured, started and given accounts; files, lock, readiness,
process and ports are the same for both.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import sqlite3
import subprocess
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Dict, List, Optional, Sequence, Type, TypeVar

from . import certificates, ports, stream_probe
from .errors import ToolError
from .folder_lock import FolderLock
from .processes import Deadline, ProcessRecord, spawn, stop

DEFAULT_DOMAIN = "sila.example.org"
DEFAULT_PORT = 15322
ADDRESS = "127.0.0.1"

AnyServer = TypeVar("AnyServer", bound="Server")


@dataclass(frozen=True)
class Settings:
    """What differs between one server and another of its kind."""

    folder: Path
    port: int
    domain: str
    #: Largest stanza of a logged-in client in bytes. The default of both servers is 256 KiB.
    stanza_limit: int = 256 * 1024
    #: How long a lost client's session can be resumed, in seconds.
    hibernation: int = 600
    #: HTTPS port of the file share (XEP-0363); 0: there is none.
    upload_port: int = 0


class Server(ABC):
    """One server in `folder`. Nothing of it lies anywhere else; it listens on loopback only."""

    #: What a person calls it, and what is written into `server.json`.
    NAME: ClassVar[str]
    #: The script that starts it.
    SCRIPT: ClassVar[str]
    PROGRAMS: ClassVar[Sequence[str]]
    PACKAGES: ClassVar[Sequence[str]]
    #: Whether messages keep their order when the line of their receiver breaks.
    KEEPS_ORDER_OVER_LINES: ClassVar[bool] = True

    def __init__(
        self, folder: Path, port: int = DEFAULT_PORT, domain: str = DEFAULT_DOMAIN, *,
        stanza_limit: int = 256 * 1024, hibernation: int = 600, upload_port: int = 0, port_option: str = "--port",
    ) -> None:
        self.folder = folder.resolve()
        self.settings = Settings(self.folder, port, domain, stanza_limit, hibernation, upload_port)
        self._port_option = port_option

    @classmethod
    def existing(cls: Type[AnyServer], folder: Path) -> AnyServer:
        """The server that was set up in `folder` before."""
        try:
            values = json.loads((folder / "server.json").read_text())
            # A folder of before there were two kinds holds a Prosody.
            kind = values.get("server", "Prosody")
            if kind != cls.NAME:
                raise ToolError(f"the server in {folder} is {kind}, not {cls.NAME}: use the script of that one")
            return cls(
                folder, values["port"], values["domain"], stanza_limit=values["stanza_limit"],
                hibernation=values["hibernation"], upload_port=values.get("upload_port", 0))
        except FileNotFoundError:
            raise ToolError(
                f"there is no server in {folder}: start one with: {cls.SCRIPT} start --dir {folder}") from None
        except (ValueError, KeyError, AttributeError) as error:
            raise ToolError(f"{folder}/server.json cannot be read ({error}): delete the folder and start again") \
                from error

    # What a kind of server says of itself

    @property
    @abstractmethod
    def log(self) -> Path:
        """Its log file."""

    @property
    @abstractmethod
    def config(self) -> Path:
        """Its configuration file, made by `start`."""

    @abstractmethod
    def _write_configuration(self) -> None:
        """Writes all that lies in the folder besides certificates."""

    @abstractmethod
    def _command(self) -> List[str]:
        """The program in the foreground. Writes a line to the pipe `ready` once it serves."""

    def _environment(self) -> Dict[str, str]:
        """What is added to the environment of the program."""
        return {}

    @abstractmethod
    def _register(self, user: str, password: str) -> bool:
        """Makes the account, or gives it the password. True when it is new."""

    @abstractmethod
    def allow_invitations(self, user: str) -> None:
        """Lets an account that exists take others in (`sila invite`)."""

    @property
    def port(self) -> int:
        return self.settings.port

    @property
    def domain(self) -> str:
        return self.settings.domain

    @property
    def ca(self) -> Path:
        return self.folder / "certs" / "ca.pem"

    @property
    def record(self) -> Optional[ProcessRecord]:
        """Our own process, if it runs."""
        record = ProcessRecord.read(self._record_file)
        return record if record and record.is_alive else None

    # Life

    def start(self, seconds: float = 60) -> ProcessRecord:
        """Starts the server and returns once a stream answers. A running one is left alone.

        Throws `ToolError`: program missing, port occupied, no answer within `seconds`.
        """
        with FolderLock(self.folder):
            running = self.record
            if running:
                self._require_same_settings()
                self.probe()
                return running
            self._require_programs()
            ports.require_free(self.port, self._port_option, ADDRESS)
            self._write_files()
            deadline = Deadline(seconds)
            pipe = self._ready_pipe()
            try:
                process = spawn(
                    self._command(), self._output, environment={**os.environ, **self._environment()}, cwd=self.folder)
                record = ProcessRecord.of(process.pid)
                record.write(self._record_file)
                try:
                    self._wait_until_started(process, pipe, deadline)
                    self.probe(max(1.0, deadline.left))
                except BaseException:
                    stop(record, self.NAME)
                    self._record_file.unlink(missing_ok=True)
                    raise
            finally:
                os.close(pipe)
            return record

    def stop(self) -> bool:
        """Ends our own process and no other. False when it does not run."""
        with FolderLock(self.folder):
            record = ProcessRecord.read(self._record_file)
            was_running = stop(record, self.NAME) if record else False
            self._record_file.unlink(missing_ok=True)
            return was_running

    def kill(self) -> None:
        """Ends our own process as a power cut would, for tests."""
        with FolderLock(self.folder):
            record = self.record
            if record:
                os.kill(record.pid, 9)
                stop(record, self.NAME)
            self._record_file.unlink(missing_ok=True)

    def restart(self) -> ProcessRecord:
        self.stop()
        return self.start()

    def probe(self, seconds: float = 10) -> str:
        """The stream features of the running server."""
        return stream_probe.features(ADDRESS, self.port, self.domain, self.ca, seconds)

    # Accounts

    def add_user(self, user: str, password: str) -> bool:
        """Makes an account; an account that exists gets the password.

        - Returns: whether the account is new.
        """
        if not user or any(character in user for character in " \"&'/:<>@"):
            raise ToolError(f"{user!r} cannot be an account's name: use letters, digits, dots and hyphens")
        self._require_programs()
        return self._register(user, password)

    # Pieces

    @property
    def _record_file(self) -> Path:
        return self.folder / "process.json"

    @property
    def _output(self) -> Path:
        """What the program prints."""
        return self.folder / f"{self.NAME.lower()}.out"

    def _require_programs(self) -> None:
        for program in self.PROGRAMS:
            if shutil.which(program) is None:
                raise ToolError(f"{program} is not installed: apt-get install {' '.join(self.PACKAGES)}")

    def _require_same_settings(self) -> None:
        stored = self.existing(self.folder)
        if (stored.port, stored.domain) != (self.port, self.domain):
            raise ToolError(
                f"the server in {self.folder} already runs as {stored.domain} on port {stored.port}: "
                "stop it first, or leave the option out")

    def _write_files(self) -> None:
        os.chmod(self.folder, 0o700)
        if (self.folder / "server.json").exists():
            self.existing(self.folder)  # of this kind
        certificates.make(self.folder / "certs", self.domain)
        self._write_configuration()
        values = {
            "server": self.NAME, "address": ADDRESS, "port": self.port, "domain": self.domain, "ca": str(self.ca),
            "stanza_limit": self.settings.stanza_limit, "hibernation": self.settings.hibernation,
            "upload_port": self.settings.upload_port,
        }
        (self.folder / "server.json").write_text(json.dumps(values, indent=2) + "\n")

    @staticmethod
    def _make_database(path: Path) -> None:
        """An empty database in WAL mode, which the file keeps: with SQLite's default, a server waits for
        the disk some twenty times a message."""
        if path.exists():
            return
        database = sqlite3.connect(path)
        try:
            database.execute("PRAGMA journal_mode = WAL")
        finally:
            database.close()

    def _ready_pipe(self) -> int:
        path = self.folder / "ready"
        path.unlink(missing_ok=True)
        os.mkfifo(path, 0o600)
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def _wait_until_started(self, process: subprocess.Popen, pipe: int, deadline: Deadline) -> None:
        ending = os.pidfd_open(process.pid)
        try:
            readable, _, _ = select.select([pipe, ending], [], [], deadline.left)
        finally:
            os.close(ending)
        if ending in readable:
            raise ToolError(f"{self.NAME} ended at once: {self._last_words()}")
        if pipe not in readable:
            raise ToolError(f"{self.NAME} did not start within {deadline.seconds:.0f} s: {self._last_words()}")

    def _last_words(self) -> str:
        """The last lines of its log, for an error message."""
        for path in (self.log, self._output):
            if path.exists():
                lines = [line for line in path.read_text("utf-8", "replace").splitlines() if line.strip()]
                wrong = [
                    line for line in lines[-50:] if "error" in line.lower() or "[critical]" in line] or lines[-1:]
                if wrong:
                    return f"{wrong[-1].strip()} (log: {path})"
        return f"nothing in {self.log}"
