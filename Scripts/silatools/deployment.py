"""A Sila deployment in a folder, and the daemon on it."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from . import processes
from .errors import ToolError
from .follow import LineFile
from .processes import ProcessRecord
from .server import ADDRESS, Server

REPOSITORY = Path(__file__).resolve().parents[2]


class Deployment:
    """`folder` is what `sila.yaml` describes; `staff` holds the private keys and lies outside of it.

    The layout is that of `config/sila.example.yaml`. Both folders on one machine, and the
    passphrase beside the keys: for tests and the demo only.
    """

    def __init__(self, folder: Path, staff: Path, binaries: Path) -> None:
        self.folder, self.staff, self.binaries = folder.resolve(), staff.resolve(), binaries.resolve()

    @property
    def config(self) -> Path:
        return self.folder / "sila.yaml"

    @property
    def passphrase_file(self) -> Path:
        return self.staff / "passphrase"

    @property
    def socket(self) -> Path:
        """Where staff reach the daemon. The daemon takes 103 bytes of a socket's path, and folders of tests
        are deep: then it lies in a folder of its own beside other temporary files."""
        socket = self.folder / "run" / "staff.sock"
        if len(os.fsencode(socket)) <= 103:
            return socket
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"sila-{os.getuid()}-{name}" / "staff.sock"

    @property
    def staff_environment(self) -> Dict[str, str]:
        """What makes `sila` work as the coordinator of this deployment."""
        return {"SILA_KEYS": str(self.staff / "keys"), "SILA_PASSPHRASE_FILE": str(self.passphrase_file)}

    def staff_command(self) -> List[str]:
        """`sila`, with the socket where the profile does not name it."""
        usual = self.socket == self.folder / "run" / "staff.sock"
        return [self.program("sila"), *([] if usual else ["--socket", str(self.socket)])]

    @property
    def is_complete(self) -> bool:
        return self.config.exists()

    def create(
        self, server: Server, account: str, *, name: str = "Demo helpline", show_drafts: bool = True,
        invites: bool = True,
    ) -> str:
        """Makes keys with `sila init`, the bridge's account and `sila.yaml`. Returns what init printed.

        With `invites`, the bridge's account may take others in.

        `sila.yaml` is written last: a folder without it is a creation that stopped half-way.
        """
        for path in (self.folder, self.folder / "keys", self.folder / "store", self.staff):
            path.mkdir(parents=True, exist_ok=True)
            os.chmod(path, 0o700)
        if not self.passphrase_file.exists():
            write_secret(self.passphrase_file, secrets.token_urlsafe(24))
        output = self._init("coordinator")
        password = secrets.token_urlsafe(24)
        write_secret(self.folder / "keys" / "xmpp.password", password)
        server.add_user(account, password)
        if invites:
            server.allow_invitations(account)
        self.write_config(server, account, name=name, show_drafts=show_drafts)
        return output

    def write_config(
        self, server: Server, account: str, *, name: str, show_drafts: bool, log_level: str = "info"
    ) -> None:
        values = {
            "deployment": {"name": name},
            "store": {"path": "store/sila.sqlite"},
            "keys": {"mode": "file"},
            "content": {
                "bots": str(REPOSITORY / "Bots"), "translations": str(REPOSITORY / "Translations"),
                "show-drafts": show_drafts,
            },
            "xmpp": {
                "jid": f"{account}@{server.domain}", "password-file": "keys/xmpp.password",
                "host": ADDRESS, "port": server.port, "tls": {"ca-file": str(server.ca)},
            },
            "staff": {"socket": str(self.socket)},
            "attachments": {"private-addresses": True},
            # A number that is nobody's (Ofcom, numbers for use in drama).
            "invitation": {"telephone": "+442079460123", "second-way": "post@example.org"},
            "log": {"level": log_level},
        }
        # JSON is YAML (YAML 1.2 §1.3); block style is easier to read for a newcomer.
        text = "# Made for a demo or a test. Every key is explained in config/sila.example.yaml.\n" + _yaml(values)
        temporary = self.config.with_name("sila.yaml.new")
        temporary.write_text(text)
        os.replace(temporary, self.config)

    def _init(self, coordinator: str) -> str:
        command = [
            self.program("sila"), "init", "--deployment", str(self.folder), "--keys", str(self.staff / "keys"),
            "--passphrase-file", str(self.passphrase_file), "--name", coordinator, "--yes"]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
        except subprocess.TimeoutExpired:
            raise ToolError("sila init did not end within three minutes; nothing of the demo was started") from None
        if done.returncode != 0:
            raise ToolError(f"sila init failed: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def program(self, name: str) -> str:
        path = self.binaries / name
        if not path.exists():
            raise ToolError(f"{path} is not built: run swift build")
        return str(path)

    def status(self) -> Dict[str, Any]:
        """The counts of `silad status --json`."""
        return self._json("status")

    def sealed_rows(self, limit: int = 20) -> List[Dict[str, Any]]:
        return self._json("store", "show", "--limit", str(limit))

    def _json(self, *command: str) -> Any:
        done = subprocess.run(
            [self.program("silad"), *command, "--config", str(self.config), "--json"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise ToolError(f"silad {' '.join(command)} failed: {done.stderr.strip()}")
        return json.loads(done.stdout)


class Daemon:
    """`silad` on a deployment, or `silad-faults` with its options."""

    def __init__(self, deployment: Deployment, program: str = "silad", options: Sequence[str] = ()) -> None:
        self.deployment = deployment
        self._command = [deployment.program(program), "run", "--config", str(deployment.config), *options]
        self.log = deployment.folder / "silad.log"
        #: Added to the environment of the daemon.
        self.environment: Dict[str, str] = {}
        self._output: Optional[LineFile] = None
        self._process: Optional[subprocess.Popen] = None

    @property
    def record_file(self) -> Path:
        return self.deployment.folder / "process.json"

    @property
    def record(self) -> Optional[ProcessRecord]:
        record = ProcessRecord.read(self.record_file)
        return record if record and record.is_alive else None

    def start(self, *, online: bool = True, seconds: float = 60) -> "Daemon":
        """Starts it; returns once its channel is online, or the store is open with `online=False`."""
        if self.record:
            raise ToolError(f"silad already runs on {self.deployment.folder}, process {self.record.pid}: stop it first")
        self._output = LineFile(self.deployment.folder / "silad.out")
        # The program is this module's own child in tests and an orphan after quickstart: a file
        # takes its output in both cases.
        with open(self._output.path, "ab") as output:
            self._process = processes.spawn(
                self._command, self.log, stdout=output, environment={**os.environ, **self.environment})
        try:
            ProcessRecord.of(self._process.pid).write(self.record_file)
            self.wait_for_line("online xmpp" if online else "ready", seconds)
        except ToolError as error:
            self.stop()
            raise ToolError(f"silad did not start: {error}: {self.last_words()}") from error
        return self

    def wait_for_line(self, line: str, seconds: float = 60, count: int = 1) -> None:
        """Waits until a line was printed `count` times since this object started it."""
        record = ProcessRecord.read(self.record_file)
        if record is None or self._output is None:
            raise ToolError("silad was not started")
        self._output.wait(f"'{line}'", lambda lines: lines.count(line) >= count, record, seconds)

    def stop(self, seconds: float = 30) -> bool:
        """Ends it politely. False when it does not run."""
        record = ProcessRecord.read(self.record_file)
        was_running = processes.stop(record, "silad", seconds) if record else False
        self.record_file.unlink(missing_ok=True)
        self._reap()
        return was_running

    def kill(self) -> None:
        """Ends it as a power cut would."""
        if self._process is None:
            raise ToolError("silad was not started by this program")
        self._process.kill()
        self._reap()
        self.record_file.unlink(missing_ok=True)

    def wait_for_end(self, seconds: float) -> Optional[int]:
        """Its exit status, negative for a signal; `None` when it still runs after `seconds`."""
        try:
            status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self.record_file.unlink(missing_ok=True)
        return status

    @property
    def exit_status(self) -> Optional[int]:
        return self._process.poll() if self._process else None

    def last_words(self) -> str:
        lines = [line for line in self.log.read_text("utf-8", "replace").splitlines() if line.strip()]
        return f"{lines[-1] if lines else 'nothing said'} (log: {self.log})"

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait(30)


def write_secret(path: Path, text: str) -> None:
    """Writes a file that only the owner can read, from its first moment on."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")


def _yaml(values: Dict[str, Any], indent: int = 0) -> str:
    """Block YAML of nested mappings with scalar values; strings are quoted as JSON."""
    lines = []
    for key, value in values.items():
        if isinstance(value, dict):
            lines.append(f"{' ' * indent}{key}:\n{_yaml(value, indent + 2)}")
        else:
            lines.append(f"{' ' * indent}{key}: {json.dumps(value, ensure_ascii=False)}\n")
    return "".join(lines)
