"""A stream without a library: what no well-behaved client can send or set."""

from __future__ import annotations

import base64
import re
import socket
import ssl
import threading

from silatools.errors import ToolError
from silatools.processes import Deadline
from silatools.server import ADDRESS, Server


class RawStream:
    """A stream over direct TLS (XEP-0368) that nobody has logged in on. Sends what it is given."""

    def __init__(self, server: Server, source: str = ADDRESS) -> None:
        """- source: from which address; each of 127.0.0.0/8 is this machine's (RFC 1122 §3.2.1.3)."""
        context = ssl.create_default_context(cafile=str(server.ca))
        plain = socket.create_connection((ADDRESS, server.port), timeout=20, source_address=(source, 0))
        self._stream = context.wrap_socket(plain, server_hostname=server.domain)
        self._header = (
            f"<?xml version='1.0'?><stream:stream to='{server.domain}' version='1.0' xmlns='jabber:client' "
            "xmlns:stream='http://etherx.jabber.org/streams'>").encode()
        self._ask(self._header, rb"</stream:features>")

    def log_in(self, user: str, password: str, resource: str = "raw") -> None:
        """SASL PLAIN (RFC 4616), then a resource. Throws `ToolError` when the server refuses."""
        credentials = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        answer = self._ask(
            f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{credentials}</auth>".encode(),
            rb"<success|</failure>")
        if b"<success" not in answer:
            raise ToolError(f"the server refused {user}: {answer.decode('utf-8', 'replace')}")
        self._ask(self._header, rb"</stream:features>")
        self.ask(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            f"<resource>{resource}</resource></bind></iq>", "</iq>")

    def __enter__(self) -> "RawStream":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def ask(self, xml: str, until: str) -> str:
        """Sends XML and returns the answer up to a pattern."""
        return self._ask(xml.encode(), until.encode()).decode("utf-8", "replace")

    def send(self, data: bytes) -> None:
        self._stream.sendall(data)

    def _ask(self, data: bytes, until: bytes) -> bytes:
        self._stream.sendall(data)
        answer = b""
        while not re.search(until, answer):
            part = self._stream.recv(65536)
            if not part:
                raise ToolError(f"the server closed the stream: {answer.decode('utf-8', 'replace')}")
            answer += part
        return answer


class RawClient(RawStream):
    """The same, logged in."""

    def __init__(self, server: Server, user: str, password: str, resource: str = "raw") -> None:
        super().__init__(server)
        self.log_in(user, password, resource)


OMEMO = "eu.siacs.conversations.axolotl"


_OPEN = (
    "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
    "<value>http://jabber.org/protocol/pubsub#node_config</value></field>"
    "<field var='pubsub#access_model'><value>open</value></field></x>")


def create_open_device_list(server: Server, user: str, password: str) -> None:
    """Makes an empty OMEMO device list that everybody may read (XEP-0060 §8.1.3)."""
    with RawClient(server, user, password) as client:
        answer = client.ask(
            "<iq type='set' id='make'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
            f"<create node='{OMEMO}.devicelist'/><configure>{_OPEN}</configure></pubsub></iq>", "id='make'[^>]*>")
        if "type='result'" not in answer:
            raise ToolError(f"the device list could not be made: {answer}")


def open_bundles(server: Server, user: str, password: str, seconds: float = 30) -> None:
    """Makes the bundles of all listed devices readable for everybody (XEP-0060 §8.2).

    Waits until the account's client has published them.
    """
    deadline, pause = Deadline(seconds), threading.Event()
    with RawClient(server, user, password) as client:
        while True:
            listed = client.ask(
                "<iq type='get' id='list'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                f"<items node='{OMEMO}.devicelist'/></pubsub></iq>", "id='list'.*</iq>")
            devices = re.findall(r"<device id='(\d+)'", listed)
            if devices and all([_open_bundle(client, device) for device in devices]):
                return
            if deadline.passed:
                raise ToolError(f"{user} has not published its OMEMO keys: {listed}")
            pause.wait(0.2)


def _open_bundle(client: RawClient, device: str) -> bool:
    answer = client.ask(
        "<iq type='set' id='open'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
        f"<configure node='{OMEMO}.bundles:{device}'>{_OPEN}</configure></pubsub></iq>",
        "id='open'[^>]*(/>|>.*</iq>)")
    return "type='result'" in answer
