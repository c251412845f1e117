"""The configuration of an ejabberd for tests and the demo."""

from __future__ import annotations

import json

from .server import Settings

#: The socket through which accounts are made, from the server's own folder, in which it runs: the whole
#: path of a deep folder would be too long for a socket.
CONTROL = "control.sock"


#: Which accounts may make others: those of the bridges in tests and demo.
INVITING_ACCOUNTS = "^helpline"


def text(settings: Settings) -> str:
    """The configuration file (YAML). Everything listens on loopback, or on a socket in the folder."""
    folder = settings.folder
    return f"""\
# Made by Scripts/ejabberd. Change the script, not this file.
hosts: [{_yaml(settings.domain)}]
loglevel: info
log_rotate_count: 0
certfiles: [{_yaml(folder / "certs" / "server.pem")}, {_yaml(folder / "certs" / "server.key")}]
ca_file: {_yaml(folder / "certs" / "ca.pem")}
acme: {{auto: false}}

# Loopback, direct TLS (XEP-0368), one port; no federation. What the socket takes is in api_permissions.
listen:
  - port: {settings.port}
    ip: 127.0.0.1
    module: ejabberd_c2s
    tls: true
    max_stanza_size: {settings.stanza_limit}
  - port: "unix:{CONTROL}"
    module: ejabberd_http
    request_handlers: {{/api: mod_http_api}}
{_upload_listener(settings)}api_permissions:
  accounts: {{from: mod_http_api, who: all, what: [register, change_password]}}

# Everything that must outlive a restart is in one SQLite file. Mnesia, the default, keeps the newest
# changes in memory for a while; and its tables end at 2 GB.
auth_method: sql
auth_password_format: scram
default_db: sql
sql_type: sqlite
sql_database: {_yaml(folder / "data" / "ejabberd.sqlite")}

# Accounts for others (XEP-0077) are made by the bridge alone, from its own address, under names that it draws.
acl:
  inviting: {{user_regexp: {_yaml(INVITING_ACCOUNTS)}}}
  drawn: {{user_regexp: "^[a-z]{{10}}$"}}
  bridge_machine: {{ip: 127.0.0.1/32}}
access_rules:
  inviting: {{allow: inviting}}
  drawn: {{allow: drawn}}
  bridge_machine: {{allow: bridge_machine}}
registration_timeout: infinity

modules:
  mod_admin_extra: {{}}
  mod_blocking: {{}}
  mod_caps: {{}}
  mod_carboncopy: {{}}
  mod_client_state: {{}}
  mod_disco: {{}}
  mod_http_api: {{}}
  # The archive. Its expiry must be 30 days at least: a bridge that was down catches up from it.
  mod_mam: {{default: always}}
  # The default is 100 messages; the sender of the next one gets an error, although it is archived.
  mod_offline: {{access_max_user_messages: offline_limit}}
  mod_ping: {{}}
  mod_privacy: {{}}
  mod_pubsub:
    plugins: [pep]
    # Keys must be readable for people who are in nobody's roster, whatever a client forgets to ask for.
    force_node_config:
      "eu.siacs.conversations.axolotl.*": {{access_model: open}}
  mod_register: {{access_from: inviting, access: drawn, ip_access: bridge_machine}}
  mod_roster: {{}}
  mod_stream_mgmt: {{resume_timeout: {settings.hibernation}, resend_on_timeout: if_offline}}
  mod_vcard: {{search: false}}
{_upload_module(settings)}
shaper_rules:
  offline_limit: 100000
  max_user_sessions: 20
"""


def _upload_listener(settings: Settings) -> str:
    """Where clients lay files down (XEP-0363)."""
    if not settings.upload_port:
        return ""
    return f"""\
  - port: {settings.upload_port}
    ip: 127.0.0.1
    module: ejabberd_http
    tls: true
    request_handlers: {{/upload: mod_http_upload}}
"""


def _upload_module(settings: Settings) -> str:
    if not settings.upload_port:
        return ""
    return f"""\
  mod_http_upload:
    host: upload.@HOST@
    put_url: https://127.0.0.1:{settings.upload_port}/upload
    docroot: {_yaml(settings.folder / "data" / "upload")}
    max_size: 4194304
    access: all
"""


def _yaml(value: object) -> str:
    """A YAML string: JSON is YAML (YAML 1.2 §1.3)."""
    return json.dumps(str(value))
