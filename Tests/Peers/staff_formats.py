"""Keys of members and what they open, from `Documentation/formats.md` alone: a second implementation, with which
tests look at what lies on disk."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import sqlite3
import struct
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from silatools.deployment import write_secret
from test_staff_api import transcript


def proquints(data: bytes) -> str:
    def word(value: int) -> str:
        c, v = "bdfghjklmnprstvz", "aiou"
        return c[value >> 12 & 15] + v[value >> 10 & 3] + c[value >> 6 & 15] + v[value >> 4 & 3] + c[value & 15]
    return "-".join(word(value) for (value,) in struct.iter_unpack(">H", data))


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Keys:
    """A member's private keys."""

    def __init__(self, member: str, signing: bytes = b"", sealing: bytes = b"") -> None:
        self.member = member
        self.signing = Ed25519PrivateKey.from_private_bytes(signing or secrets.token_bytes(32))
        self.sealing = X25519PrivateKey.from_private_bytes(sealing or secrets.token_bytes(32))
        self.signing_public = self.signing.public_key().public_bytes_raw()
        self.sealing_public = self.sealing.public_key().public_bytes_raw()

    @staticmethod
    def read(path: Path, passphrase: str) -> "Keys":
        stored = json.loads(path.read_text("utf-8"))
        signing, sealing = base64.b64decode(stored["signingKey"]), base64.b64decode(stored["sealingKey"])
        kdf, sealed = stored["kdf"], base64.b64decode(stored["sealed"])
        key, bound = Keys._lock(stored["id"], signing, sealing, kdf, passphrase)
        assert sealed[0] == 1
        secret = AESGCM(key).decrypt(sealed[1:13], sealed[13:], bound)
        keys = Keys(stored["id"], secret[:32], secret[32:])
        assert (keys.signing_public, keys.sealing_public) == (signing, sealing)
        return keys

    def write(self, path: Path, passphrase: str) -> None:
        kdf = {"name": "scrypt", "salt": b64(secrets.token_bytes(16)), "rounds": 1024, "blockSize": 8, "parallelism": 1}
        key, bound = self._lock(self.member, self.signing_public, self.sealing_public, kdf, passphrase)
        nonce = secrets.token_bytes(12)
        secret = self.signing.private_bytes_raw() + self.sealing.private_bytes_raw()
        path.unlink(missing_ok=True)
        write_secret(path, json.dumps({
            "version": 1, "id": self.member, "signingKey": b64(self.signing_public),
            "sealingKey": b64(self.sealing_public), "kdf": kdf,
            "sealed": b64(b"\x01" + nonce + AESGCM(key).encrypt(nonce, secret, bound)),
        }))

    @property
    def request(self) -> str:
        signature = self.signing.sign(
            transcript("sila member request", 1, self.member, self.signing_public, self.sealing_public))
        return json.dumps({
            "version": 1, "member": self.member, "signingKey": b64(self.signing_public),
            "sealingKey": b64(self.sealing_public), "signature": b64(signature)})

    @property
    def fingerprint(self) -> str:
        whole = transcript("sila member fingerprint", 1, self.member, self.signing_public, self.sealing_public)
        return proquints(hashlib.sha256(whole).digest()[:10])

    @staticmethod
    def _lock(
        member: str, signing: bytes, sealing: bytes, kdf: Dict[str, Any], passphrase: str
    ) -> Tuple[bytes, bytes]:
        salt, costs = base64.b64decode(kdf["salt"]), (kdf["rounds"], kdf["blockSize"], kdf["parallelism"])
        key = Scrypt(salt=salt, length=32, n=costs[0], r=costs[1], p=costs[2]).derive(passphrase.encode())
        return key, transcript("sila staff keys", 1, member, signing, sealing, salt, *costs)


def key_id(public: bytes) -> bytes:
    return hashlib.sha256(transcript("sila key id", 1, public)).digest()[:16]


def recovery_keys(words: List[str]) -> Keys:
    """The recovery key, as somebody who opens the archive."""
    c, v = "bdfghjklmnprstvz", "aiou"
    data = b""
    for word in words:
        value = 0
        for letter in word:
            value = value << 4 | c.index(letter) if letter in c else value << 2 | v.index(letter)
        data += struct.pack(">H", value)
    key, check = data[:32], data[32:]
    assert hashlib.sha256(transcript("sila recovery words", 1, key)).digest()[:4] == check
    return Keys("recovery", sealing=key)


