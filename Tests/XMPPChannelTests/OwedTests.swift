import Foundation
import Messaging
import OMEMO
import SignalProtocol
import Synchronization
import Testing
import XMPP

@testable import XMPPChannel

/// Messages without content: to whom one is owed, and what it is when its time comes.
@Suite struct OwedTests {
    private static func key(_ stanza: Element?) throws -> EncryptedElement? {
        try stanza?.first("encrypted", OMEMONamespace.axolotl).map(EncryptedElement.init)
    }

    private static func poison(_ code: OMEMOError.Code, asksAgain: Bool = false) -> PoisonError {
        PoisonError(code: code.rawValue, reason: "", asksAgain: asksAgain)
    }

    @Test func whoBuildsASessionIsOwedAnAnswerUntilOneWasSent() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        _ = try bridge.open(try contact.message("salam", to: bridge), from: contact)
        let owed = bridge.owed.take()
        #expect(owed.map(\.device) == [.init(jid: contact.jid, id: contact.device)] && owed.map(\.need) == [.answer])
        #expect(bridge.owed.take().isEmpty)
        let stanza = try #require(
            try bridge.codec.emptyMessage(for: contact.jid, device: contact.device, bundle: nil))
        // Nothing that a person or a notification would show.
        #expect(stanza.first("body", Namespace.client) == nil && stanza.first("request", Namespace.receipts) == nil)
        #expect(stanza["to"] == contact.jid && stanza.first("store", Namespace.hints) != nil)
        let element = try #require(try Self.key(stanza))
        #expect(element.payload == nil && element.keys.map(\.recipient) == [contact.device])
        guard case .keyTransport = try contact.engine.decrypt(element, from: bridge.jid) else {
            Issue.record("no key transport")
            return
        }
        #expect(try bridge.codec.emptyMessage(for: contact.jid, device: contact.device, bundle: nil) == nil, "once")
        // The session is complete: nothing is owed for the next message.
        _ = try bridge.open(try contact.message("again", to: bridge), from: contact)
        #expect(bridge.owed.take().isEmpty)
    }

    /// A heartbeat to a session that is gone: the session is renewed, and nobody is shown or asked anything.
    @Test func anEmptyMessageThatCannotBeOpenedOnlyRenewsTheSession() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        _ = try bridge.open(try contact.message("salam", to: bridge), from: contact)
        _ = try contact.engine.decrypt(try bridge.encrypted("salam", to: contact), from: bridge.jid)
        try bridge.engine.dropSession(with: contact.device, jid: contact.jid)
        _ = bridge.owed.take()
        let empty = try contact.engine.emptyMessage(for: bridge.jid, device: bridge.device)
        let stanza = OutgoingMessage(to: bridge.jid, id: "1", content: .keyTransport(empty)).stanza
        guard case .silent = try bridge.open(stanza, from: contact) else {
            Issue.record("it is shown")
            return
        }
        #expect(bridge.owed.take().map(\.need) == [.session])
        // Words that cannot be opened are shown and asked for again.
        let error = #expect(throws: PoisonError.self) {
            try bridge.open(try contact.message("salam", to: bridge), from: contact)
        }
        #expect(error?.asksAgain == true)
    }

    @Test func aReplyIsAnAnswerToo() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        _ = try bridge.open(try contact.message("salam", to: bridge), from: contact)
        #expect(!bridge.owed.take().isEmpty)
        _ = try bridge.encrypted("salam", to: contact)
        #expect(try bridge.codec.emptyMessage(for: contact.jid, device: contact.device, bundle: nil) == nil)
    }

    @Test func manyMessagesWithoutAnAnswerAreOwedOneHeartbeat() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        _ = try bridge.open(try contact.message("salam", to: bridge), from: contact)
        _ = try contact.engine.decrypt(try bridge.encrypted("salam", to: contact), from: bridge.jid)
        _ = bridge.owed.take()
        for _ in 0..<OMEMOEngine.staleCounter {
            _ = try bridge.open(try contact.message("x", to: bridge), from: contact)
        }
        #expect(bridge.owed.take().isEmpty)
        for _ in 0..<5 { _ = try bridge.open(try contact.message("x", to: bridge), from: contact) }
        #expect(bridge.owed.take().map(\.need) == [.answer])
    }

    @Test func aBrokenSessionIsRenewedAndARefusedDeviceGetsNothing() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        let first = try contact.message("salam", to: bridge)
        _ = try bridge.open(first, from: contact)
        _ = bridge.owed.take()
        try bridge.recover(Self.poison(.brokenSession, asksAgain: true), first, from: contact)
        let owed = try #require(bridge.owed.take().first)
        #expect(owed.need == .session)
        #expect(try bridge.codec.needsBundle(for: owed), "the session is gone")
        let bundle = try contact.engine.bundle()
        let stanza = try bridge.codec.emptyMessage(for: contact.jid, device: contact.device, bundle: bundle)
        let element = try #require(try Self.key(stanza))
        guard case .keyTransport = try contact.engine.decrypt(element, from: bridge.jid) else {
            Issue.record("no key transport")
            return
        }
        _ = try bridge.open(try contact.message("and on", to: bridge), from: contact)
        // A reply that was quicker has built one: no bundle is fetched.
        #expect(try !bridge.codec.needsBundle(for: owed))

        try bridge.engine.setTrust(.compromised, of: contact.device, jid: contact.jid)
        #expect(
            try bridge.codec.emptyMessage(for: contact.jid, device: contact.device, bundle: bundle) == nil)
    }

    @Test func aRepeatRenewsBesideTheSessionThereIs() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        let first = try contact.message("salam", to: bridge)
        _ = try bridge.open(first, from: contact)
        _ = bridge.owed.take()
        let underWay = try contact.message("under way", to: bridge)
        try bridge.recover(Self.poison(.replayed), first, from: contact)
        let owed = try #require(bridge.owed.take().first)
        #expect(owed.need == .newSession)
        #expect(try bridge.codec.needsBundle(for: owed))
        let bundle = try contact.engine.bundle()
        #expect(try bridge.codec.emptyMessage(for: contact.jid, device: contact.device, bundle: bundle) != nil)
        guard case .message(let message) = try bridge.open(underWay, from: contact) else {
            Issue.record("the old session is lost")
            return
        }
        #expect(message.text == "under way")
    }

    @Test func anotherIdentityIsNotedAndNothingIsSent() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        _ = try bridge.open(try contact.message("salam", to: bridge), from: contact)
        let imposter = try Side("rachid@example.org")
        imposter.store.state.own = OwnDevice(
            id: contact.device, identity: try #require(imposter.store.state.own).identity)
        let message = try imposter.message("it is me", to: bridge)
        let error = #expect(throws: PoisonError.self) { try bridge.open(message, from: imposter) }
        _ = bridge.owed.take()
        try bridge.recover(try #require(error), message, from: imposter)
        #expect(bridge.owed.take().isEmpty)
        let device = try #require(try bridge.engine.devices(for: contact.jid).first)
        #expect(device.awaitsDecision && device.claimedKey == imposter.store.state.own?.identity.publicKey)
        #expect(try bridge.codec.emptyMessage(for: contact.jid, device: contact.device, bundle: nil) == nil)
    }

    @Test func oneRenewalADeviceAndMinuteAndAThousandAtMost() {
        let now = Mutex(Date(timeIntervalSince1970: 1_790_000_000))
        let owed = OwedMessages(clock: { now.withLock { $0 } })
        owed.note(1, of: "a@example.org", .session)
        #expect(owed.take().count == 1)
        owed.note(1, of: "a@example.org", .newSession)
        #expect(owed.take().isEmpty)
        owed.note(1, of: "a@example.org")
        #expect(owed.take().map(\.need) == [.answer], "a heartbeat needs no bundle")
        now.withLock { $0 += 61 }
        owed.note(1, of: "a@example.org", .newSession)
        let taken = owed.take()
        #expect(taken.map(\.need) == [.newSession])
        owed.note(1, of: "a@example.org")
        owed.putBack(taken)
        #expect(owed.take().map(\.need) == [.newSession], "the larger need stays")
        for id in 1...3_000 { owed.note(UInt32(id), of: "b@example.org") }
        #expect(owed.take().count == 1_000)
    }
}

