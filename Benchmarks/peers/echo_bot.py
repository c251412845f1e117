"""An echo bot on slixmpp-omemo: the program that the bridge's CPU time is measured beside.

Answers every encrypted message with its own words, one after another, as a small bot would. Prints
`online` once it is ready and ends on SIGTERM. Its client is that of the tests (Tests/Peers/contact):
OMEMO 0.3 only, stream acknowledgements, receipts, keys in a JSON file written at the end.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from pathlib import Path
from typing import Any, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Tests" / "Peers" / "contact"))

from account import Account  # noqa: E402
from connection import Connection  # noqa: E402
from state import State  # noqa: E402


async def run(account: Account) -> None:
    todo: asyncio.Queue[Tuple[str, str]] = asyncio.Queue()
    state = State(account.state)

    def emit(event: str, **facts: Any) -> None:
        if event == "received" and facts["encrypted"] and not facts["own"]:
            todo.put_nowait((facts["sender"], facts["text"]))
        elif event in ("error", "undecryptable"):
            print(f"{event}: {facts['reason']}", file=sys.stderr, flush=True)

    connection = Connection(account, state, emit)
    await connection.open()
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    answering = asyncio.create_task(answer(connection, todo))
    print("online", flush=True)
    await asyncio.wait(
        [asyncio.create_task(ending.wait()), asyncio.create_task(connection.ended.wait()), answering],
        return_when=asyncio.FIRST_COMPLETED)
    answering.cancel()
    await connection.close()
    state.flush()


async def answer(connection: Connection, todo: "asyncio.Queue[Tuple[str, str]]") -> None:
    while True:
        sender, text = await todo.get()
        (await connection.encrypt(sender, text)).send()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(run(Account.parse("An echo bot on slixmpp-omemo.")))
