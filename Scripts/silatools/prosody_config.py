"""The configuration of a Prosody for tests and the demo."""

from __future__ import annotations

import os

from .server import Settings

# Prosody says when it serves through a named pipe: a module of ours writes to it once
# `server-started` fires. `r+` never blocks, even when nobody reads any more.
READY_MODULE = """\
module:set_global();
local path = module:get_option_string("sila_ready_pipe");
local function announce()
\tlocal pipe = io.open(path, "r+");
\tif pipe then
\t\tpipe:write("started\\n");
\t\tpipe:close();
\tend
end
prosody.events.add_handler("server-started", announce);
"""


#: Whose invitations make accounts.
INVITING_ROLE = "sila:inviting"


def text(settings: Settings) -> str:
    """The configuration file. Paths are absolute, everything listens on loopback only."""
    folder = settings.folder
    upload = settings.upload_port
    http = "" if upload else ', "http"'
    root = "run_as_root = true\n" if os.geteuid() == 0 else ""
    return f"""\
-- Made by Scripts/prosody. Change the script, not this file.
{root}pidfile = {_lua(folder / "prosody.pid")}
data_path = {_lua(folder / "data")}
certificates = {_lua(folder / "certs")}
plugin_paths = {{ {_lua(folder / "modules")} }}
sila_ready_pipe = {_lua(folder / "ready")}
log = {{ {{ levels = {{ min = "info" }}, to = "file", filename = {_lua(folder / "prosody.log")} }} }}

-- Loopback, direct TLS (XEP-0368), one port; no federation; HTTP for files only.
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ }}
c2s_direct_tls_ports = {{ {settings.port} }}
s2s_ports = {{ }}
s2s_direct_tls_ports = {{ }}
http_ports = {{ }}
https_ports = {{ {upload or ""} }}
https_interfaces = {{ "127.0.0.1" }}
http_default_host = {_lua("upload." + settings.domain)}
component_ports = {{ }}
modules_disabled = {{ "s2s", "s2s_auth_certs"{http}, "dialback" }}

modules_enabled = {{
\t"roster", "saslauth", "tls", "disco", "posix", "ping", "sila_ready",
\t"pep", "carbons", "mam", "smacks", "offline", "csi_simple", "blocklist",
\t"register", "invites", "invites_adhoc", "invites_register",
}}

authentication = "internal_hashed"
c2s_require_encryption = true
allow_registration = false
-- Invitations (XEP-0401): an account is made with one only, and those of whoever has the role make accounts.
registration_invite_only = true
allow_user_invites = false
allow_user_invites_by_roles = {{ {_lua(INVITING_ROLE)} }}
c2s_stanza_size_limit = {settings.stanza_limit}
smacks_hibernation_time = {settings.hibernation}

-- The archive. Its expiry must be 30 days at least: a bridge that was down catches up from it.
-- SQL, because the internal store keeps 10,000 items for each account.
default_archive_policy = true
archive_expires_after = "30d"
max_archive_query_results = 100
storage = {{ archive = "sql" }}
default_storage = "internal"
sql = {{ driver = "SQLite3", database = {_lua(folder / "data" / "archive.sqlite")} }}

ssl = {{
\tcertificate = {_lua(folder / "certs" / "server.pem")};
\tkey = {_lua(folder / "certs" / "server.key")};
}}

VirtualHost {_lua(settings.domain)}
{_upload(settings)}"""


def _upload(settings: Settings) -> str:
    """Where clients lay files down (XEP-0363)."""
    if not settings.upload_port:
        return ""
    return f"""
Component {_lua("upload." + settings.domain)} "http_file_share"
\thttp_external_url = {_lua(f"https://127.0.0.1:{settings.upload_port}/")}
\thttp_file_share_size_limit = 4 * 1024 * 1024
"""


def _lua(value: object) -> str:
    """A Lua string literal (Lua 5.4 manual §3.1)."""
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
