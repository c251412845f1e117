"""ejabberd is restarted in the middle of a burst.

While it stops, ejabberd 23.01 takes a message, puts it into the sender's archive, and drops it when the
receiver's session has just been ended: it is neither delivered nor in the receiver's archive. Neither side can
see that, and no setting prevents it. Here it is shown that nothing else is lost, and nothing said twice.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import List, Set

import pytest

from ledger import Ledger
from silatools.processes import Deadline

RESTARTS = 3


@pytest.fixture(scope="session")
def server_kind() -> str:
    return "ejabberd"


def test_ejabberd_restarts_in_the_middle_of_bursts(own_server, make_bridge, make_contact):
    bridge = make_bridge(own_server)
    bridge.start("silad-faults", ["--responder", "echo"])
    ledgers = [
        Ledger(make_contact(own_server, name).connect(keep=True), bridge.jid) for name in ("amal", "badr", "chaima")]
    for number in range(RESTARTS):
        before = [ledger.answered for ledger in ledgers]
        for ledger in ledgers:
            ledger.start_burst(60)
        for ledger, answered in zip(ledgers, before):
            ledger.contact.wait_texts(answered + 10, 120)
        own_server.restart()
        bridge.daemon.wait_for_line("online xmpp", 90, count=number + 2)
    for ledger in ledgers:
        ledger.wait_until_sent()
    deadline = Deadline(120)
    while (lost := [dropped(own_server.database, ledger, bridge.jid) for ledger in ledgers]) and \
            any(ledger.answered + len(gone) < ledger.sent for ledger, gone in zip(ledgers, lost)):
        assert not deadline.passed, f"echoes are missing that the server did not drop; dropped: {lost}"
        assert bridge.daemon.wait_for_end(0.5) is None, f"the daemon ended: {bridge.daemon.last_words()}"
    print(f"dropped by the server while it stopped: {[len(gone) for gone in lost]} of {[one.sent for one in ledgers]}")
    assert max(map(len, lost)) <= RESTARTS
    for ledger, gone in zip(ledgers, lost):
        violations = ledger.violations()
        missing = [line for line in violations if line.startswith("missing: ")]
        assert len(missing) == len(gone)
        assert [line for line in violations if line not in missing] == []
    outbox = bridge.deployment.status()["outbox"]
    assert {stage: count for stage, count in outbox.items() if stage != "confirmed" and count} == {}


def dropped(database: Path, ledger: Ledger, bridge_jid: str) -> Set[str]:
    """The ids of encrypted words between two accounts that only one of their archives holds.

    An empty message of OMEMO (a heartbeat) can be dropped too; nobody misses it.
    """
    contact = ledger.contact.jid
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as open_database:
        def ids(owner: str, peer: str) -> Set[str]:
            rows: List = open_database.execute(
                "SELECT xml FROM archive WHERE username = ? AND bare_peer = ?", (owner.split("@")[0], peer)).fetchall()
            return {
                found[1] for (xml,) in rows if "<payload>" in xml and
                (found := re.search(r"<message\b[^>]* id='([^']+)'", xml))}
        return ids(contact, bridge_jid) ^ ids(bridge_jid, contact)
