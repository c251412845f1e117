"""Asks an XMPP server for its stream features over direct TLS: the proof that it serves."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from .errors import ToolError


def features(address: str, port: int, domain: str, ca: Path, seconds: float = 10) -> str:
    """The server's answer to a stream header, up to the end of its features (RFC 6120 §4.3.2).

    Throws `ToolError` when the port is closed, the certificate is not the expected one, or no
    features arrive within `seconds`.
    """
    context = ssl.create_default_context(cafile=str(ca))
    header = (
        f"<?xml version='1.0'?><stream:stream to='{domain}' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>")
    try:
        with socket.create_connection((address, port), timeout=seconds) as plain:
            with context.wrap_socket(plain, server_hostname=domain) as stream:
                stream.sendall(header.encode())
                answer = b""
                while b"</stream:features>" not in answer:
                    part = stream.recv(65536)
                    if not part or len(answer) > 1_000_000:
                        raise ToolError(f"the server on {address}:{port} closed the stream before its features")
                    answer += part
                stream.sendall(b"</stream:stream>")
                return answer.decode("utf-8", "replace")
    except OSError as error:  # ssl.SSLError and timeouts are OSErrors
        raise ToolError(f"no XMPP stream on {address}:{port}: {error}") from error
