"""A contact: an independent OMEMO 0.3 client on slixmpp, driven by JSON lines.

Commands on standard input, one JSON object a line; each may carry `ref`, which its answer repeats:

    {"do": "connect", "keep": true}            online         `keep`: comes back by itself
    {"do": "disconnect", "abrupt": false}      offline
    {"do": "send", "to": J, "text": T, "encrypted": true}     sent {id}
    {"do": "burst", "to": J, "count": N, "first": 1, "text": "word {n}"}   burst-sent {ids}
    {"do": "make", "to": J, "text": T}         made {xml}     encrypted, not sent
    {"do": "raw", "xml": X}                    sent {id}      a <message/> as it is
    {"do": "iq", "xml": X}                     iq-result {type, condition, xml}
    {"do": "flush"}                            flushed        all is acknowledged by the server
    {"do": "quit"}                             offline, then the process ends

Besides the answers: acked, received, silent, undecryptable, repeated, receipt, bounced, warning,
error. What was received is in order of arrival.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from typing import Any, Dict, Optional
from xml.etree import ElementTree as ET

from slixmpp.exceptions import IqError
from slixmpp.stanza import Iq

from account import Account
from connection import Connection
from state import Pending, State


class Contact:
    """Runs commands one after another over as many connections as it takes."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._state = State(account.state)
        self._connection: Optional[Connection] = None
        self._is_online = asyncio.Event()
        self._keeper: Optional[asyncio.Task[None]] = None

    async def run(self) -> None:
        commands = await self._commands()
        while line := await commands.readline():
            try:
                command = json.loads(line)
            except ValueError:
                emit("error", reason="a line on standard input is not JSON")
                continue
            try:
                if await self._do(command):
                    break
            except Exception as error:
                emit("error", reason=f"{type(error).__name__}: {error}", ref=command.get("ref"))
        await self._disconnect(abrupt=False)

    async def _do(self, command: Dict[str, Any]) -> bool:
        ref = command.get("ref")
        match command.get("do"):
            case "connect":
                await self._connect()
                if command.get("keep"):
                    self._keeper = asyncio.create_task(self._keep_online())
                manager = await self._open.plugin["xep_0384"].get_session_manager()
                own, _ = await manager.get_own_device_information()
                emit("online", ref=ref, jid=self._account.jid, device=own.device_id)
            case "disconnect":
                await self._disconnect(abrupt=command.get("abrupt", False))
                emit("offline", ref=ref)
            case "send":
                emit("sent", ref=ref, id=await self._send(command["to"], command["text"], command.get("encrypted", True)))
            case "burst":
                first, count = command.get("first", 1), command["count"]
                ids = [
                    await self._send(command["to"], command["text"].replace("{n}", str(n)), True)
                    for n in range(first, first + count)
                ]
                emit("burst-sent", ref=ref, ids=ids)
            case "make":
                stanza = await self._open.encrypt(command["to"], command["text"])
                emit("made", ref=ref, xml=str(stanza))
            case "raw":
                emit("sent", ref=ref, id=self._send_raw(command["xml"]))
            case "iq":
                await self._iq(command["xml"], ref)
            case "flush":
                await self._flush()
                emit("flushed", ref=ref)
            case "quit":
                await self._disconnect(abrupt=False)
                emit("offline", ref=ref)
                return True
            case other:
                raise ValueError(f"unknown command {other!r}")
        return False

    @property
    def _open(self) -> Connection:
        if self._connection is None:
            raise ConnectionError("not connected: send `connect` first")
        return self._connection

    # Connection

    async def _connect(self) -> None:
        connection = Connection(self._account, self._state, emit)
        try:
            await connection.open()
        except ConnectionError:
            connection.drop()
            raise
        self._connection = connection
        self._is_online.set()

    async def _keep_online(self) -> None:
        while True:
            await self._open.ended.wait()
            self._is_online.clear()
            self._open.drop()
            emit("lost")
            delay = 0.1
            while True:
                try:
                    await self._connect()
                    break
                except (ConnectionError, OSError, TimeoutError):
                    # Back-off of a client whose server is away.
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, 2)
            emit("back")

    async def _disconnect(self, abrupt: bool) -> None:
        if self._keeper:
            self._keeper.cancel()
            self._keeper = None
        self._is_online.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            if abrupt:
                connection.drop()
            else:
                await connection.close()
        self._state.flush()

    # Sending

    async def _send(self, to: str, text: str, encrypted: bool) -> str:
        while True:
            if self._keeper:
                await self._is_online.wait()
            connection = self._open
            try:
                if encrypted:
                    stanza = await connection.encrypt(to, text)
                else:
                    stanza = connection.make_message(mto=to, mbody=text, mtype="chat")
            except Exception:
                # Fetching a bundle can be cut off; what the server says is a real error.
                if self._keeper and connection.ended.is_set():
                    if connection is self._connection:
                        self._is_online.clear()  # until the keeper has brought another one
                    continue
                raise
            if connection is not self._connection or not self._is_online.is_set():
                # The connection was lost meanwhile: the message goes with those to be settled.
                if not self._keeper:
                    raise ConnectionError("the connection was lost")
                await self._is_online.wait()
                stanza.stream = self._open
            self._state.pending[stanza["id"]] = Pending(stanza)
            stanza.send()
            return stanza["id"]

    def _send_raw(self, xml: str) -> str:
        stanza = self._open.Message(xml=ET.fromstring(xml))
        stanza.send()
        return stanza["id"]

    async def _iq(self, xml: str, ref: Any) -> None:
        iq = Iq(self._open, xml=ET.fromstring(xml))
        iq["id"] = self._open.new_id()
        try:
            result = await iq.send(timeout=20)
            emit("iq-result", ref=ref, type="result", condition=None, xml=str(result))
        except IqError as error:
            emit("iq-result", ref=ref, type="error", condition=error.condition, xml=str(error.iq))

    async def _flush(self) -> None:
        """Returns once the server has acknowledged all that was sent."""
        async with asyncio.timeout(60):
            while self._state.pending:
                if self._is_online.is_set():
                    self._open.acknowledgement_wanted()
                await asyncio.sleep(0.05)
        self._state.flush()

    @staticmethod
    async def _commands() -> asyncio.StreamReader:
        reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        return reader


def emit(event: str, ref: Any = None, **facts: Any) -> None:
    """One JSON line on standard output."""
    line: Dict[str, Any] = {"event": event, "at": round(time.time(), 3), **facts}
    if ref is not None:
        line["ref"] = ref
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    account = Account.parse("A contact on slixmpp, driven by JSON lines; see the top of __main__.py.")
    asyncio.run(Contact(account).run())


if __name__ == "__main__":
    main()
