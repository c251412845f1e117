"""What a hostile or broken client can send. The bridge goes on; the item is set aside and shown."""

from __future__ import annotations

import base64
import re

import pytest

OMEMO = "eu.siacs.conversations.axolotl"
GARBAGE = base64.b64encode(b"\x33" + b"garbage" * 20).decode()
IV = base64.b64encode(b"\0" * 12).decode()


def message(to: str, inner: str, body: str = "This message is encrypted.") -> str:
    return (f"<message xmlns='jabber:client' to='{to}' type='chat' id='bad'><body>{body}</body>{inner}"
            "<store xmlns='urn:xmpp:hints'/></message>")


def encrypted(header: str, payload: str = f"<payload>{GARBAGE}</payload>", namespace: str = OMEMO) -> str:
    return f"<encrypted xmlns='{namespace}'>{header}{payload}</encrypted>"


#: Names of elements that are OMEMO and wrong; `{rid}` is the bridge's device.
MALFORMED = {
    "no header": encrypted(""),
    "no sender device": encrypted("<header><key rid='{rid}'>AAAA</key><iv>AAAA</iv></header>"),
    "sender device zero": encrypted(f"<header sid='0'><key rid='{{rid}}'>{GARBAGE}</key><iv>{IV}</iv></header>"),
    "sender device negative": encrypted(f"<header sid='-5'><key rid='{{rid}}'>{GARBAGE}</key><iv>{IV}</iv></header>"),
    "sender device not a number": encrypted(f"<header sid='x'><key rid='{{rid}}'>{GARBAGE}</key><iv>{IV}</iv></header>"),
    "sender device beyond 64 bits": encrypted(
        f"<header sid='99999999999999999999'><key rid='{{rid}}'>{GARBAGE}</key><iv>{IV}</iv></header>"),
    "key is not base64": encrypted(f"<header sid='5'><key rid='{{rid}}'>***</key><iv>{IV}</iv></header>"),
    "key is empty": encrypted(f"<header sid='5'><key rid='{{rid}}'/><iv>{IV}</iv></header>"),
    "key is garbage": encrypted(f"<header sid='5'><key rid='{{rid}}'>{GARBAGE}</key><iv>{IV}</iv></header>"),
    "prekey message is garbage": encrypted(
        f"<header sid='5'><key rid='{{rid}}' prekey='true'>{GARBAGE}</key><iv>{IV}</iv></header>"),
    "no iv": encrypted(f"<header sid='5'><key rid='{{rid}}'>{GARBAGE}</key></header>"),
    "iv of one byte": encrypted(f"<header sid='5'><key rid='{{rid}}'>{GARBAGE}</key><iv>AA==</iv></header>"),
    "ten thousand keys": encrypted(
        "<header sid='5'>" + "<key rid='7'>AAAA</key>" * 10_000 + f"<key rid='{{rid}}'>{GARBAGE}</key><iv>{IV}</iv></header>"),
}


@pytest.fixture
def contact(own_server, make_contact):
    return make_contact(own_server, "amal").connect()


@pytest.fixture
def echoing(own_server, make_bridge):
    made = make_bridge(own_server)
    made.start("silad-faults", ["--responder", "echo"])
    return made


def assert_goes_on(bridge, contact, word: str) -> None:
    """The bridge still answers the same contact; so all that was sent before is dealt with."""
    mark = contact.mark
    contact.send(bridge.jid, word)
    contact.wait(f"the echo of {word}", lambda events: any(event.get("text") == word for event in events), 60, mark)
    assert bridge.daemon.exit_status is None


def set_aside(bridge) -> int:
    return sum(bridge.deployment.status()["setAside"].values())


