import Foundation
import SignalProtocol
import Testing

@testable import OMEMO

/// Sessions that fell apart, and how they come together again.
@Suite struct HealingTests {
    /// A new session from the bundle, and a message without content in it, as the bridge sends.
    private static func renew(_ one: Client, to other: Client) throws {
        try one.connect(to: other)
        let empty = try EncryptedElement(
            try one.store.transaction { try one.engine.emptyMessage(for: other.jid, device: other.device) }.element)
        #expect(try other.text(empty, from: one) == "<key transport>")
    }

    private static func talk(_ one: Client, _ other: Client) throws {
        for number in 0..<3 {
            #expect(try other.text(try one.send("a\(number)", to: other.jid), from: one) == "a\(number)")
            #expect(try one.text(try other.send("b\(number)", to: one.jid), from: other) == "b\(number)")
        }
    }

    /// The contact's app was set back to an old copy of itself: it uses keys a second time.
    @Test func anOldBackupOfTheContactsApp() throws {
        let (bridge, contact) = try Client.pair()
        let copy = contact.store.state
        for number in 0..<5 { _ = try bridge.text(try contact.send("\(number)", to: bridge.jid), from: contact) }
        contact.store.state = copy
        let lost = try contact.send("after the restore", to: bridge.jid)
        #expect(try code { _ = try bridge.receive(lost, from: contact) } == .replayed)
        try Self.renew(bridge, to: contact)
        try Self.talk(contact, bridge)
    }

    /// And after answers of ours that its old state never saw.
    @Test func anOldBackupFromBeforeOurAnswers() throws {
        let (bridge, contact) = try Client.pair()
        let copy = contact.store.state
        try Self.talk(contact, bridge)
        contact.store.state = copy
        #expect(try code { _ = try contact.receive(try bridge.send("x", to: contact.jid), from: bridge) } != nil)
        let lost = try contact.send("after the restore", to: bridge.jid)
        #expect(try code { _ = try bridge.receive(lost, from: contact) } != nil)
        try Self.renew(bridge, to: contact)
        try Self.talk(contact, bridge)
    }

    /// The bridge's own old state: a copy of the store that was put back.
    @Test func anOldBackupOfTheBridge() throws {
        let (bridge, contact) = try Client.pair()
        let copy = bridge.store.state
        try Self.talk(contact, bridge)
        bridge.store.state = copy
        let lost = try contact.send("to the old one", to: bridge.jid)
        #expect(try code { _ = try bridge.receive(lost, from: contact) } != nil)
        try Self.renew(bridge, to: contact)
        try Self.talk(contact, bridge)
    }

    /// A true repeat costs nothing: what was under way in the old session is still read.
    @Test func aRenewedSessionStillReadsTheOldOne() throws {
        let (bridge, contact) = try Client.pair()
        let underWay = try contact.send("under way", to: bridge.jid)
        try bridge.connect(to: contact)
        #expect(try bridge.text(underWay, from: contact) == "under way")
        try Self.talk(contact, bridge)
    }

    @Test func bothSidesBeginAtOnce() throws {
        let (bridge, contact) = (try Client("bridge"), try Client("contact"))
        try bridge.learnDevices(of: contact)
        try contact.learnDevices(of: bridge)
        try bridge.connect(to: contact)
        try contact.connect(to: bridge)
        let (ours, theirs) = (try bridge.send("ours", to: contact.jid), try contact.send("theirs", to: bridge.jid))
        #expect(try bridge.text(theirs, from: contact) == "theirs")
        #expect(try contact.text(ours, from: bridge) == "ours")
        try Self.talk(contact, bridge)
        try Self.talk(bridge, contact)
    }

    /// However often a session is replaced, its record stays small and the last states readable.
    @Test func theRecordStaysSmall() throws {
        let (bridge, contact) = try Client.pair()
        let address = SignalAddress(name: contact.jid, deviceID: contact.device)
        var underWay: [EncryptedElement] = []
        var sizes: [Int] = []
        for number in 0..<30 {
            underWay.append(try contact.send("\(number)", to: bridge.jid))
            try contact.connect(to: bridge)
            _ = try bridge.text(try contact.send("new session", to: bridge.jid), from: contact)
            sizes.append(try #require(bridge.store.state.sessions[address]).count)
        }
        #expect(try bridge.engine.endpoint.archivedStates(of: address) == SignalEndpoint.defaultArchivedStates)
        #expect(try #require(sizes.last) <= sizes[6] + 64, "\(sizes)")
        #expect(try bridge.text(underWay[29], from: contact) == "29")
        try Self.talk(contact, bridge)
    }

    /// What tells that an answer is due, and when it was given.
    @Test func anAnswerIsDueUntilSomethingWasSent() throws {
        let (bridge, contact) = try Client.pair()
        for _ in 0..<60 { _ = try bridge.receive(try contact.send("x", to: bridge.jid), from: contact) }
        let last = try bridge.receive(try contact.send("x", to: bridge.jid), from: contact)
        #expect(last.origin?.isAnswerDue == true)
        // The pair's beginning has answered in this chain already.
        #expect(try contact.text(try bridge.send("answer", to: contact.jid), from: bridge) == "answer")
        let fresh = try bridge.receive(try contact.send("y", to: bridge.jid), from: contact)
        #expect(fresh.origin?.isAnswerDue == false)
        #expect(try !bridge.engine.hasAnswered(contact.device, of: contact.jid))
        _ = try bridge.engine.emptyMessage(for: contact.jid, device: contact.device)
        #expect(try bridge.engine.hasAnswered(contact.device, of: contact.jid))
    }

    @Test func usedPreKeysStayLoadableAndTheBundleIsNeverEmpty() throws {
        let bridge = try Client("bridge")
        let bundle = try bridge.engine.bundle()
        var messages: [(Client, EncryptedElement)] = []
        for index in bundle.preKeys.indices {
            let contact = try Client("contact\(index)")
            try contact.learnDevices(of: bridge)
            var one = bundle
            one.preKeys = [bundle.preKeys[index]]
            try contact.engine.establish(bundle: one, jid: bridge.jid, device: bridge.device)
            messages.append((contact, try contact.send("\(index)", to: bridge.jid)))
        }
        for (index, (contact, message)) in messages.enumerated() {
            #expect(try bridge.text(message, from: contact) == "\(index)")
        }
        #expect(try bridge.engine.bundle().preKeys.isEmpty, "all are used")
        // A bundle that somebody still holds serves until the used ones are deleted.
        let late = try Client("late")
        try late.learnDevices(of: bridge)
        try late.engine.establish(bundle: bundle, jid: bridge.jid, device: bridge.device)
        #expect(try bridge.text(try late.send("late", to: bridge.jid), from: late) == "late")
        #expect(try bridge.engine.replenish())
        #expect(try bridge.engine.bundle().preKeys.count == OMEMOEngine.preKeyCount)
    }
}
