"""Who a contact is and where its server stands."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Account:
    jid: str
    password: str
    address: str
    port: int
    ca: Path
    state: Path
    resource: str

    @property
    def full_jid(self) -> str:
        return f"{self.jid}/{self.resource}"

    @staticmethod
    def parse(description: str) -> "Account":
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--jid", required=True, help="bare JID of the contact")
        parser.add_argument("--password", required=True, help="its password (accounts of tests and the demo only)")
        parser.add_argument("--address", default="127.0.0.1", help="where the server listens")
        parser.add_argument("--port", type=int, required=True, help="direct TLS port")
        parser.add_argument("--ca", type=Path, required=True, help="certificate authority of the server, PEM")
        parser.add_argument("--state", type=Path, required=True, help="where this device keeps its keys, without suffix")
        parser.add_argument("--resource", default="phone", help="name of the device")
        values = parser.parse_args()
        return Account(
            values.jid, values.password, values.address, values.port, values.ca, values.state, values.resource)
