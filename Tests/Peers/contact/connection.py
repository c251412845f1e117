"""One connection of a contact: slixmpp with OMEMO, stream acknowledgements and the archive."""

from __future__ import annotations

import asyncio
import datetime
import time
from typing import Any, Awaitable, Callable, Optional, Set
from xml.etree import ElementTree as ET

import omemo_plugin
from slixmpp import ClientXMPP, Message
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from account import Account
from state import State

OMEMO = f"{{{omemo_plugin.NAMESPACE}}}encrypted"
CARBON = "{urn:xmpp:carbons:2}"
FORWARDED = "{urn:xmpp:forward:0}forwarded"
CLIENT_MESSAGE = "{jabber:client}message"
RECEIPTS = "{urn:xmpp:receipts}"

#: Seconds before the last connection's end from which on the archive is read again.
CATCH_UP_OVERLAP = 120

Emit = Callable[..., None]


class Connection(ClientXMPP):
    """Emits `received`, `silent`, `undecryptable`, `repeated`, `receipt`, `bounced`, `acked`."""

    def __init__(self, account: Account, state: State, emit: Emit) -> None:
        super().__init__(account.full_jid, account.password)
        self.account, self.state, self.emit = account, state, emit
        self.ca_certs = str(account.ca)
        self.enable_direct_tls, self.enable_starttls, self.enable_plaintext = True, False, False
        for plugin in ("xep_0030", "xep_0199", "xep_0280", "xep_0313", "xep_0334"):
            self.register_plugin(plugin)
        # No resumption: what is unacknowledged is settled by the archive, so that a restarted
        # server and a lost connection are one case.
        self.register_plugin("xep_0198", {"allow_resume": False, "window": 10})
        self.register_plugin("xep_0384", {"json_storage": state.omemo}, module=omemo_plugin)
        self.online: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.Event()
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._tasks: Set[asyncio.Task[Any]] = set()
        self.add_event_handler("session_start", lambda _: self._background(self._start_session()))
        self.add_event_handler("failed_all_auth", lambda _: self._fail("the server refused name and password"))
        self.add_event_handler("connection_failed", lambda reason: self._fail(f"no connection: {reason}"))
        self.add_event_handler("disconnected", lambda _: self._on_disconnected())
        self.add_event_handler("stanza_acked", self._on_acked)
        # slixmpp's own `message` event fires only for stanzas with a body.
        self.remove_handler("IM")
        self.register_handler(Callback("every message", MatchXPath(CLIENT_MESSAGE), self._inbox.put_nowait))

    # Life

    async def open(self, seconds: float = 30) -> None:
        """Returns once logged in, settled and with published OMEMO keys. Throws `ConnectionError`."""
        self.connect(self.account.address, self.account.port)
        try:
            async with asyncio.timeout(seconds):
                await self.online
        except TimeoutError:
            raise ConnectionError(f"not online within {seconds:.0f} s") from None

    async def close(self) -> None:
        self.cancel_connection_attempt()
        if self.transport:
            self.disconnect(wait=2.0)
            async with asyncio.timeout(5):
                await self.ended.wait()
        self._cancel_tasks()

    def drop(self) -> None:
        """Breaks the connection off without a word, as a lost network does."""
        self.cancel_connection_attempt()
        self.abort()
        self._cancel_tasks()

    async def _start_session(self) -> None:
        try:
            await self.plugin["xep_0384"].get_session_manager()
            await self.plugin["xep_0280"].enable()
            await self._settle()
            # Presence first: from here on messages come live, and wait in the inbox until the
            # archive is read. None can fall between the two; what comes in both is known by its id.
            self.send_presence()
            await self._catch_up()
            self._background(self._read_inbox())
            if not self.online.done():
                self.online.set_result(None)
        except (IqError, IqTimeout, OSError) as error:
            self._fail(f"the session could not be set up: {error}")

    def _on_disconnected(self) -> None:
        if self.online.done() and not self.online.exception():
            self.state.complete_until = time.time()
        self.ended.set()
        self._fail("the connection was lost")

    def _fail(self, reason: str) -> None:
        if not self.online.done():
            self.online.set_exception(ConnectionError(reason))
            self.online.exception()  # marks it as seen when nobody waits
        self.cancel_connection_attempt()
        self.ended.set()

    def _background(self, work: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _cancel_tasks(self) -> None:
        for task in list(self._tasks):
            task.cancel()

    # Out

    async def encrypt(self, to: str, text: str) -> Message:
        """An encrypted message with receipt request and fallback body, not sent yet.

        Throws `ConnectionError` when the connection ends meanwhile: an answer that no longer comes
        would be waited for until its time is over.
        """
        work = asyncio.ensure_future(self._encrypt(to, text))
        ending = asyncio.ensure_future(self.ended.wait())
        try:
            await asyncio.wait([work, ending], return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ConnectionError("the connection was lost")
            return work.result()
        finally:
            work.cancel()
            ending.cancel()

    async def _encrypt(self, to: str, text: str) -> Message:
        plain = self.make_message(mto=to, mbody=text, mtype="chat")
        stanza, errors = await self.plugin["xep_0384"].encrypt_message(plain, plain["to"])
        if stanza is None:
            raise ValueError("nothing was encrypted")
        for error in errors:
            self.emit("warning", reason=f"a device was left out: {error.exception!r}")
        ET.SubElement(stanza.xml, RECEIPTS + "request")
        return stanza

    def acknowledgement_wanted(self) -> None:
        self.plugin["xep_0198"].request_ack()

    def _on_acked(self, stanza: Any) -> None:
        if isinstance(stanza, Message) and self.state.pending.pop(stanza["id"], None):
            self.emit("acked", id=stanza["id"])

    async def _settle(self) -> None:
        """Asks our archive which unacknowledged messages arrived, and sends the others again."""
        pending = self.state.pending
        if not pending:
            return
        since = min(item.sent_at for item in pending.values()) - 60
        start = datetime.datetime.fromtimestamp(since, datetime.timezone.utc)
        async for result in self.plugin["xep_0313"].iterate(start=start, rsm={"max": 100}):
            message = result.xml.find(f".//{CLIENT_MESSAGE}")
            if message is not None and pending.pop(message.get("id", ""), None):
                self.emit("acked", id=message.get("id"))
        for item in pending.values():
            item.stanza.stream = self
            item.stanza.send()

    # In

    async def _catch_up(self) -> None:
        """Reads what the archive got while we were away (XEP-0313), as phones do.

        A server that is restarted does not deliver again what it had archived.
        """
        since, self.state.complete_until = self.state.complete_until, time.time()
        if since is None:
            return
        start = datetime.datetime.fromtimestamp(since - CATCH_UP_OVERLAP, datetime.timezone.utc)
        async for entry in self.plugin["xep_0313"].iterate(start=start, rsm={"max": 100}):
            result = entry.xml.find("{urn:xmpp:mam:2}result")
            message = entry.xml.find(f".//{CLIENT_MESSAGE}")
            if result is None or message is None:
                continue
            stanza = self.Message(xml=message)
            if stanza["from"].bare == self.boundjid.bare:
                continue
            for claimed in message.findall("{urn:xmpp:sid:0}stanza-id"):
                message.remove(claimed)
            ET.SubElement(
                message, "{urn:xmpp:sid:0}stanza-id", {"id": result.get("id", ""), "by": self.boundjid.bare})
            await self._read_safely(stanza)

    async def _read_inbox(self) -> None:
        # One at a time: a ratchet's order is the order of arrival.
        while True:
            await self._read_safely(await self._inbox.get())

    async def _read_safely(self, stanza: Message) -> None:
        try:
            await self._read(stanza)
        except Exception as error:  # a test must see it, the contact must go on
            self.emit("error", reason=f"{type(error).__name__}: {error}")

    async def _read(self, stanza: Message) -> None:
        for direction in ("sent", "received"):
            carbon = stanza.xml.find(f"{CARBON}{direction}/{FORWARDED}/{CLIENT_MESSAGE}")
            if carbon is not None:
                if stanza["from"].bare != self.boundjid.bare:
                    return  # a forged carbon (XEP-0280 §11)
                inner = self.Message(xml=carbon)
                return await self._read_message(inner, is_own=direction == "sent")
        await self._read_message(stanza, is_own=False)

    async def _read_message(self, stanza: Message, is_own: bool) -> None:
        receipt = stanza.xml.find(RECEIPTS + "received")
        if stanza["type"] == "error":
            return self.emit("bounced", id=stanza["id"], condition=stanza["error"]["condition"])
        if receipt is not None:
            return self.emit("receipt", id=receipt.get("id"), sender=stanza["from"].bare)
        if stanza.xml.find("{http://jabber.org/protocol/pubsub#event}event") is not None:
            return
        facts = {
            "sender": stanza["from"].bare, "id": stanza["id"], "stanza_id": self._stanza_id(stanza),
            "delayed": stanza.xml.find("{urn:xmpp:delay}delay") is not None, "own": is_own,
        }
        if not self.state.is_new(facts["stanza_id"]):
            return self.emit("repeated", **facts)
        if stanza.xml.find(OMEMO) is None:
            if stanza["body"]:
                self.emit("received", text=stanza["body"], encrypted=False, **facts)
                self._confirm(stanza, is_own)
            return
        has_fallback = bool(stanza["body"])
        try:
            plain, device = await self.plugin["xep_0384"].decrypt_message(stanza)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            return self.emit("undecryptable", reason=reason, has_fallback=has_fallback, **facts)
        if not plain["body"]:
            return self.emit("silent", device=device.device_id, **facts)
        self.emit(
            "received", text=plain["body"], encrypted=True, device=device.device_id, has_fallback=has_fallback, **facts)
        self._confirm(stanza, is_own)

    def _stanza_id(self, stanza: Message) -> Optional[str]:
        """The id of our own server's archive; one of anybody else's is not believed (XEP-0359 §6)."""
        for element in stanza.xml.findall("{urn:xmpp:sid:0}stanza-id"):
            if element.get("by") == self.boundjid.bare:
                return element.get("id")
        return None

    def _confirm(self, stanza: Message, is_own: bool) -> None:
        if is_own or stanza.xml.find(RECEIPTS + "request") is None:
            return
        answer = self.make_message(mto=stanza["from"], mtype=stanza["type"])
        ET.SubElement(answer.xml, RECEIPTS + "received", {"id": stanza["id"]})
        answer.send()
