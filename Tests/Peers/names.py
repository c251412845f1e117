"""A name server on loopback that knows a few XMPP servers and nobody else."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Dict, List

from silatools.server import ADDRESS

A, SRV = 1, 33
NO_SUCH_NAME = 3


class NameServer:
    """Answers for `_xmpp-server._tcp` of its names (RFC 2782), and for their addresses. All else does not exist."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((ADDRESS, 0))
        self.port: int = self._socket.getsockname()[1]
        #: The port for other servers, of each domain.
        self.servers: Dict[str, int] = {}
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                query, sender = self._socket.recvfrom(4096)
                self._socket.sendto(self._answer(query), sender)
            except OSError:
                return

    def _answer(self, query: bytes) -> bytes:
        """RFC 1035 §4.1: one question, one answer or none."""
        labels: List[bytes] = []
        place = 12
        while size := query[place]:
            labels.append(query[place + 1:place + 1 + size])
            place += 1 + size
        name = b".".join(labels).decode().lower()
        kind = struct.unpack(">H", query[place + 1:place + 3])[0]
        question = query[12:place + 5]
        domain = name.removeprefix("_xmpp-server._tcp.")
        data = b""
        if domain in self.servers and name != domain and kind == SRV:
            target = b"".join(bytes([len(label)]) + label for label in domain.encode().split(b".")) + b"\0"
            data = struct.pack(">HHH", 0, 1, self.servers[domain]) + target
        elif domain in self.servers and name == domain and kind == A:
            data = socket.inet_aton(ADDRESS)
        exists = domain in self.servers
        # QR, RD and RA; then the counts, with the name as a pointer to the question.
        head = query[:2] + struct.pack(
            ">HHHHH", 0x8180 | (0 if exists else NO_SUCH_NAME), 1, 1 if data else 0, 0, 0)
        record = struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(data)) + data if data else b""
        return head + question + record
