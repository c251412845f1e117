"""Measures the CPU time of a process that echoes encrypted messages, for each pair of messages.

Contacts on slixmpp-omemo send over a real Prosody; the time of the measured process alone counts
(user and system, proc(5)), after a warm-up in which the sessions are built.

    python measure.py --dir DIR bot                       the echo bot on slixmpp-omemo
    python measure.py --dir DIR pid PID JID               any running process, on the server of DIR

Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, List

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "Scripts"))

from silatools.contact import Contact  # noqa: E402
from silatools.errors import ToolError  # noqa: E402
from silatools.prosody import Prosody  # noqa: E402

MOST_MESSAGES, MOST_CONTACTS = 5_000, 16
WARM_UP = 10


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, all its threads, in seconds."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    fields = stat[stat.rindex(")") + 2:].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(server: Prosody, pid: int, jid: str, folder: Path, contacts: int, messages: int) -> Dict[str, Any]:
    """Sends `messages` from `contacts` and waits for all echoes. Throws `ToolError` when one is missing."""
    share = messages // contacts
    people: List[Contact] = []
    try:
        for number in range(contacts):
            user = f"bench{number}-{os.getpid()}"
            server.add_user(user, "bench")
            people.append(Contact(
                Path(sys.executable), f"{user}@{server.domain}", "bench", server.port, server.ca, folder / "contacts"))
        for person in people:
            person.connect()
            person.burst(jid, WARM_UP, "warm-up {n}")
        for person in people:
            person.wait_texts(WARM_UP, 120)
        marks = [person.mark for person in people]
        cpu, clock = cpu_seconds(pid), time.monotonic()
        for person in people:
            person.start_burst(jid, share, "message {n} with some words as people write them")
        for person, mark in zip(people, marks):
            person.wait_texts(share, 600, mark)
        cpu, clock = cpu_seconds(pid) - cpu, time.monotonic() - clock
    finally:
        for person in people:
            person.close()
    pairs = share * contacts
    return {
        "pairs": pairs, "contacts": contacts, "seconds": round(clock, 3), "cpu_seconds": round(cpu, 3),
        "cpu_ms_per_pair": round(cpu * 1000 / pairs, 3),
    }


def measure_bot(server: Prosody, folder: Path, contacts: int, messages: int) -> Dict[str, Any]:
    user = f"echo-{os.getpid()}"
    server.add_user(user, "bench")
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "echo_bot.log", "ab") as log, subprocess.Popen(
        [sys.executable, "-B", str(Path(__file__).with_name("echo_bot.py")), "--jid", f"{user}@{server.domain}",
         "--password", "bench", "--port", str(server.port), "--ca", str(server.ca), "--state", str(folder / user)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
    ) as bot:
        try:
            if bot.stdout.readline().strip() != "online":
                raise ToolError(f"the echo bot did not start; its log is {folder}/echo_bot.log")
            result = measure(server, bot.pid, f"{user}@{server.domain}", folder, contacts, messages)
        finally:
            bot.terminate()
    return {"program": "slixmpp-omemo echo bot", **result}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path, required=True, help="folder of the server (Scripts/prosody start --dir)")
    parser.add_argument("--contacts", type=int, default=4, help=f"at most {MOST_CONTACTS}")
    parser.add_argument("--messages", type=int, default=400, help=f"at most {MOST_MESSAGES}")
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("bot", help="the echo bot on slixmpp-omemo")
    running = what.add_parser("pid", help="a process that runs already")
    running.add_argument("pid", type=int)
    running.add_argument("jid", help="the address that it answers")
    options = parser.parse_args()
    if not (1 <= options.contacts <= MOST_CONTACTS and options.contacts <= options.messages <= MOST_MESSAGES):
        parser.error("--contacts or --messages is out of bounds")
    try:
        server = Prosody.existing(options.dir)
        folder = options.dir.resolve() / "bench"
        if options.what == "bot":
            result = measure_bot(server, folder, options.contacts, options.messages)
        else:
            result = {"program": f"process {options.pid}", **measure(
                server, options.pid, options.jid, folder, options.contacts, options.messages)}
    except (ToolError, FileNotFoundError) as error:
        print(f"measure.py: {error}", file=sys.stderr)
        return 1
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
