"""Where a contact keeps its OMEMO identity and sessions: one JSON file an account and device."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Dict

from omemo.storage import Just, Maybe, Nothing, Storage
from omemo.types import JSONType


class JSONStorage(Storage):
    """Keeps everything in memory and writes the file when told to: a contact is not killed in tests."""

    def __init__(self, path: Path) -> None:
        super().__init__(disable_cache=True)
        self._path = path
        self._values: Dict[str, JSONType] = json.loads(path.read_text()) if path.exists() else {}
        self._is_dirty = False

    def flush(self) -> None:
        if not self._is_dirty:
            return
        temporary = self._path.with_name(self._path.name + ".new")
        temporary.write_text(json.dumps(self._values))
        os.replace(temporary, self._path)
        self._is_dirty = False

    async def _load(self, key: str) -> Maybe[JSONType]:
        return Just(self._values[key]) if key in self._values else Nothing()

    async def _store(self, key: str, value: JSONType) -> None:
        # A copy: the caller may go on changing what it gave us.
        self._values[key] = json.loads(json.dumps(value))
        self._is_dirty = True

    async def _delete(self, key: str) -> None:
        self._values.pop(key, None)
        self._is_dirty = True
