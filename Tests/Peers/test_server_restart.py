"""The server is restarted in the middle of a burst: nothing is lost, nothing is said twice."""

from __future__ import annotations

import pytest

from ledger import Ledger, store_violations


def test_server_restarts_in_the_middle_of_bursts(own_server, make_bridge, make_contact):
    bridge = make_bridge(own_server)
    bridge.start("silad-faults", ["--responder", "echo"])
    ledgers = [
        Ledger(make_contact(own_server, name).connect(keep=True), bridge.jid) for name in ("amal", "badr", "chaima")]
    for number in range(3):
        before = [ledger.answered for ledger in ledgers]
        for ledger in ledgers:
            ledger.start_burst(60)
        for ledger, answered in zip(ledgers, before):
            ledger.contact.wait_texts(answered + 10, 120)
        own_server.restart()
        bridge.daemon.wait_for_line("online xmpp", 90, count=number + 2)
    for ledger in ledgers:
        ledger.wait_until_sent()
        assert ledger.wait_for_echoes(120), f"{ledger.sent - ledger.answered} echoes are missing"
    assert [ledger.violations() for ledger in ledgers] == [[], [], []]
    assert store_violations(ledgers, bridge.deployment.status()) == []


@pytest.mark.both_servers
def test_daemon_starts_before_its_server(own_server, make_bridge, make_contact):
    bridge = make_bridge(own_server)
    own_server.stop()
    bridge.start("silad-faults", ["--responder", "echo"], online=False)
    own_server.start()
    bridge.daemon.wait_for_line("online xmpp", 90)
    contact = make_contact(own_server, "amal").connect()
    contact.send(bridge.jid, "good morning")
    assert contact.wait_texts(1, 60) == ["good morning"]
