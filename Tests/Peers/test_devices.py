"""Devices of contacts and of the bridge: what concerns the person waits for a decision of staff about a new one."""

from __future__ import annotations

import base64
import re
import sqlite3
from typing import Callable, Dict, List

import pytest

import staff
from raw_client import RawClient
from silatools.contact import Contact
from silatools.processes import Deadline
from silatools.prosody import Prosody
from staff import Helpline
from test_bad_input import OMEMO, publish

helpline, make_helpline = staff.helpline, staff.make_helpline
HELD = "new-device"


class Desk:
    """A coordinator with the keys unlocked, and a contact whom the bot has answered on their phone."""

    def __init__(self, helpline: Helpline, phone: Contact, text: str = "my bag did not arrive") -> None:
        self.helpline, self.phone, self.boss = helpline, phone, helpline.coordinator
        self.boss.unlock()
        phone.send(helpline.jid, text)
        phone.wait_texts(1, 60)
        self.conversation = self.boss.conversation_with(text)
        self.mark = phone.mark

    def reply(self, text: str) -> str:
        self.boss.items(self.conversation)
        return self.boss.json("reply", self.conversation, text)["outcome"]

    def devices(self) -> List[Dict]:
        return self.boss.json("device", "list", self.conversation)["devices"]

    def wait_for_devices(self, condition: Callable[[List[Dict]], bool], seconds: float = 60) -> List[Dict]:
        with self.boss.watch() as watch:
            count = 0
            deadline = Deadline(seconds)
            while not condition(found := self.devices()):
                assert not deadline.passed, found
                count += 1
                watch.wait("an event", lambda event: True, deadline.left, count)
            return found

    def stage(self, text: str) -> str:
        [item] = [item for item in self.boss.items(self.conversation) if item["text"] == text]
        return f"{item['stage']} {item['code']}".strip()

    @property
    def row(self) -> Dict:
        return next(row for row in self.boss.inbox() if row["id"] == self.conversation)


@pytest.fixture
def desk(helpline: Helpline, server: Prosody, make_contact: Callable[..., Contact]) -> Desk:
    return Desk(helpline, make_contact(server, "amal").connect())


def test_a_new_device_holds_replies_back_until_it_is_confirmed(desk: Desk, server, make_contact):
    jid = desk.helpline.jid
    assert desk.reply("we know you") == "sent"
    desk.phone.wait_texts(1, 60, desk.mark)
    tablet = make_contact(server, "amal", resource="tablet").connect()
    tablet.send(jid, "my bag did not arrive")
    # What is for everybody goes on, to the new device too.
    general = tablet.wait_texts(1, 60)
    assert general
    assert desk.reply("your claim is ready") == "held"
    assert desk.reply("and one thing more") == "held"
    mark, tablet_mark = desk.phone.mark, tablet.mark
    assert desk.stage("your claim is ready") == f"intent {HELD}"
    assert (desk.row["held"], desk.row["newDevices"]) == (2, 1)
    assert desk.row["waitsSince"], "it is in somebody's sight"
    shown = desk.boss.sila("today")
    assert "Replies held: a new device" in shown and re.search(rf"^{desk.conversation} .* HELD ", shown, re.M)
    assert "HELD: new device" in desk.boss.sila("show", desk.conversation)
    # The digits are those that the app shows.
    devices = desk.devices()
    assert [device["standing"] for device in devices] == ["first", "unconfirmed"]
    assert [device["device"] for device in devices] == [desk.phone.device, tablet.device]
    shown = desk.boss.sila("device", "list", desk.conversation, "--words", "--qr")
    assert re.search(r"^    ([0-9a-f]{8} ){7}[0-9a-f]{8}$", shown, re.M)
    assert len(re.findall(r"^    (?:[a-z]{5} ?){4}$", shown, re.M)) == 8 and "█" in shown
    # A message of the contact brings nothing of it out.
    tablet.send(jid, "my bag did not arrive")
    tablet.wait_texts(1, 60, tablet_mark)
    assert "your claim is ready" not in desk.phone.texts(mark) + tablet.texts(tablet_mark)

    refused = desk.boss.sila(
        "device", "confirm", desk.conversation, 2, "--digits", "00000000", status=75)
    assert "another key" in refused
    said = desk.boss.sila("device", "confirm", desk.conversation, 2, "--digits", devices[1]["fingerprint"][:8])
    assert "2 replies that waited: on the way now" in said

    def personal(contact: Contact, start: int) -> List[str]:
        return [text for text in contact.texts(start) if text in ("your claim is ready", "and one thing more")]

    for contact, start in ((desk.phone, mark), (tablet, tablet_mark)):
        contact.wait("the replies", lambda events: sum(
            event.get("text") == "and one thing more" for event in events) == 1, 60, start)
        assert personal(contact, start) == ["your claim is ready", "and one thing more"], "once, in their order"
    assert desk.row["held"] == desk.row["newDevices"] == 0


def test_nothing_goes_to_a_refused_device(desk: Desk, server, make_contact):
    jid = desk.helpline.jid
    stranger = make_contact(server, "amal", resource="stranger").connect()
    stranger.send(jid, "my bag did not arrive")
    stranger.wait_texts(1, 60)
    assert desk.reply("only for you") == "held"
    mark, theirs = desk.phone.mark, stranger.mark
    desk.boss.sila("device", "refuse", desk.conversation, 2)
    desk.phone.wait("the reply", lambda events: any(event.get("text") == "only for you" for event in events), 60, mark)
    # The bot answers on: the phone gets it, the refused device sees a message that is not for it.
    stranger.send(jid, "my bag did not arrive")
    desk.phone.wait("the bot's answer", lambda events: sum(
        event["event"] == "received" and not event["own"] for event in events) >= 2, 60, mark)
    assert stranger.texts(theirs) == []
    assert [device["standing"] for device in desk.devices()] == ["first", "refused"]


