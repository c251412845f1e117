"""An ejabberd of one's own in a folder: own configuration, certificates, databases and process.

Debian's `ejabberdctl` runs everything as the package's own user and through epmd, one for the whole
machine. So Erlang is started directly, without a node name: then there is no epmd, no cookie, no port
besides the one for clients, and any user can run it.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
from pathlib import Path
from typing import Any, Dict, List

from . import ejabberd_config
from .errors import ToolError
from .server import Server


class Ejabberd(Server):
    NAME = "ejabberd"
    SCRIPT = "Scripts/ejabberd"
    PROGRAMS = ("erl",)
    PACKAGES = ("ejabberd", "erlang-p1-sqlite3")
    # What was on its way in the old session is handed out beside what comes for the new one.
    KEEPS_ORDER_OVER_LINES = False

    @property
    def log(self) -> Path:
        return self.folder / "ejabberd.log"

    @property
    def config(self) -> Path:
        return self.folder / "ejabberd.yml"

    @property
    def database(self) -> Path:
        """Accounts, archive, device lists, offline messages: everything that outlives a restart."""
        return self.folder / "data" / "ejabberd.sqlite"

    def _write_configuration(self) -> None:
        for name in ("data", "mnesia"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.config.write_text(ejabberd_config.text(self.settings))
        self._make_database(self.database)
        # A socket of the run before: the server does not bind over it.
        (self.folder / ejabberd_config.CONTROL).unlink(missing_ok=True)

    def _command(self) -> List[str]:
        # `+sbwt none`: idle schedulers sleep; other servers and builds share the machine.
        # The shell writes to the pipe: Erlang itself opens no FIFO.
        ready = '{ok, _} = ejabberd:start(), "" = os:cmd("echo started > ready")'
        return ["erl", "-noinput", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none",
                "-mnesia", "dir", f'"{self.folder / "mnesia"}"', "-eval", ready]

    def _environment(self) -> Dict[str, str]:
        return {
            "EJABBERD_CONFIG_PATH": str(self.config), "EJABBERD_LOG_PATH": str(self.log), "HOME": str(self.folder),
            "ERL_LIBS": _libraries(),
            # No file with the memory of a server that ended.
            "ERL_CRASH_DUMP_BYTES": "0",
        }

    def _register(self, user: str, password: str) -> bool:
        values = {"user": user, "host": self.domain, "password": password}
        status, text = self._call("register", values)
        if status == 409:  # it exists
            values["newpass"] = values.pop("password")
            status, text = self._call("change_password", values)
            if status == 200:
                return False
        if status != 200:
            raise ToolError(f"the account {user}@{self.domain} could not be made: {text.strip()}")
        return True

    def allow_invitations(self, user: str) -> None:
        # By name, in the configuration.
        if not re.match(ejabberd_config.INVITING_ACCOUNTS, user):
            raise ToolError(f"{user!r} may not make accounts: only names like {ejabberd_config.INVITING_ACCOUNTS}")

    def _call(self, command: str, values: Dict[str, Any]) -> "tuple[int, str]":
        """Asks the running server through its socket in the folder (mod_http_api). Status and text."""
        if self.record is None:
            raise ToolError(f"ejabberd must run to make an account: {self.SCRIPT} start --dir {self.folder}")
        connection = _UnixConnection(self.folder, ejabberd_config.CONTROL)
        try:
            connection.request("POST", f"/api/{command}", json.dumps(values))
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise ToolError(f"ejabberd does not answer ({error}): {self._last_words()}") from error
        finally:
            connection.close()


def _libraries() -> str:
    """Where Debian puts ejabberd's modules, in a folder of the machine's kind. Erlang looks there only when told to."""
    found = sorted(Path("/usr/lib").glob("*/ejabberd-*/ebin"))
    if not found:
        raise ToolError("no /usr/lib/*/ejabberd-* holds ejabberd's modules: apt-get install ejabberd")
    return str(found[-1].parent.parent)


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket in a folder, however deep: the kernel takes paths of 107 bytes (unix(7)),
    and the folder is named by its descriptor."""

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__("localhost", timeout=30)
        self._folder, self._name = folder, name

    def connect(self) -> None:
        descriptor = os.open(self._folder, os.O_PATH | os.O_CLOEXEC)
        try:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(self.timeout)
            self.sock.connect(f"/proc/self/fd/{descriptor}/{self._name}")
        finally:
            os.close(descriptor)
