import SignalProtocol
import Testing

@testable import OMEMO

/// The engine keeps nothing in memory that a rolled-back transaction would falsify.
@Suite struct RollbackTests {
    @Test func aRolledBackMessageStaysDecryptable() throws {
        let (bridge, contact) = try Client.pair()
        let message = try contact.send("kept", to: bridge.jid)
        for _ in 0..<3 {
            let before = bridge.store.state
            #expect(try bridge.text(message, from: contact) == "kept")
            #expect(bridge.store.state.sessions != before.sessions)
            bridge.store.state = before
        }
        #expect(try bridge.text(message, from: contact) == "kept")
        #expect(try code { _ = try bridge.receive(message, from: contact) } == .replayed)
    }

    @Test func aRolledBackPreKeyMessageStaysDecryptable() throws {
        let (bridge, contact) = (try Client("bridge"), try Client("contact"))
        try contact.learnDevices(of: bridge)
        try contact.connect(to: bridge)
        let message = try contact.send("first", to: bridge.jid)
        let before = bridge.store.state
        #expect(try bridge.text(message, from: contact) == "first")
        // Even after the prekey was deleted, if that is rolled back as well.
        try bridge.store.deleteUsedPreKeys()
        bridge.store.state = before
        #expect(bridge.store.state.usedPreKeys.isEmpty)
        let again = try bridge.receive(message, from: contact)
        #expect(again == .text("first", from: Origin(device: contact.device, isNewDevice: true, isAnswerDue: true)))
    }

    @Test func aRolledBackMessageOutDoesNotBreakTheChain() throws {
        let (bridge, contact) = try Client.pair()
        let before = bridge.store.state
        _ = try bridge.send("never sent", to: contact.jid)
        bridge.store.state = before
        for text in ["sent", "and more"] {
            #expect(try contact.text(try bridge.send(text, to: contact.jid), from: bridge) == text)
        }
        #expect(try bridge.text(try contact.send("answer", to: bridge.jid), from: contact) == "answer")
    }

    @Test func aFailedMessageLeavesNoTrace() throws {
        let (bridge, contact) = (try Client("bridge"), try Client("contact"))
        try contact.learnDevices(of: bridge)
        try contact.connect(to: bridge)
        var message = try contact.send("x", to: bridge.jid)
        message.payload?[0] ^= 1
        let before = bridge.store.state
        #expect(try code { _ = try bridge.receive(message, from: contact) } == .tamperedPayload)
        #expect(bridge.store.state.sessions == before.sessions)
        #expect(bridge.store.state.devices == before.devices)
        #expect(bridge.store.state.usedPreKeys == before.usedPreKeys)
    }

    @Test func anotherEngineOverTheSameStoreGoesOn() throws {
        let (bridge, contact) = try Client.pair()
        let restarted = try OMEMOEngine(context: SignalContext(), store: bridge.store, ownJID: bridge.jid)
        #expect(try !restarted.setUp())
        let message = try contact.send("after the restart", to: bridge.jid)
        guard case .text(let text, _) = try restarted.decrypt(message, from: contact.jid) else {
            Issue.record("expected a text")
            return
        }
        #expect(text == "after the restart")
        #expect(try contact.text(try restarted.encrypt("yes", for: [contact.jid]), from: bridge) == "yes")
    }
}