def test_a_changed_identity_is_shown_held_and_confirmed(desk: Desk, server, make_contact, tmp_path):
    jid, old = desk.helpline.jid, desk.phone.device
    first = desk.devices()[0]["fingerprint"]
    desk.phone.disconnect()
    # Another installation that took the same device id.
    again = make_contact(server, "amal", resource="again").connect()
    other = again.device
    again.close()
    state = next((tmp_path / "contacts").glob("amal*.again.omemo.json"))
    state.write_text(state.read_text().replace(str(other), str(old)))
    imposter = make_contact(server, "amal", resource="again").connect()
    assert imposter.device == old
    publish(imposter, f"{OMEMO}.devicelist", f"<list xmlns='{OMEMO}'><device id='{old}'/></list>")
    imposter.send(jid, "it is me, with another key")
    [device] = desk.wait_for_devices(lambda devices: any(device["claimed"] for device in devices))
    assert device["fingerprint"] == first and device["claimed"] != first and device["awaitsDecision"]
    assert desk.reply("for the right one") == "held"
    assert "ANOTHER KEY" in desk.boss.sila("device", "list", desk.conversation)
    mark = imposter.mark
    desk.boss.sila("device", "confirm", desk.conversation, 1)
    imposter.wait("the reply", lambda events: any(
        event.get("text") == "for the right one" for event in events), 60, mark)
    mark = imposter.mark
    imposter.send(jid, "my bag did not arrive")
    assert imposter.wait_texts(1, 60, mark)


def test_the_fingerprint_of_the_bridge(desk: Desk, server):
    """What staff show is what the server publishes, as a client reads it."""
    identity = desk.boss.json("bridge", "fingerprint")
    assert identity["address"] == desk.helpline.jid
    assert identity["uri"] == f"xmpp:{desk.helpline.jid}?omemo-sid-{identity['device']}={identity['fingerprint']}"
    received = desk.phone.all("received")[0]
    assert received["device"] == identity["device"]
    answer = desk.phone.iq(
        f"<iq xmlns='jabber:client' type='get' to='{desk.helpline.jid}'>"
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        f"<items node='{OMEMO}.bundles:{identity['device']}' max_items='1'/></pubsub></iq>")
    key = re.search(r"<identityKey[^>]*>([^<]+)<", answer["xml"])[1]
    assert base64.b64decode(key)[1:].hex() == identity["fingerprint"]
    shown = desk.boss.sila("bridge", "fingerprint", "--qr")
    groups = re.findall("[0-9a-f]{8}", identity["fingerprint"])
    assert " ".join(groups) in shown and "█" in shown


def test_a_strange_device_of_ours_is_removed_and_an_alarm(desk: Desk, server):
    jid = desk.helpline.jid
    password = (desk.helpline.bridge.deployment.folder / "keys" / "xmpp.password").read_text().strip()
    own = desk.boss.json("bridge", "fingerprint")["device"]
    with RawClient(server, jid.split("@")[0], password) as thief:
        thief.ask(
            "<iq type='set' id='add'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
            f"<publish node='{OMEMO}.devicelist'><item id='current'><list xmlns='{OMEMO}'><device id='{own}'/>"
            "<device id='4242'/></list></item></publish></pubsub></iq>", "id='add'.*</iq>|id='add'[^>]*/>")
        with desk.boss.watch() as watch:
            count = 0
            deadline = Deadline(60)
            while not (alarms := desk.boss.json("inbox")["alarms"]):
                count += 1
                watch.wait("the alarm", lambda event: True, deadline.left, count)
        assert alarms == ["own-device-removed"]
    listed = desk.phone.iq(
        f"<iq xmlns='jabber:client' type='get' to='{jid}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        f"<items node='{OMEMO}.devicelist' max_items='1'/></pubsub></iq>")
    assert re.findall(r"<device[^>]* id=[\"'](\d+)[\"']", listed["xml"]) == [str(own)]
    assert "RED ALARM" in desk.boss.sila("doctor", status=1)
    assert "ALARM" in desk.boss.sila("inbox") and "ALARM" in desk.boss.sila("today")
    assert desk.reply("goes on") == "sent"
    mark = desk.mark
    desk.phone.wait("the reply", lambda events: any(event.get("text") == "goes on" for event in events), 60, mark)


def test_a_thousand_announced_devices(own_server, make_bridge, make_contact):
    """The list is read, what is done about it is bounded, and the reply arrives at the real one."""
    made = make_bridge(own_server)
    made.start("silad-faults", ["--responder", "echo"])
    contact = make_contact(own_server, "amal").connect()
    devices = "".join(f"<device id='{number}'/>" for number in range(2_000_000, 2_001_000))
    publish(contact, f"{OMEMO}.devicelist",
            f"<list xmlns='{OMEMO}'>{devices}<device id='{contact.device}'/></list>")
    contact.send(made.jid, "one of a thousand")
    assert contact.wait_texts(1, 120) == ["one of a thousand"]
    contact.send(made.jid, "again")
    assert contact.wait_texts(2, 120)[-1] == "again"
    with sqlite3.connect(f"file:{made.deployment.folder / 'store' / 'sila.sqlite'}?mode=ro", uri=True) as store:
        [count] = store.execute("SELECT count(*) FROM device").fetchone()
    assert count <= 33

