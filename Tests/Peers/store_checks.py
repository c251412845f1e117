"""What a deployment's store holds once a conversation is over."""

from __future__ import annotations

import json
import subprocess
from typing import Any, Dict

from conftest import Bridge
from silatools.processes import Deadline


def wait_until_confirmed(bridge: Bridge, count: int, seconds: float = 60) -> None:
    """Waits until the server has confirmed so many messages of the bridge, and none is under way."""
    deadline = Deadline(seconds)
    while (outbox := bridge.deployment.status()["outbox"]) != {"confirmed": count}:
        assert not deadline.passed, f"{count} messages are not all confirmed: {outbox}"
        assert bridge.daemon.wait_for_end(0.2) is None, f"the daemon ended: {bridge.daemon.last_words()}"


def integrity(bridge: Bridge) -> Dict[str, Any]:
    """What `silad-faults check` says."""
    deployment = bridge.deployment
    done = subprocess.run(
        [deployment.program("silad-faults"), "check", "--config", str(deployment.config), "--json"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    # Which stream, and since when, differs from run to run.
    del found["counts"]["streams"]
    return found


def intact(*, messages_in: int, messages_out: int) -> Dict[str, Any]:
    """What `integrity` says of a whole store with one conversation, all of it encrypted and settled."""
    return {
        "integrity": "ok", "auditChainHolds": True,
        "conversations": [
            {"conversation": 1, "messagesIn": messages_in, "messagesOut": messages_out, "setAside": 0}],
        "counts": {
            "contacts": 1, "messagesIn": messages_in, "messagesOut": messages_out, "unencryptedIn": 0, "waiting": 0,
            "outbox": {"confirmed": messages_out}, "setAside": {}, "failures": {}, "gaps": [], "restores": []},
    }