/// What a message says of another, read from stanzas as clients send them.
@Suite struct ReferringElementTests {
    private static func message(_ inner: String) throws -> Element {
        try Element(parsing: Array("<message xmlns='jabber:client' type='chat' id='own'>\(inner)</message>".utf8))
    }

    @Test(arguments: [
        ("<replace xmlns='urn:xmpp:message-correct:0' id='a'/><body>x</body>", ReferenceKind.correction, ""),
        ("<retract xmlns='urn:xmpp:message-retract:1' id='a'/><body>fallback</body>", .retraction, ""),
        (
            "<apply-to xmlns='urn:xmpp:fasten:0' id='a'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>",
            .retraction, ""
        ),
        (
            "<reactions xmlns='urn:xmpp:reactions:0' id='a'><reaction>👍</reaction><reaction>🙏🏽</reaction></reactions>",
            .reaction, "👍 🙏🏽"
        ),
        ("<reactions xmlns='urn:xmpp:reactions:0' id='a'/>", .reaction, ""),
    ])
    func eachIsRead(_ inner: String, _ kind: ReferenceKind, _ signs: String) throws {
        let found = ReferringElements(try Self.message(inner))
        #expect(found.reference == IncomingReference(kind: kind, target: "a"))
        #expect(found.signs == signs && found.names == ["own"])
        #expect(found.hasOnlyFallback == (kind != .correction))
    }

