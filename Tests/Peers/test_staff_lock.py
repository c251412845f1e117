"""The agent that keeps keys for a while and forgets them, and the bridge that waits for its key."""

from __future__ import annotations

import json
import os
import re
import select
import stat
import subprocess
from pathlib import Path
from typing import Callable

import staff_e2e
from silatools import processes
from silatools.contact import Contact
from silatools.deployment import write_secret
from silatools.prosody import Prosody
from staff import Member
from staff_e2e import LockedDaemon, Office, agent_process, bare, found_in_the_end, practice
from staff_formats import b64
from staff_socket import call

new_office, office = staff_e2e.new_office, staff_e2e.office


def test_the_agent_keeps_keys_until_it_is_locked(office: Office) -> None:
    ilse = office.admit_quickly("ilse", "staff")
    conversation = practice(ilse)
    ilse.sila("note", conversation, "een koffer van René")
    assert bare(ilse, "show", conversation).returncode == 66
    ilse.unlock()
    process = agent_process(ilse)
    assert process is not None
    for path in ilse.runtime.rglob("agent*.sock"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert ilse.passphrase not in Path(f"/proc/{process}/environ").read_text() + \
        Path(f"/proc/{process}/cmdline").read_text()
    assert bare(ilse, "show", conversation).returncode == 0, "no passphrase is asked"
    assert "already" in ilse.sila("unlock").lower() and agent_process(ilse) == process
    found = bare(ilse, "search", "KOFFER", "rene", "--json")
    assert found.returncode == 0, found.stdout + found.stderr
    assert [hit["conversation"] for hit in json.loads(found.stdout)["hits"]] == [conversation]
    # What comes later is found too.
    ilse.sila("note", conversation, "de trein naar Oujda")
    found_in_the_end(ilse, "oujda")

    ending = os.pidfd_open(process)
    try:
        ilse.sila("lock")
        assert select.select([ending], [], [], 30)[0], "the process is gone"
    finally:
        os.close(ending)
    assert agent_process(ilse) is None
    assert not list(ilse.runtime.rglob("agent*.sock"))
    assert bare(ilse, "show", conversation).returncode == 66
    assert bare(ilse, "search", "koffer").returncode == 66
    assert ilse.sila("lock"), "twice is no error"


def test_the_agent_forgets_by_itself_when_it_is_not_used(office: Office) -> None:
    noor = office.admit_quickly("noor", "staff")
    assert noor.run("unlock", "--for", "11h").returncode == 64
    noor.unlock("--for", "2s")
    process = agent_process(noor)
    if process is not None:
        assert processes.ended(process, 60)
    assert bare(noor, "inbox").returncode == 66


def test_the_agent_forgets_when_its_member_is_taken_out(office: Office) -> None:
    hans = office.admit_quickly("hans", "staff")
    hans.unlock()
    process = agent_process(hans)
    assert process is not None
    office.coordinator.sila("staff", "revoke", "hans")
    assert processes.ended(process, 20), "keys of somebody who does not belong are not kept"
    assert agent_process(hans) is None


# A bridge that waits for its key

def test_a_bridge_without_its_key_waits_locked_and_says_so(
    new_office: Callable[..., Office], server: Prosody, make_contact: Callable[..., Contact]
) -> None:
    office = new_office(mode="operator")
    coordinator, deployment = office.coordinator, office.bridge.deployment
    assert not (deployment.folder / "keys" / "working.key").exists()
    daemon = office.bridge.daemon = LockedDaemon(deployment).start()
    assert "bridge open" in daemon.log.read_text() and "locked" in daemon.log.read_text()
    assert_locked(office, coordinator)

    wrong = coordinator.runtime / "wrong"
    write_secret(wrong, "four words of another")
    done = coordinator.run("bridge", "open", environment={"SILA_PASSPHRASE_FILE": str(wrong)})
    assert done.returncode == 65 and "passphrase" in done.stderr
    assert call(office.socket, "GET", "/v1/health")[1]["state"] == "locked"
    coordinator.sila("bridge", "open")
    daemon.wait_for_line("online xmpp")
    assert call(office.socket, "GET", "/v1/health")[1]["state"] == "ready"
    assert "already" in coordinator.sila("bridge", "open"), "twice is no error"
    roos, amal = office.admit_quickly("roos", "staff"), office.admit_quickly("amal", "intern")
    contact = make_contact(server, "samira").connect()
    contact.send(office.jid, "wach n9der nchki?")
    contact.wait_texts(1, 60)

    # While it is down and while it waits, the server keeps what is written.
    daemon.stop()
    mark = contact.mark
    contact.send(office.jid, "first while it was away")
    daemon = office.bridge.daemon = LockedDaemon(deployment).start()
    contact.send(office.jid, "second while it was locked")
    contact.flush()
    assert_locked(office, roos)
    assert contact.texts(mark) == [], "a locked bridge answers nobody"
    assert amal.run("bridge", "open").returncode == 77
    token = office.api("roos").log_in()
    status, body = call(office.socket, "POST", "/v1/unlock", {"workingKey": b64(os.urandom(32))}, token=token)
    assert (status, body["code"]) == (422, "refused"), "another key does not open it"
    assert call(office.socket, "GET", "/v1/health")[1]["state"] == "locked"
    roos.sila("bridge", "open")
    assert len(contact.wait_texts(2, 60, mark)) >= 2
    conversation = roos.conversation_with("first while it was away")
    texts = [item["text"] for item in roos.items(conversation) if item["from"] == "contact"]
    assert texts == ["wach n9der nchki?", "first while it was away", "second while it was locked"], "each once"

    # Whoever knocked while it was locked stands in the log too, and from now on who opened it.
    acts = [(line["actor"], line["kind"]) for line in coordinator.json("audit", "list", "--limit", "1000")["lines"]]
    assert [actor for actor, kind in acts if kind == "bridge-opened"] == ["coordinator", "roos"]
    assert {actor for actor, kind in acts if kind == "logged-in"} == {"coordinator", "roos", "amal"}
    assert re.search(r"  roos  bridge-opened$", coordinator.sila("audit", "list", "--limit", "1000"), re.M)
    assert coordinator.sila("audit", "verify").startswith("The log holds")

    daemon.stop()
    office.bridge.daemon = LockedDaemon(deployment).start()
    assert_locked(office, roos)


def assert_locked(office: Office, member: Member) -> None:
    assert call(office.socket, "GET", "/v1/health")[1]["state"] == "locked"
    for command in (["inbox"], ["today"], ["show", "c1"], ["reply", "c1", "x"], ["staff", "list"]):
        assert "sila bridge open" in member.sila(*command, status=75), command
    assert "sila bridge open" in member.sila("whoami")
    assert "sila bridge open" in member.sila("doctor", status=1)


def test_silad_itself_says_that_it_waits_locked(new_office: Callable[..., Office]) -> None:
    office = new_office(mode="operator")
    deployment = office.bridge.deployment
    office.bridge.daemon = LockedDaemon(deployment).start()
    done = subprocess.run(
        [deployment.program("silad"), "status", "--config", str(deployment.config)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert "locked" in done.stdout + done.stderr and "bridge open" in done.stdout + done.stderr, done


def test_a_bridge_of_which_open_is_said_is_open(new_office: Callable[..., Office]) -> None:
    office = new_office(mode="operator")
    office.bridge.daemon = LockedDaemon(office.bridge.deployment).start()
    office.coordinator.sila("bridge", "open")
    assert office.coordinator.run("inbox").returncode == 0
