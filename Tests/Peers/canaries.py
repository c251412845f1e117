"""Words that are looked for in files, in every form in which a program might write them."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
import zlib
from pathlib import Path
from typing import Dict, Iterable, List, Set


def needles(word: str) -> Dict[str, Set[bytes]]:
    """The forms of a word by name. Forms that equal the plain one are left out."""
    plain = word.encode()
    forms = {
        "utf-8": {plain},
        "utf-16": {word.encode("utf-16-le"), word.encode("utf-16-be")},
        "utf-32": {word.encode("utf-32-le"), word.encode("utf-32-be")},
        "base64": _base64_forms(plain),
        "hexadecimal": {plain.hex().encode(), plain.hex().upper().encode()},
        "percent": {urllib.parse.quote(word, safe="").encode(), urllib.parse.quote(word, safe="").lower().encode()},
        "json": {json.dumps(word)[1:-1].encode()},
        "entities": {word.encode("ascii", "xmlcharrefreplace"), html.escape(word).encode()},
        "reversed": {plain[::-1]},
    }
    return {
        name: {form for form in found if name == "utf-8" or form != plain} for name, found in forms.items()
    }


def _base64_forms(plain: bytes) -> Set[bytes]:
    """What stays the same of a word in base64 wherever it begins: the middle of three alignments."""
    forms = set()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain)
        # Characters that also depend on what stands before and after are cut off.
        first = -(-shift * 8 // 6)
        last = (shift + len(plain)) * 8 // 6
        forms |= {encoded[first:last], encoded[first:last].translate(bytes.maketrans(b"+/", b"-_"))}
    return forms


def find(words: Iterable[str], files: Iterable[Path]) -> List[str]:
    """Every place where a word stands, as `file: form of word`."""
    wanted = [(word, name, form) for word in words for name, forms in needles(word).items() for form in forms]
    found = []
    for path in files:
        data = path.read_bytes()
        lowered = data.lower()
        found += [
            f"{path}: {word} as {name}" for word, name, form in wanted
            if form in data or (name == "utf-8" and form.lower() in lowered)]
        found += [f"{path} (deflated): {word}" for word in words if word.encode() in _inflated(data)]
    return found


def _inflated(data: bytes) -> bytes:
    """The content of a zlib or gzip file, empty for others."""
    if data[:2] not in (b"\x1f\x8b", b"\x78\x9c", b"\x78\x01", b"\x78\xda"):
        return b""
    try:
        return zlib.decompressobj(47).decompress(data)
    except zlib.error:
        return b""


def files_in(*folders: Path) -> List[Path]:
    """All plain files below the folders."""
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
