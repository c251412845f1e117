"""The command line of `Scripts/prosody` and `Scripts/ejabberd`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Optional, Type

from .errors import ToolError
from .server import ADDRESS, DEFAULT_DOMAIN, DEFAULT_PORT, Server


def main(kind: Type[Server]) -> int:
    """Runs the command line for one kind of server. Returns the exit status."""
    arguments = _parse(kind)
    try:
        return arguments.run(arguments)
    except ToolError as error:
        print(f"{kind.SCRIPT}: {error}", file=sys.stderr)
        return 1


def _start(arguments: argparse.Namespace) -> int:
    server = arguments.kind(arguments.dir, arguments.port, arguments.domain, stanza_limit=arguments.stanza_limit)
    record = server.start()
    _show(arguments, server, record.pid)
    return 0


def _stop(arguments: argparse.Namespace) -> int:
    was_running = arguments.kind.existing(arguments.dir).stop()
    if arguments.json:
        print(json.dumps({"running": False, "stopped": was_running}))
    else:
        print(f"{arguments.kind.NAME} {'stopped' if was_running else 'was not running'}")
    return 0


def _status(arguments: argparse.Namespace) -> int:
    server = arguments.kind.existing(arguments.dir)
    record = server.record
    _show(arguments, server, record.pid if record else None)
    return 0 if record else 3


def _add_user(arguments: argparse.Namespace) -> int:
    password = arguments.password
    if password == "-":
        password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise ToolError("the password is empty")
    server = arguments.kind.existing(arguments.dir)
    is_new = server.add_user(arguments.user, password)
    jid = f"{arguments.user}@{server.domain}"
    if arguments.json:
        print(json.dumps({"jid": jid, "new": is_new}))
    else:
        print(f"{jid} {'made' if is_new else 'has the new password'}")
    return 0


def _show(arguments: argparse.Namespace, server: Server, pid: Optional[int]) -> None:
    if arguments.json:
        print(json.dumps({
            "running": pid is not None, "pid": pid, "address": ADDRESS, "port": server.port,
            "domain": server.domain, "ca": str(server.ca), "log": str(server.log)}))
    elif pid is None:
        print(f"{server.NAME} is not running; log: {server.log}")
    else:
        print(f"{server.NAME} serves {server.domain} on {ADDRESS}:{server.port} (direct TLS), process {pid}\n"
              f"  certificate authority: {server.ca}\n  log: {server.log}")


def _parse(kind: Type[Server]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=kind.SCRIPT,
        description=f"Starts and stops {kind.NAME} in a folder of its own, on loopback, for tests and the demo.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.add_argument("--dir", type=Path, required=True, help="the server's folder")
        sub.add_argument("--json", action="store_true", help="print JSON")
        sub.set_defaults(run=run, kind=kind)
        return sub

    sub = command("start", _start, "start; returns once a stream answers; a running server is left alone")
    sub.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"direct TLS port ({DEFAULT_PORT})")
    sub.add_argument("--domain", default=DEFAULT_DOMAIN, help=f"virtual host ({DEFAULT_DOMAIN})")
    sub.add_argument("--stanza-limit", type=int, default=256 * 1024, metavar="BYTES", help="largest stanza")
    command("stop", _stop, "stop this server, and no other process; its data stays")
    command("status", _status, "show whether it runs; exit status 3 if not")
    sub = command("add-user", _add_user, "make an account, or give it another password")
    sub.add_argument("user", help="the part before the @")
    sub.add_argument("password", help="the password, or - to read it from standard input")
    return parser.parse_args()
