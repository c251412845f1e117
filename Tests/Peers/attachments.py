"""A contact's side of attachments: lays a file down (XEP-0363) and makes its address (XEP-0454); and file servers
that misbehave."""

from __future__ import annotations

import contextlib
import secrets
import ssl
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Callable, Dict, Iterator
from xml.etree import ElementTree as ET

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from silatools.contact import Contact
from silatools.prosody import Prosody

UPLOAD = "{urn:xmpp:http:upload:0}"


def seal(content: bytes, nonce_size: int = 12) -> tuple[bytes, str]:
    """The sealed file, and the fragment of its address."""
    key, nonce = secrets.token_bytes(32), secrets.token_bytes(nonce_size)
    return AESGCM(key).encrypt(nonce, content, None), (nonce + key).hex()


def opened(sealed: bytes, fragment: str) -> bytes:
    """What an address opens."""
    secret = bytes.fromhex(fragment)
    return AESGCM(secret[-32:]).decrypt(secret[:-32], sealed, None)


def client_context(server: Prosody) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(server.ca))


def fetch(server: Prosody, url: str) -> bytes:
    with urllib.request.urlopen(url, context=client_context(server), timeout=30) as response:
        return response.read()


def lay_down(contact: Contact, server: Prosody, name: str, content: bytes) -> str:
    """Puts bytes on the server's file share; returns where they are."""
    answer = contact.iq(
        f"""<iq xmlns='jabber:client' type='get' to='upload.{server.domain}'>
        <request xmlns='urn:xmpp:http:upload:0' filename='{name}' size='{len(content)}'
        content-type='application/octet-stream'/></iq>""")
    assert answer["type"] == "result", answer
    slot = ET.fromstring(answer["xml"]).find(f".//{UPLOAD}slot")
    put = slot.find(f"{UPLOAD}put")
    headers = {header.get("name"): header.text for header in put.iter(f"{UPLOAD}header")}
    request = urllib.request.Request(put.get("url"), data=content, method="PUT", headers={
        **headers, "Content-Type": "application/octet-stream"})
    with urllib.request.urlopen(request, context=client_context(server), timeout=30) as response:
        assert response.status in (200, 201), response.status
    return slot.find(f"{UPLOAD}get").get("url")


def send_file(contact: Contact, server: Prosody, to: str, name: str, content: bytes) -> str:
    """Sends a file as Conversations does; returns its address with the fragment."""
    sealed, fragment = seal(content)
    url = lay_down(contact, server, name, sealed).replace("https://", "aesgcm://") + "#" + fragment
    contact.send(to, url)
    return url


@contextlib.contextmanager
def file_server(server: Prosody, answers: Dict[str, Callable[[BaseHTTPRequestHandler], None]]) -> Iterator[str]:
    """An HTTPS server with the certificate of `server`; `answers` by path. Gives `127.0.0.1:port`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.get(self.path, lambda handler: handler.send_error(404))(self)

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certs: Path = server.folder / "certs"
    context.load_cert_chain(certs / "server.pem", certs / "server.key")
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{httpd.server_address[1]}"
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join(10)
