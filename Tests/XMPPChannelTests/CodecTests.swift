import Foundation
import Messaging
import OMEMO
import SignalProtocol
import Testing
import XMPP

@testable import XMPPChannel

/// What the codec makes of stanzas, with a contact's engine on the other side.
@Suite struct CodecTests {
    @Test func aContactStartsAndIsAnswered() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        let incoming = try contact.message("wach chikaya dyali baqa?", to: bridge)
        guard case .message(let message) = try bridge.open(incoming, from: contact) else {
            Issue.record("the message was not opened")
            return
        }
        #expect(message.text == "wach chikaya dyali baqa?")
        #expect(message.protection == .endToEnd)
        #expect(message.device == contact.device)
        #expect(message.deviceIsNew)

        let draft = bridge.draft("Iyeh, baqa.", to: contact)
        guard case .needsMaterial = try bridge.codec.readiness(for: draft) else {
            Issue.record("the list of a device that wrote for the first time is fetched")
            return
        }
        bridge.lists.insert(contact.jid)
        guard case .ready = try bridge.codec.readiness(for: draft) else {
            Issue.record("there is a session, nothing is missing")
            return
        }
        let reply = try Element(parsing: bridge.codec.prepare(draft, material: nil).bytes)
        #expect(try contact.text(of: reply, from: bridge) == "Iyeh, baqa.")
    }

    @Test func aContactWhoWasErasedAndWritesAgainIsReachedAgain() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        _ = try bridge.open(try contact.message("salam", to: bridge), from: contact)
        bridge.lists.insert(contact.jid)
        let answer = try bridge.codec.prepare(bridge.draft("salam!", to: contact), material: nil)
        #expect(try contact.text(of: Element(parsing: answer.bytes), from: bridge) == "salam!")
        // Erased: session and device are gone, what is in memory knows nothing of it.
        bridge.store.state.devices.removeAll()
        bridge.store.state.sessions.removeAll()
        #expect(throws: PoisonError.self) {
            try bridge.open(try contact.message("ana hna 3awd", to: bridge), from: contact)
        }
        guard case .needsMaterial = try bridge.codec.readiness(for: bridge.draft("3awd, 3afak", to: contact)) else {
            Issue.record("the reply would wait for ever: there is nobody to encrypt to")
            return
        }
        #expect(!bridge.lists.contains(contact.jid), "the list is fetched anew")
    }

    @Test func theBridgeStartsWithAFetchedBundle() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        let draft = bridge.draft("Salam", to: contact)
        guard case .needsMaterial = try bridge.codec.readiness(for: draft) else {
            Issue.record("the device list was never fetched")
            return
        }
        try bridge.engine.update(deviceList: DeviceList([contact.device]), for: contact.jid)
        let material = BundleMaterial(bundles: [(contact.device, try contact.engine.bundle())])
        let stanza = try Element(parsing: bridge.codec.prepare(draft, material: material).bytes)
        #expect(try contact.text(of: stanza, from: bridge) == "Salam")
    }

    @Test func aStanzaOfOursHasWhatClientsAndArchivesNeed() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        try bridge.engine.update(deviceList: DeviceList([contact.device]), for: contact.jid)
        let material = BundleMaterial(bundles: [(contact.device, try contact.engine.bundle())])
        let bytes = try bridge.codec.prepare(bridge.draft("secret words", to: contact), material: material).bytes
        let stanza = try Element(parsing: bytes)
        #expect(stanza["to"] == contact.jid)
        #expect(stanza["type"] == "chat")
        #expect(stanza.first("origin-id", Namespace.stanzaIDs)?["id"] == stanza["id"])
        #expect(stanza.first("store", Namespace.hints) != nil)
        #expect(stanza.first("encryption", Namespace.encryption)?["namespace"] == OMEMONamespace.axolotl)
        #expect(stanza.first("request", Namespace.receipts) != nil)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("secret words"))
    }

    @Test func aPlainMessageIsMarkedAndAPlainReplyIsPlain() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        let plain = Element(
            "message", Namespace.client, attributes: [("type", "chat")],
            children: [Element("body", Namespace.client, text: "salam")])
        guard case .message(let message) = try bridge.open(plain, from: contact) else {
            Issue.record("the message was not opened")
            return
        }
        #expect(message.protection == .none)
        let reply = try bridge.codec.prepare(bridge.draft("switch it on", to: contact, .none), material: nil)
        #expect(try Element(parsing: reply.bytes).first("body", Namespace.client)?.text == "switch it on")
    }

    @Test func aFallbackBodyIsNeverTakenForWords() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        for (name, namespace) in [
            ("encrypted", "urn:xmpp:omemo:2"), ("openpgp", "urn:xmpp:openpgp:0"), ("x", "jabber:x:encrypted"),
        ] {
            let stanza = Element(
                "message", Namespace.client,
                children: [Element(name, namespace), Element("body", Namespace.client, text: "fallback")])
            guard case .unreadable = try bridge.open(stanza, from: contact) else {
                Issue.record("\(namespace) was taken for a plain message")
                continue
            }
        }
        let announced = Element(
            "message", Namespace.client,
            children: [
                Element("encryption", Namespace.encryption, attributes: [("namespace", OMEMONamespace.axolotl)]),
                Element("body", Namespace.client, text: "fallback"),
            ])
        guard case .unreadable = try bridge.open(announced, from: contact) else {
            Issue.record("an announced encryption without its element was taken for a plain message")
            return
        }
    }

    @Test func whatHoldsNothingForAPersonIsSilent() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        let children = [
            Element("received", Namespace.receipts, attributes: [("id", "1")]),
            Element("composing", Namespace.chatStates), Element("displayed", Namespace.markers),
        ]
        for child in children {
            guard case .silent = try bridge.open(Element("message", Namespace.client, children: [child]), from: contact)
            else {
                Issue.record("\(child.name) was not silent")
                continue
            }
        }
    }

    @Test func aMessageForOtherDevicesOnlyIsShown() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        var encrypted = try contact.encrypted("x", to: bridge)
        encrypted.keys = encrypted.keys.map { .init(recipient: $0.recipient + 1, isPreKey: $0.isPreKey, data: $0.data) }
        let stanza = Element("message", Namespace.client, children: [encrypted.element])
        guard case .unreadable = try bridge.open(stanza, from: contact) else {
            Issue.record("a text without a key for us must be shown")
            return
        }
    }

    @Test func eachBadMessageHasItsCode() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        let good = try contact.encrypted("one", to: bridge)
        _ = try bridge.open(Element("message", Namespace.client, children: [good.element]), from: contact)
        var tampered = try contact.encrypted("two", to: bridge)
        tampered.payload?[0] ^= 1
        var noHeader = good.element
        noHeader.nodes = []
        let cases: [(Element, String)] = [
            (good.element, "replayed"), (tampered.element, "tampered-payload"), (noHeader, "missing-header"),
        ]
        for (element, code) in cases {
            let error = #expect(throws: PoisonError.self) {
                try bridge.open(Element("message", Namespace.client, children: [element]), from: contact)
            }
            #expect(error?.code == code)
        }
    }

    @Test func aBrokenBundleCostsItsDeviceOnly() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        let second = try Side("rachid@example.org")
        let good = try contact.engine.bundle()
        let theirs = try second.engine.bundle()
        let broken = PreKeyBundle(
            identityKey: theirs.identityKey, signedPreKeyID: theirs.signedPreKeyID,
            signedPreKey: theirs.signedPreKey, signature: theirs.signature.map { $0 ^ 1 }, preKeys: theirs.preKeys)
        try bridge.engine.update(deviceList: DeviceList([contact.device, second.device]), for: contact.jid)
        let material = BundleMaterial(bundles: [(second.device, broken), (contact.device, good)])
        let prepared = try bridge.codec.prepare(bridge.draft("salam", to: contact), material: material)
        #expect(try contact.text(of: try Element(parsing: prepared.bytes), from: bridge) == "salam")
    }

    @Test func anAccountWithoutDevicesIsNamed() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        let error = #expect(throws: UndeliverableError.self) {
            try bridge.codec.prepare(bridge.draft("salam", to: contact), material: nil)
        }
        #expect(error?.code == "no-recipient")
        #expect(error?.isTemporary == true)
    }
}