    @Test func whatRefersToNothingIsAMessageLikeAnother() throws {
        for inner in [
            "<body>x</body>", "<replace xmlns='urn:xmpp:message-correct:0'/>",
            "<apply-to xmlns='urn:xmpp:fasten:0' id='a'/>", "<reactions xmlns='urn:xmpp:reactions:0'/>",
        ] {
            #expect(ReferringElements(try Self.message(inner)).reference == nil)
        }
        let named = ReferringElements(try Self.message("<origin-id xmlns='urn:xmpp:sid:0' id='o'/>"))
        #expect(named.names == ["own", "o"])
    }

    @Test func manyAndLongSignsAreCut() throws {
        let many = (0..<100).map { _ in "<reaction>\(String(repeating: "x", count: 50))</reaction>" }.joined()
        let found = ReferringElements(
            try Self.message("<reactions xmlns='urn:xmpp:reactions:0' id='a'>\(many)</reactions>"))
        #expect(found.signs.count <= 8 * 5)
    }

    @Test func aSignBesideAKeyThatCannotBeOpenedIsShownAllTheSame() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        var stanza = try contact.message("fallback", to: bridge)
        _ = try bridge.open(stanza, from: contact)
        stanza.append(
            Element(
                "reactions", Namespace.reactions, attributes: [("id", "a")],
                children: [Element("reaction", Namespace.reactions, text: "👍")]))
        // The key in it was used.
        guard case .message(let message) = try bridge.open(stanza, from: contact) else {
            Issue.record("the sign is lost")
            return
        }
        #expect(message.text == "👍" && message.reference?.kind == .reaction && message.protection == .none)
    }

    @Test func aCorrectionKeepsItsProtection() throws {
        let (bridge, contact) = (try Side("helpline@example.org"), try Side("rachid@example.org"))
        var stanza = try contact.message("the right words", to: bridge)
        stanza.append(Element("replace", Namespace.correction, attributes: [("id", "first")]))
        guard case .message(let message) = try bridge.open(stanza, from: contact) else {
            Issue.record("the correction is lost")
            return
        }
        #expect(message.protection == .endToEnd && message.text == "the right words")
        #expect(message.reference == IncomingReference(kind: .correction, target: "first"))
    }
}

extension Side {
    /// As the bridge does after a message was set aside.
    func recover(_ poison: PoisonError, _ stanza: Element, from other: Side) throws {
        try codec.recover(
            from: poison,
            in: Envelope(
                sender: Address(channel: .xmpp, value: other.jid), dedup: .archive(id: "1"), sentAt: Date(),
                payload: StanzaPayload(stanza: stanza), token: nil, position: nil))
    }
}
