"""Runs Benchmarks/peers/echo_bot.py in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from silatools import processes
from silatools.follow import LineFile
from silatools.processes import ProcessRecord
from silatools.prosody import ADDRESS, Prosody

PROGRAM = Path(__file__).resolve().parents[1] / "peers" / "echo_bot.py"


class EchoBot:
    """The independent program that silad is compared with."""

    is_present = PROGRAM.exists()

    def __init__(self, python: Path, jid: str, password: str, server: Prosody, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        output = LineFile(folder / "output")
        with open(output.path, "ab") as file:
            self._process = processes.spawn(
                [str(python), "-B", str(PROGRAM), "--jid", jid, "--password", password, "--address", ADDRESS,
                 "--port", str(server.port), "--ca", str(server.ca), "--state", str(folder / "keys")],
                folder / "log", stdout=file)
        self.record: Optional[ProcessRecord] = ProcessRecord.of(self._process.pid)
        output.wait(
            "the echo bot to be online", lambda lines: any("online" in line for line in lines), self.record, 60)

    def stop(self) -> None:
        processes.stop(self.record, "the echo bot")
        self._process.wait(30)