def hpke_open(private: X25519PrivateKey, encapsulated: bytes, sealed: bytes, info: bytes, aad: bytes) -> bytes:
    """HPKE base mode, one message: X25519, HKDF-SHA256, ChaCha20Poly1305 (RFC 9180 §4, §5.1)."""
    def extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")

    def expand(suite: bytes, key: bytes, label: bytes, about: bytes, length: int) -> bytes:
        labeled = struct.pack(">H", length) + b"HPKE-v1" + suite + label + about
        return HKDFExpand(hashes.SHA256(), length, labeled).derive(key)

    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x03"
    context = encapsulated + private.public_key().public_bytes_raw()
    shared = expand(
        kem, extract(kem, b"", b"eae_prk", private.exchange(X25519PublicKey.from_public_bytes(encapsulated))),
        b"shared_secret", context, 32)
    schedule = b"\x00" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    key, nonce = expand(suite, secret, b"key", schedule, 32), expand(suite, secret, b"base_nonce", schedule, 12)
    return ChaCha20Poly1305(key).decrypt(nonce, sealed, aad)


class Opener:
    """Opens what lies in a database with the keys of members: what an attacker with all of it could do."""

    def __init__(self, keyring: Path, roster: Path, members: List[Keys]) -> None:
        self._archive: Dict[bytes, X25519PrivateKey] = {}
        named = {}
        for entry in json.loads(roster.read_text())["entries"]:
            statement = entry["statement"]
            if statement["kind"] == "archive-key":
                public = base64.b64decode(statement["publicKey"])
                named[key_id(public)] = (statement["compartment"], statement["generation"], public)
        for entry in json.loads(keyring.read_text())["entries"]:
            for member in members:
                recipient = key_id(member.sealing_public)
                if entry["recipient"] != recipient.hex():
                    continue
                compartment, generation, public = named[bytes.fromhex(entry["archiveKey"])]
                wrapped = base64.b64decode(entry["wrapped"])
                secret = hpke_open(
                    member.sealing, wrapped[1:33], wrapped[33:], transcript("sila archive key", 1),
                    transcript("sila archive key", 1, compartment, generation, public, recipient))
                self._archive[key_id(public)] = X25519PrivateKey.from_private_bytes(secret)

    def opened(self, database: Path) -> List[bytes]:
        """Every record of a database that opens, with every segment key that is in it."""
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as store:
            tables = {name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            segments = {}
            if "segment" in tables:
                for row, *place, wrapped in store.execute(
                        "SELECT id, token, contact_id, day, compartment, wrapped FROM segment"):
                    if key := self.segment_key(place, wrapped):
                        segments[row] = (place, key)
            found = []
            for kind, table, token in (
                    ("'message'", "message", "NULL"), ("'unreadable'", "set_aside", "NULL"),
                    ("kind", "entry", "token")):
                for row, segment, name, bound, sealed in store.execute(
                        f"SELECT id, segment_id, {kind}, {token}, sealed FROM {table}"):
                    if segment in segments:
                        found.append(self._record(*segments[segment], name, bound, row, sealed))
        return found

    def segment_key(self, place: List[Any], wrapped: bytes) -> Optional[bytes]:
        archive = self._archive.get(wrapped[1:17]) if wrapped else None
        if archive is None:
            return None
        return hpke_open(
            archive, wrapped[17:49], wrapped[49:], transcript("sila segment key", 1, wrapped[1:17]),
            transcript("sila segment", 1, *place))

    @staticmethod
    def _record(place: List[Any], key: bytes, kind: str, bound: Optional[bytes], row: int, sealed: bytes) -> bytes:
        where = b"\x01" + struct.pack(">q", row) if bound is None else \
            b"\x02" + struct.pack(">I", len(bound)) + bound
        aad = transcript("sila record", 1, *place, kind) + where
        padded = AESGCM(key).decrypt(sealed[1:13], sealed[13:], aad)
        (length,) = struct.unpack(">I", padded[:4])
        return padded[4:4 + length]