def device_of(contact, jid: str) -> str:
    answer = contact.iq(
        f"<iq xmlns='jabber:client' type='get' to='{jid}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        f"<items node='{OMEMO}.devicelist' max_items='1'/></pubsub></iq>")
    devices = re.findall(r"<device[^>]* id=[\"'](\d+)[\"']", answer["xml"])
    assert len(devices) == 1, f"the bridge publishes one device: {answer['xml']}"
    return devices[0]


@pytest.mark.both_servers
def test_malformed_elements_are_set_aside_one_by_one(echoing, contact):
    rid = device_of(contact, echoing.jid)
    for number, (name, inner) in enumerate(MALFORMED.items()):
        before = echoing.deployment.status()
        contact.raw(message(echoing.jid, inner.replace("{rid}", rid)))
        assert_goes_on(echoing, contact, f"after {number}")
        after = echoing.deployment.status()
        assert sum(after["setAside"].values()) == sum(before["setAside"].values()) + 1, f"{name}: not shown"
        # Only the good message was stored: the fallback body is no message of a person.
        assert after["messagesIn"] == before["messagesIn"] + 1, f"{name}: taken for a message"


def test_other_namespaces_do_no_harm(echoing, contact):
    for number, namespace in enumerate(("urn:xmpp:omemo:2", "urn:xmpp:omemo:1", OMEMO.upper(), "jabber:client")):
        before = echoing.deployment.status()
        header = f"<header sid='5'><key rid='5'>{GARBAGE}</key><iv>{IV}</iv></header>"
        contact.raw(message(echoing.jid, encrypted(header, namespace=namespace)))
        assert_goes_on(echoing, contact, f"namespace {number}")
        after = echoing.deployment.status()
        shown = sum(after["setAside"].values()) + after["messagesIn"]
        assert shown == sum(before["setAside"].values()) + before["messagesIn"] + 2, f"{namespace}: lost silently"


@pytest.mark.both_servers
def test_replayed_message_is_answered_once(echoing, contact):
    xml = contact.make(echoing.jid, "only once")
    contact.raw(xml)
    contact.wait_texts(1, 60)
    contact.raw(xml)
    contact.raw(xml)
    assert_goes_on(echoing, contact, "after the replay")
    assert contact.texts() == ["only once", "after the replay"]
    assert set_aside(echoing) == 2


def test_tampered_payload_is_set_aside(echoing, contact):
    xml = contact.make(echoing.jid, "as it was written")

    def tamper(found: re.Match) -> str:
        data = bytearray(base64.b64decode(found.group(2)))
        data[0] ^= 1
        return found.group(1) + base64.b64encode(bytes(data)).decode() + found.group(3)

    tampered = re.sub(r"(<payload[^>]*>)([^<]+)(</payload>)", tamper, xml)
    assert tampered != xml
    contact.raw(tampered)
    assert_goes_on(echoing, contact, "after the tampering")
    assert contact.texts() == ["after the tampering"]
    assert set_aside(echoing) == 1


def test_reordered_messages_are_all_answered(echoing, contact):
    contact.send(echoing.jid, "first")
    contact.wait_texts(1, 60)
    made = [contact.make(echoing.jid, f"number {number}") for number in range(6)]
    for xml in reversed(made):
        contact.raw(xml)
    assert contact.wait_texts(7, 60)[1:] == [f"number {number}" for number in reversed(range(6))]
    assert set_aside(echoing) == 0


@pytest.mark.both_servers
def test_text_of_a_megabyte(echoing, contact):
    before = echoing.deployment.status()
    contact.send(echoing.jid, "x" * 1_000_000)
    assert_goes_on(echoing, contact, "after the megabyte")
    after = echoing.deployment.status()
    stored = after["messagesIn"] - before["messagesIn"]
    aside = sum(after["setAside"].values()) - sum(before["setAside"].values())
    assert stored + aside == 2, "the long text is stored or shown, not lost"


@pytest.mark.both_servers
def test_deep_stanza(echoing, contact):
    contact.raw(message(echoing.jid, "<a xmlns='urn:example:deep'>" + "<b>" * 300 + "</b>" * 300 + "</a>", body="deep"))
    assert_goes_on(echoing, contact, "after the deep one")


def publish(contact, node: str, item: str) -> None:
    answer = contact.iq(
        "<iq xmlns='jabber:client' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        f"<publish node='{node}'><item id='current'>{item}</item></publish>"
        "<publish-options><x xmlns='jabber:x:data' type='submit'>"
        "<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
        "<field var='pubsub#access_model'><value>open</value></field></x></publish-options></pubsub></iq>")
    assert answer["type"] == "result", answer["xml"]


def key(byte: int, size: int = 33) -> str:
    return base64.b64encode(b"\x05" + bytes([byte]) * (size - 1)).decode()


#: Bundles of a second device of the contact that no session can or may be built from.
BUNDLES = {
    "bad signature": (
        f"<signedPreKeyPublic signedPreKeyId='1'>{key(9)}</signedPreKeyPublic>"
        f"<signedPreKeySignature>{base64.b64encode(bytes(64)).decode()}</signedPreKeySignature>"
        f"<identityKey>{key(8)}</identityKey><prekeys><preKeyPublic preKeyId='1'>{key(7)}</preKeyPublic></prekeys>"),
    "no signature": (
        f"<signedPreKeyPublic signedPreKeyId='1'>{key(9)}</signedPreKeyPublic>"
        f"<identityKey>{key(8)}</identityKey><prekeys><preKeyPublic preKeyId='1'>{key(7)}</preKeyPublic></prekeys>"),
    "no prekeys": (
        f"<signedPreKeyPublic signedPreKeyId='1'>{key(9)}</signedPreKeyPublic>"
        f"<signedPreKeySignature>{base64.b64encode(bytes(64)).decode()}</signedPreKeySignature>"
        f"<identityKey>{key(8)}</identityKey><prekeys/>"),
    "short keys": (
        f"<signedPreKeyPublic signedPreKeyId='1'>{key(9, 5)}</signedPreKeyPublic>"
        f"<signedPreKeySignature>AAAA</signedPreKeySignature><identityKey>{key(8, 5)}</identityKey>"
        f"<prekeys><preKeyPublic preKeyId='1'>{key(7, 5)}</preKeyPublic></prekeys>"),
    "nothing in it": "",
}


@pytest.mark.parametrize("name", [*BUNDLES, "no bundle at all"])
def test_a_broken_second_device_does_not_silence_the_first(own_server, make_bridge, make_contact, name):
    made = make_bridge(own_server)
    contact = make_contact(own_server, "amal").connect()
    broken = 4242
    if name in BUNDLES:
        publish(contact, f"{OMEMO}.bundles:{broken}", f"<bundle xmlns='{OMEMO}'>{BUNDLES[name]}</bundle>")
    publish(contact, f"{OMEMO}.devicelist",
            f"<list xmlns='{OMEMO}'><device id='{contact.device}'/><device id='{broken}'/></list>")
    made.start("silad-faults", ["--responder", "echo"])
    assert_goes_on(made, contact, "can you read this?")
    assert contact.all("received")[-1]["encrypted"] is True
