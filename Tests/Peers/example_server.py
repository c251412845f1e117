"""Real servers with the configurations that `config/` gives to operators.

Only what a machine has of its own is put in: domain, ports, addresses and places of files. Each of these must
stand in the example, so that one which changes is noticed here.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Dict, List, Tuple, Type

from conftest import FIRST_PORT, LAST_PORT, REPOSITORY
from silatools import ejabberd_config, ports, prosody_config
from silatools.ejabberd import Ejabberd
from silatools.prosody import Prosody
from silatools.server import ADDRESS, Server

#: What the examples listen on, and nothing else.
PORTS = {
    "prosody": (5222, 5223, 443, 5269, 5270, 5281),
    "ejabberd": (5222, 5223, 443, 5269, 5443),
}


def filled_in(path: Path, changes: List[Tuple[str, str]]) -> str:
    """The text of an example with each change made. A place that it does not have is an error."""
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text, f"{path.name} does not hold {old!r} any more"
        text = text.replace(old, new)
    return text


def free_ports(kind: str, direct: int) -> Dict[int, int]:
    """A free port for each of an example's; `direct` stands for 5223."""
    return {port: direct if port == 5223 else ports.find_free(FIRST_PORT, LAST_PORT) for port in PORTS[kind]}


class ExampleProsody(Prosody):
    #: Another address: port 5222 is there, under that number, for clients that can be told no other.
    starttls_address = ADDRESS
    #: Lines before the example's own.
    more = ""

    @property
    def web_port(self) -> int:
        """Stands for 443."""
        return self._ports[443]

    @property
    def servers_port(self) -> int:
        """Stands for 5269, to which other servers come."""
        return self._ports[5269]

    def _write_configuration(self) -> None:
        self._ports = free_ports("prosody", self.port)
        for name in ("data", "modules"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "modules" / "mod_sila_ready.lua").write_text(prosody_config.READY_MODULE)
        for ending in ("crt", "key"):  # as `prosodyctl cert import` names them
            source = self.folder / "certs" / ("server.pem" if ending == "crt" else "server.key")
            for host in (self.domain, f"upload.{self.domain}"):
                shutil.copy(source, self.folder / "certs" / f"{host}.{ending}")
        changes = [
            # First: a folder may be named after the domain.
            ("example.org", self.domain),
            ("/run/prosody/prosody.pid", str(self.folder / "prosody.pid")),
            ("/var/lib/prosody/archive.sqlite", str(self.folder / "data" / "archive.sqlite")),
            ("/var/log/prosody/prosody.log", str(self.log)),
            ("/etc/prosody/certs", str(self.folder / "certs")),
            ('https_interfaces = { "*", "::" }', f'https_interfaces = {{ "{ADDRESS}" }}'),
            ('"admin_shell", "cron",', '"admin_shell", "cron", "sila_ready",'),
            *((f"{{ {old} }}", f"{{ {self._ports[old]} }}") for old in (5269, 5270, 5281)),
            ("c2s_ports = { 5222 }", f'c2s_interfaces = {{ "{self.starttls_address}" }}\nc2s_ports = {{ '
             f"{self._ports[5222] if self.starttls_address == ADDRESS else 5222} }}"),
            ("{ 5223, 443 }", f"{{ {self.port}, {self.web_port} }}"),
        ]
        root = "run_as_root = true\n" if os.geteuid() == 0 else ""
        own = (f'{root}interfaces = {{ "{ADDRESS}" }}\ndata_path = "{self.folder / "data"}"\n'
               f'plugin_paths = {{ "{self.folder / "modules"}" }}\nsila_ready_pipe = "{self.folder / "ready"}"\n{self.more}')
        self.config.write_text(own + filled_in(REPOSITORY / "config" / "prosody.example.cfg.lua", changes))
        self._make_database(self.folder / "data" / "archive.sqlite")

    def check(self) -> subprocess.CompletedProcess:
        """Prosody's own opinion of the configuration."""
        return subprocess.run(
            ["prosodyctl", "--config", str(self.config), "check", "config"], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60)

    def let_invite(self, user: str) -> None:
        """What the example and its guide tell to do for the bridge's account."""
        done = subprocess.run(
            ["prosodyctl", "--config", str(self.config), "shell", "user", "setroles", f"{user}@{self.domain}",
             self.domain, "sila:inviting"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr

    def invitation(self) -> str:
        """A token with which one account can be made."""
        done = subprocess.run(
            ["prosodyctl", "--config", str(self.config), "mod_invites", "generate", self.domain],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().rsplit("preauth=", 1)[1].split(";")[0]


class ExampleEjabberd(Ejabberd):
    """ejabberd refuses to start with a key that it does not know, or a value that does not fit."""

    #: As with Prosody.
    starttls_address = ADDRESS

    @property
    def web_port(self) -> int:
        return self._ports[443]

    def _write_configuration(self) -> None:
        self._ports = free_ports("ejabberd", self.port)
        for name in ("data", "mnesia"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        starttls = self._ports[5222] if self.starttls_address == ADDRESS else 5222
        control = f'listen:\n  - port: "unix:{ejabberd_config.CONTROL}"\n    module: ejabberd_http\n' \
                  "    request_handlers: {/api: mod_http_api}\n"
        changes = [
            ("example.org", self.domain),
            ("/etc/ejabberd/certs/fullchain.pem", str(self.folder / "certs" / "server.pem")),
            ("/etc/ejabberd/certs/privkey.pem", str(self.folder / "certs" / "server.key")),
            ("/var/lib/ejabberd/ejabberd.sqlite", str(self.database)),
            ("/var/lib/ejabberd/upload", str(self.folder / "upload")),
            ('port: 5222\n    ip: "::"', f'port: {starttls}\n    ip: "{self.starttls_address}"'),
            ('ip: "::"', f'ip: "{ADDRESS}"'),
            ("upload.@HOST@:5443", f"upload.@HOST@:{self._ports[5443]}"),
            *((f"- port: {old}\n", f"- port: {new}\n") for old, new in self._ports.items() if old != 5222),
            # The way in which these tests make accounts.
            ("listen:\n", control), ("  mod_adhoc: {}\n", "  mod_adhoc: {}\n  mod_http_api: {}\n"),
            ("api_permissions:\n", "api_permissions:\n  accounts: {from: mod_http_api, who: all, "
             "what: [register, change_password, delete_old_mam_messages]}\n"),
            ("certfiles:\n", f"ca_file: {self.ca}\ncertfiles:\n"),
        ]
        self.config.write_text(filled_in(REPOSITORY / "config" / "ejabberd.example.yml", changes))
        self._make_database(self.database)
        (self.folder / ejabberd_config.CONTROL).unlink(missing_ok=True)

    def forget(self, days: int) -> None:
        """What the guide's timer does with ejabberdctl: deletes what is older from the archive."""
        status, text = self._call("delete_old_mam_messages", {"type": "all", "days": days})
        assert status == 200, text

    def archived(self) -> int:
        """How many messages the archive holds."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as database:
            return database.execute("SELECT count(*) FROM archive").fetchone()[0]


EXAMPLES: Dict[str, Type[Server]] = {"prosody": ExampleProsody, "ejabberd": ExampleEjabberd}