/// One account with one device, in memory.
final class Side {
    let jid: String
    let store = InMemoryOMEMOStore()
    let engine: OMEMOEngine
    let lists = KnownDeviceLists()
    let owed = OwedMessages()
    let codec: XMPPCodec

    init(_ jid: String) throws {
        self.jid = jid
        engine = try OMEMOEngine(context: SignalContext(), store: store, ownJID: jid)
        try engine.setUp()
        codec = XMPPCodec(
            engine: engine, lists: lists, owed: owed, savepoint: { [store] in try store.transaction($0) })
    }

    var device: UInt32 { store.state.own?.id ?? 0 }

    func draft(_ text: String, to other: Side, _ protection: Protection = .endToEnd) -> Draft {
        Draft(
            to: Address(channel: .xmpp, value: other.jid), text: text, originID: OriginID(UUID().uuidString),
            protection: protection)
    }

    func encrypted(_ text: String, to other: Side) throws -> EncryptedElement {
        try engine.update(deviceList: DeviceList([other.device]), for: other.jid)
        if try !engine.missingSessions(for: other.jid).isEmpty {
            try engine.establish(bundle: other.engine.bundle(), jid: other.jid, device: other.device)
        }
        return try engine.encrypt(text, for: [other.jid])
    }

    func message(_ text: String, to other: Side) throws -> Element {
        Element(
            "message", Namespace.client, attributes: [("type", "chat")],
            children: [try encrypted(text, to: other).element])
    }

    /// As the bridge does: in a transaction that a refused message rolls back.
    func open(_ stanza: Element, from other: Side) throws -> Opened {
        try store.transaction {
            try codec.open(
                Envelope(
                    sender: Address(channel: .xmpp, value: other.jid), dedup: .archive(id: "1"), sentAt: Date(),
                    payload: StanzaPayload(stanza: stanza), token: nil, position: nil))
        }
    }

    func text(of stanza: Element, from other: Side) throws -> String? {
        guard let element = stanza.first("encrypted", OMEMONamespace.axolotl),
            case .text(let text, _) = try engine.decrypt(EncryptedElement(element), from: other.jid)
        else { return nil }
        return text
    }
}
