"""Backups made and put back as whoever runs a bridge does it, and opened by a second implementation of the format
(`Documentation/formats.md`)."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any, Dict, Iterator, List, Set, Tuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from conftest import BINARIES, Bridge
from silatools.contact import Contact
from silatools.deployment import Deployment
from staff_formats import Keys, hpke_open
from test_staff_api import transcript

OMEMO = "eu.siacs.conversations.axolotl"


def back_up(deployment: Deployment) -> Tuple[Path, Path]:
    """`silad backup`, beside the daemon. Returns the files of data and keys."""
    done = subprocess.run(
        [deployment.program("silad"), "backup", "--config", str(deployment.config), "--json"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    return Path(report["data"]), Path(report["keys"])


def restore(
    data: Path, keys: Path, folder: Path, words: List[str], *, status: int = 0
) -> "subprocess.CompletedProcess[str]":
    """`sila restore` with the words as they stand on paper."""
    done = subprocess.run(
        [str(BINARIES / "sila"), "restore", str(data), str(keys), "--into", str(folder)],
        input="\n".join(words), capture_output=True, text=True, timeout=120)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def machine_dies(bridge: Bridge, kept: Path) -> None:
    """Power cut, and the disk gone; the backups were elsewhere."""
    if bridge.daemon:
        bridge.daemon.kill()
    kept.mkdir(exist_ok=True)
    for path in (bridge.deployment.folder / "backup").glob("*/sila-*"):
        shutil.copy(path, kept / path.name)
    shutil.rmtree(bridge.deployment.folder)


def move_in(bridge: Bridge, folder: Path) -> None:
    """From now on the bridge is the deployment in this folder; staff find it where it was."""
    old = bridge.deployment
    bridge.deployment = Deployment(folder, old.staff, old.binaries)
    bridge.daemon = None


def frames(path: Path, recovery: Keys) -> Iterator[Tuple[int, bytes]]:
    """Kind and body of each part of a backup file."""
    file = io.BytesIO(path.read_bytes())
    beginning = file.read(158)
    bound, encapsulated, sealed_key = beginning[:78], beginning[78:110], beginning[110:]
    assert bound[:5] == b"SILB\x01"
    key = hpke_open(recovery.sealing, encapsulated, sealed_key, transcript("sila backup key", 1), bound)
    head, number, plain, is_last = hashlib.sha256(beginning).digest(), 0, b"", False
    while length := file.read(4):
        piece = file.read(struct.unpack(">I", length)[0])
        is_last = file.tell() == path.stat().st_size
        aad = transcript("sila backup piece", 1, head, number) + bytes([is_last])
        plain += AESGCM(key).decrypt(piece[1:13], piece[13:], aad)
        number += 1
    assert is_last
    while plain:
        kind, (length,) = plain[0], struct.unpack(">I", plain[1:5])
        yield kind, plain[5:5 + length]
        plain = plain[5 + length:]


def rows_by_table(path: Path, recovery: Keys) -> Dict[str, int]:
    """How many rows of each table a backup file holds."""
    found: Dict[str, int] = {}
    table = ""
    for kind, body in frames(path, recovery):
        if kind == 2:
            (length,) = struct.unpack(">I", body[:4])
            table = body[4:4 + length].decode()
            found[table] = 0
        elif kind == 3:
            found[table] += 1
    return found


def published_ids(contact: Contact, bridge_jid: str, device: int) -> Set[int]:
    """The ids of prekeys and signed prekey in the bridge's bundle, as a contact's app sees it."""
    answer: Dict[str, Any] = contact.iq(
        f"<iq xmlns='jabber:client' type='get' to='{bridge_jid}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        f"<items node='{OMEMO}.bundles:{device}'/></pubsub></iq>")
    assert answer["type"] == "result", answer
    ids = {int(number) for number in re.findall(r"[pP]reKeyId=.(\d+)", answer["xml"])}
    assert len(ids) > 90, answer["xml"][:400]
    return ids


def device_of(bridge_jid: str, contact: Contact) -> int:
    answer: Dict[str, Any] = contact.iq(
        f"<iq xmlns='jabber:client' type='get' to='{bridge_jid}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        f"<items node='{OMEMO}.devicelist'/></pubsub></iq>")
    [device] = re.findall(r"<device[^>]* id=.(\d+)", answer["xml"])
    return int(device)

