"""A Prosody of one's own in a folder: own configuration, certificates, data and process."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import select
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Optional

from . import certificates, ports, prosody_config, stream_probe
from .errors import ToolError
from .processes import Deadline, ProcessRecord, spawn, stop

DEFAULT_DOMAIN = "sila.example.org"
DEFAULT_PORT = 15322
ADDRESS = "127.0.0.1"


class Prosody:
    """One server in `folder`. Nothing of it lies anywhere else."""

    def __init__(
        self, folder: Path, port: int = DEFAULT_PORT, domain: str = DEFAULT_DOMAIN, *,
        stanza_limit: int = 256 * 1024, hibernation: int = 600, upload_port: int = 0, port_option: str = "--port",
    ) -> None:
        self.folder = folder.resolve()
        self.settings = prosody_config.Settings(self.folder, port, domain, stanza_limit, hibernation, upload_port)
        self._port_option = port_option

    @staticmethod
    def existing(folder: Path) -> "Prosody":
        """The server that was set up in `folder` before."""
        try:
            values = json.loads((folder / "server.json").read_text())
            return Prosody(
                folder, values["port"], values["domain"], stanza_limit=values["stanza_limit"],
                hibernation=values["hibernation"], upload_port=values.get("upload_port", 0))
        except FileNotFoundError:
            raise ToolError(f"there is no server in {folder}: start one with: Scripts/prosody start --dir {folder}") \
                from None
        except (ValueError, KeyError) as error:
            raise ToolError(f"{folder}/server.json cannot be read ({error}): delete the folder and start again") \
                from error

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
    def log(self) -> Path:
        return self.folder / "prosody.log"

    @property
    def config(self) -> Path:
        return self.folder / "prosody.cfg.lua"

    @property
    def record(self) -> Optional[ProcessRecord]:
        """Our own process, if it runs."""
        record = ProcessRecord.read(self.folder / "process.json")
        return record if record and record.is_alive else None

    # Life

    def start(self, seconds: float = 30) -> ProcessRecord:
        """Starts the server and returns once a stream answers. A running one is left alone.

        Throws `ToolError`: Prosody missing, port occupied, no answer within `seconds`.
        """
        with self._locked():
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
                    ["prosody", "-F", "--config", str(self.config)], self.folder / "prosody.out",
                    environment={**os.environ, "PROSODY_CONFIG": str(self.config)})
                record = ProcessRecord.of(process.pid)
                record.write(self.folder / "process.json")
                try:
                    self._wait_until_started(process, pipe, deadline)
                    self.probe(max(1.0, deadline.left))
                except BaseException:
                    stop(record, "Prosody")
                    (self.folder / "process.json").unlink(missing_ok=True)
                    raise
            finally:
                os.close(pipe)
            return record

    def stop(self) -> bool:
        """Ends our own process and no other. False when it does not run."""
        with self._locked():
            record = ProcessRecord.read(self.folder / "process.json")
            was_running = stop(record, "Prosody") if record else False
            (self.folder / "process.json").unlink(missing_ok=True)
            return was_running

    def kill(self) -> None:
        """Ends our own process as a power cut would, for tests."""
        with self._locked():
            record = self.record
            if record:
                os.kill(record.pid, 9)
                stop(record, "Prosody")
            (self.folder / "process.json").unlink(missing_ok=True)

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
        is_new = not (self.folder / "data" / _host_folder(self.domain) / "accounts" / f"{_encode(user)}.dat").exists()
        done = subprocess.run(
            ["prosodyctl", "--config", str(self.config), "register", user, self.domain, password],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            detail = (done.stdout + done.stderr).strip().splitlines()
            raise ToolError(f"the account {user}@{self.domain} could not be made: {detail[-1] if detail else '?'}")
        return is_new

    # Pieces

    def _require_programs(self) -> None:
        for program in ("prosody", "prosodyctl"):
            if shutil.which(program) is None:
                raise ToolError(f"{program} is not installed: apt-get install prosody lua-dbi-sqlite3")

    def _require_same_settings(self) -> None:
        stored = Prosody.existing(self.folder)
        if (stored.port, stored.domain) != (self.port, self.domain):
            raise ToolError(
                f"the server in {self.folder} already runs as {stored.domain} on port {stored.port}: "
                "stop it first, or leave the option out")

    def _write_files(self) -> None:
        for name in ("data", "modules"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        os.chmod(self.folder, 0o700)
        certificates.make(self.folder / "certs", self.domain)
        (self.folder / "modules" / "mod_sila_ready.lua").write_text(prosody_config.READY_MODULE)
        self.config.write_text(prosody_config.text(self.settings))
        self._make_archive(self.folder / "data" / "archive.sqlite")
        values = {
            "address": ADDRESS, "port": self.port, "domain": self.domain, "ca": str(self.ca),
            "upload_port": self.settings.upload_port, "stanza_limit": self.settings.stanza_limit, "hibernation": self.settings.hibernation,
        }
        (self.folder / "server.json").write_text(json.dumps(values, indent=2) + "\n")

    @staticmethod
    def _make_archive(path: Path) -> None:
        """An empty database in WAL mode, which the file keeps: with SQLite's default, Prosody waits for
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
            raise ToolError(f"Prosody ended at once: {self._last_words()}")
        if pipe not in readable:
            raise ToolError(f"Prosody did not start within {deadline.seconds:.0f} s: {self._last_words()}")

    def _last_words(self) -> str:
        """The last lines of its log, for an error message."""
        for path in (self.log, self.folder / "prosody.out"):
            if path.exists():
                lines = [line for line in path.read_text("utf-8", "replace").splitlines() if line.strip()]
                wrong = [line for line in lines[-50:] if "error" in line.lower()] or lines[-1:]
                if wrong:
                    return f"{wrong[-1].strip()} (log: {path})"
        return f"nothing in {self.log}"

    def _locked(self) -> "_FolderLock":
        self.folder.mkdir(parents=True, exist_ok=True)
        return _FolderLock(self.folder / "lock")


class _FolderLock:
    """One start or stop at a time in a folder. The kernel lets go of it with the process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            raise ToolError(f"another start or stop is under way in {self._path.parent}: wait for it to end") from error

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def _encode(name: str) -> str:
    """How Prosody's internal store names files: all but letters and digits as %xx."""
    return "".join(
        chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"%{byte:02x}" for byte in name.encode())


def _host_folder(domain: str) -> str:
    return _encode(domain)
