"""Requests to silad and to a C program on the same database, in turn, by the same client."""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Dict, List

import process_figures as figures
from silatools.errors import ToolError

INBOX = ["/v1/inbox?filter=waiting&limit=50", "/v1/inbox?filter=all&limit=50"]
ITEMS = 100


def conversation_paths(store: Path, count: int) -> List[str]:
    """Conversations drawn by a fixed seed."""
    with closing(sqlite3.connect(store)) as database:
        last = database.execute("SELECT max(id) FROM conversation").fetchone()[0]
    drawn = random.Random(1).sample(range(1, last + 1), min(count, last))
    return [f"/v1/conversations/{number}?limit={ITEMS}" for number in drawn]


class SideBySide:
    def __init__(self, tools: Path, store: Path, socket: Path, token_file: Path, daemon: int) -> None:
        self._tools, self._store, self._socket = tools, store, socket
        self._token_file, self._daemon = token_file, daemon

    def measure(self, paths: List[str], count: int, rounds: int) -> Dict[str, Any]:
        """Medians over the rounds; the ratios are those of each round, then their median."""
        runs = [self._round(paths, count) for _ in range(rounds)]
        middle = {
            program: {key: statistics.median(run[program][key] for run in runs) for key in runs[0][program]}
            for program in runs[0]}
        return {
            **middle, "rounds": rounds,
            "ratio": statistics.median(r["silad"]["median_ms"] / r["plain"]["median_ms"] for r in runs),
            "cpu_ratio": statistics.median(r["silad"]["cpu_ms"] / r["plain"]["cpu_ms"] for r in runs),
        }

    def _round(self, paths: List[str], count: int) -> Dict[str, Dict[str, float]]:
        result = {"silad": self._ask(self._socket, self._daemon, paths, count)}
        # A socket's path is short; the store's may not be.
        with tempfile.TemporaryDirectory(prefix="sila-") as folder:
            result["plain"] = self._plain(Path(folder) / "plain.sock", paths, count)
        result["rows only"] = self._run("read", self._store, str(count), paths=paths, program="plain_sqlite")
        return result

    def _plain(self, socket: Path, paths: List[str], count: int) -> Dict[str, float]:
        with subprocess.Popen(
                [self._tools / "plain_sqlite", "serve", self._store, socket], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, text=True) as server:
            if server.stdout.readline().strip() != "ready":
                raise ToolError("plain_sqlite did not start")
            taken = self._ask(socket, server.pid, paths, count)
            server.stdin.close()
            return taken

    def _ask(self, socket: Path, server: int, paths: List[str], count: int) -> Dict[str, float]:
        before = figures.cpu_seconds(server)
        taken = self._run(socket, str(count), self._token_file, paths=paths, program="ask")
        # The client warms up with a tenth more, and each path once.
        asked = count + count // 10 + len(paths)
        return {**taken, "cpu_ms": (figures.cpu_seconds(server) - before) * 1000 / asked}

    def _run(self, *arguments: Any, paths: List[str], program: str) -> Dict[str, float]:
        done = subprocess.run(
            [self._tools / program, *arguments], input="\n".join(paths) + "\n", capture_output=True, text=True,
            timeout=300)
        if done.returncode != 0:
            raise ToolError(f"{program} failed: {done.stderr.strip()}")
        return json.loads(done.stdout)
