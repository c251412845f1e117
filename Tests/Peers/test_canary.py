"""What people write, their names and addresses are found in no file of the bridge."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

import canaries
from conftest import Bridge
from silatools.deployment import Daemon


def test_the_search_finds_every_form(tmp_path):
    """The search itself: a word planted in each form is found."""
    word = "Zouhayrكناري"
    for name, forms in canaries.needles(word).items():
        for number, form in enumerate(forms):
            path = tmp_path / f"{name}.{number}"
            path.write_bytes(b"\x00rest" + form + b"\xffrest")
            assert canaries.find([word], [path]), f"{name} {form!r} is overlooked"
    (tmp_path / "nothing").write_bytes(b"\x00rest")
    assert canaries.find([word], [tmp_path / "nothing"]) == []


class Told:
    """Words of a conversation that no file may hold. Letters only, so that no form is ambiguous."""

    def __init__(self) -> None:
        tag = secrets.token_hex(6).translate(str.maketrans("0123456789", "ghijklmnop"))
        self.user = f"qamar{tag}"
        self.name = f"Yamnaya{tag}"
        self.encrypted = f"sirri{tag}"
        self.arabic = "كناري" + tag.translate(str.maketrans("abcdefghijklmnop", "ابتثجحخدذرزسشصضط"))
        self.unencrypted = f"bayyin{tag}"
        self.staff = f"mouwaddaf{tag}"

    @property
    def words(self) -> list[str]:
        return [self.user, self.name, self.encrypted, self.arabic, self.unencrypted, self.staff]


@pytest.mark.both_servers
@pytest.mark.parametrize("level", ["info", "trace"])
def test_words_names_and_addresses_are_nowhere(own_server, make_bridge, make_contact, tmp_path, level):
    told = Told()
    bridge: Bridge = make_bridge(own_server)
    temporary = tmp_path / "daemon-tmp"
    temporary.mkdir()
    user = bridge.jid.split("@")[0]
    bridge.deployment.write_config(own_server, user, name="Helpline", show_drafts=True, log_level=level)
    contact = make_contact(own_server, told.user, exact_name=True).connect()
    contact.iq(f"""<iq xmlns='jabber:client' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'>
        <publish node='http://jabber.org/protocol/nick'><item id='current'>
        <nick xmlns='http://jabber.org/protocol/nick'>{told.name}</nick></item></publish></pubsub></iq>""")
    options = ["--responder", "echo", "--greet", contact.jid, "--greeting", f"Salam {told.staff}"]
    bridge.daemon = Daemon(bridge.deployment, "silad-faults", options)
    bridge.daemon.environment = {"TMPDIR": str(temporary)}
    bridge.daemon.start()
    contact.wait_texts(1, 60)
    contact.send(bridge.jid, f"ana {told.name}, {told.encrypted}")
    contact.send(bridge.jid, f"سميتي {told.arabic}")
    contact.send(bridge.jid, f"wach {told.unencrypted}", encrypted=False)
    # What cannot be opened is set aside, and must be sealed as well.
    broken = contact.make(bridge.jid, told.encrypted).replace("</payload>", "AAAA</payload>")
    contact.raw(broken.replace("This message is encrypted with OMEMO.", told.encrypted))
    contact.send(bridge.jid, "the end")
    contact.wait("the last echo", lambda events: any(event.get("text") == "the end" for event in events), 60)

    ours = [bridge.deployment.folder, bridge.deployment.staff, temporary]
    running = canaries.files_in(*ours)
    assert any(path.name.endswith("-wal") for path in running), "the write-ahead log is among the files"
    assert canaries.find(told.words, running) == [], "while it runs"
    limits = Path(f"/proc/{bridge.daemon.record.pid}/limits").read_text()
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"], "no core dump is written"
    bridge.stop()
    assert canaries.find(told.words, canaries.files_in(*ours)) == [], "after it ended"

    # What the server keeps is in the threat model: addresses, names, and what came unencrypted.
    contact.close()
    own_server.stop()
    kept = canaries.find(told.words, canaries.files_in(own_server.folder))
    def knows(word: str) -> bool:
        return any(word in place for place in kept)
    assert knows(told.user) and knows(told.name) and knows(told.unencrypted)
    assert not any(knows(word) for word in (told.arabic, told.staff))


def test_bot_that_answers_leaves_nothing_either(server, make_bridge, make_contact):
    """The real bot: its state, counters and log."""
    told = Told()
    bridge = make_bridge(server)
    bridge.start()
    contact = make_contact(server, told.user, exact_name=True).connect()
    for text in (f"salam, ana {told.name}", "lbaliza dyali ma weslatch", f"شكرا {told.arabic}"):
        mark = contact.mark
        contact.send(bridge.jid, text)
        contact.wait_texts(1, 60, mark)
    files = canaries.files_in(bridge.deployment.folder, bridge.deployment.staff)
    assert canaries.find([*told.words, "weslatch", "lbaliza"], files) == []
