"""A Prosody of one's own in a folder: own configuration, certificates, data and process."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Dict, List

from . import prosody_config
from .errors import ToolError
from .server import ADDRESS, DEFAULT_DOMAIN, DEFAULT_PORT, Server

__all__ = ["ADDRESS", "DEFAULT_DOMAIN", "DEFAULT_PORT", "Prosody"]


class Prosody(Server):
    NAME = "Prosody"
    SCRIPT = "Scripts/prosody"
    PROGRAMS = ("prosody", "prosodyctl")
    PACKAGES = ("prosody", "lua-dbi-sqlite3")

    @property
    def log(self) -> Path:
        return self.folder / "prosody.log"

    @property
    def config(self) -> Path:
        return self.folder / "prosody.cfg.lua"

    def _write_configuration(self) -> None:
        for name in ("data", "modules"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "modules" / "mod_sila_ready.lua").write_text(prosody_config.READY_MODULE)
        self.config.write_text(prosody_config.text(self.settings))
        self._make_database(self.folder / "data" / "archive.sqlite")

    def _command(self) -> List[str]:
        return ["prosody", "-F", "--config", str(self.config)]

    def _environment(self) -> Dict[str, str]:
        return {"PROSODY_CONFIG": str(self.config)}

    def _register(self, user: str, password: str) -> bool:
        is_new = not (self.folder / "data" / _encode(self.domain) / "accounts" / f"{_encode(user)}.dat").exists()
        done = subprocess.run(
            ["prosodyctl", "--config", str(self.config), "register", user, self.domain, password],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            detail = (done.stdout + done.stderr).strip().splitlines()
            raise ToolError(f"the account {user}@{self.domain} could not be made: {detail[-1] if detail else '?'}")
        return is_new

    def allow_invitations(self, user: str) -> None:
        # What `prosodyctl shell user setroles` does, without a second socket: the internal store reads the file each
        # time that it is asked (mod_authz_internal of Prosody 0.12).
        roles = self.folder / "data" / _encode(self.domain) / "roles"
        roles.mkdir(mode=0o750, exist_ok=True)
        (roles / f"{_encode(user)}.dat").write_text(f'return {{ ["{prosody_config.INVITING_ROLE}"] = true; }};\n')


def _encode(name: str) -> str:
    """How Prosody's internal store names files and folders: all but letters and digits as %xx."""
    return "".join(
        chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"%{byte:02x}" for byte in name.encode())
