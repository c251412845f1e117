import Foundation
import SignalProtocol
import Testing

@testable import OMEMO

@Suite struct ConversationTests {
    @Test func theContactStarts() throws {
        let (bridge, contact) = (try Client("bridge"), try Client("contact"))
        try contact.learnDevices(of: bridge)
        try contact.connect(to: bridge)
        // The bridge has never heard of this device: no list, no session.
        let first = try bridge.receive(try contact.send("سلام، واش نقدر نسول؟", to: bridge.jid), from: contact)
        let origin = Origin(device: contact.device, isNewDevice: true, isAnswerDue: true)
        #expect(first == .text("سلام، واش نقدر نسول؟", from: origin))
        #expect(try bridge.engine.missingSessions(for: contact.jid).isEmpty)

        #expect(try contact.text(try bridge.send("marhba", to: contact.jid), from: bridge) == "marhba")
        let second = try bridge.receive(try contact.send("choukran", to: bridge.jid), from: contact)
        #expect(
            second == .text("choukran", from: Origin(device: contact.device, isNewDevice: false, isAnswerDue: false)))
    }

    @Test func theBridgeStarts() throws {
        let (bridge, contact) = (try Client("bridge"), try Client("contact"))
        try bridge.learnDevices(of: contact)
        #expect(try bridge.engine.missingSessions(for: contact.jid) == [contact.device])
        try bridge.connect(to: contact)
        #expect(try bridge.engine.missingSessions(for: contact.jid).isEmpty)
        #expect(try contact.text(try bridge.send("goedendag", to: contact.jid), from: bridge) == "goedendag")
        let answer = try bridge.receive(try contact.send("dag", to: bridge.jid), from: contact)
        #expect(answer == .text("dag", from: Origin(device: contact.device, isNewDevice: true, isAnswerDue: false)))
    }

    @Test func bothStartAtOnce() throws {
        let (bridge, contact) = (try Client("bridge"), try Client("contact"))
        try bridge.learnDevices(of: contact)
        try contact.learnDevices(of: bridge)
        try bridge.connect(to: contact)
        try contact.connect(to: bridge)
        let (fromBridge, fromContact) = (
            try bridge.send("one", to: contact.jid), try contact.send("two", to: bridge.jid)
        )
        #expect(try contact.text(fromBridge, from: bridge) == "one")
        #expect(try bridge.text(fromContact, from: contact) == "two")
        for round in 0..<3 {
            #expect(try bridge.text(try contact.send("c\(round)", to: bridge.jid), from: contact) == "c\(round)")
            #expect(try contact.text(try bridge.send("b\(round)", to: contact.jid), from: bridge) == "b\(round)")
        }
    }

    @Test func severalDevices() throws {
        let bridge = try Client("bridge")
        let (phone, tablet, old) = (try Client("contact"), try Client("contact"), try Client("contact"))
        try bridge.learnDevices(of: phone, tablet, old)
        try bridge.connect(to: phone, tablet, old)
        try bridge.learnDevices(of: phone, tablet)
        let message = try bridge.send("to both", to: phone.jid)
        #expect(Set(message.keys.map(\.recipient)) == [phone.device, tablet.device])
        #expect(try phone.text(message, from: bridge) == "to both")
        #expect(try tablet.text(message, from: bridge) == "to both")
        #expect(try old.receive(message, from: bridge) == .notForThisDevice)
        // A device without a session is passed over, and named.
        let third = try Client("contact")
        try bridge.learnDevices(of: phone, tablet, third)
        #expect(try bridge.engine.missingSessions(for: phone.jid) == [third.device])
        #expect(try bridge.send("again", to: phone.jid).keys.count == 2)
    }

    @Test func ownAccountGetsOnlyConfirmedDevices() throws {
        let (bridge, contact) = try Client.pair()
        let (desk, stranger) = (try Client("bridge"), try Client("bridge"))
        try bridge.learnDevices(of: bridge, desk, stranger)
        try bridge.connect(to: desk, stranger)
        #expect(try bridge.send("x", to: contact.jid, bridge.jid).keys.map(\.recipient) == [contact.device])
        try bridge.engine.setTrust(.trusted, of: desk.device, jid: bridge.jid)
        let message = try bridge.send("x", to: contact.jid, bridge.jid)
        #expect(Set(message.keys.map(\.recipient)) == [contact.device, desk.device])
        #expect(try desk.text(message, from: bridge) == "x")
        #expect(try !bridge.engine.devices(for: bridge.jid).contains { $0.address.deviceID == bridge.device })
    }

    @Test func blockedAndUnwantedDevicesGetNothing() throws {
        let (bridge, contact) = try Client.pair()
        let other = try Client("contact")
        try bridge.learnDevices(of: contact, other)
        try bridge.connect(to: other)
        try bridge.engine.setTrust(.compromised, of: other.device, jid: contact.jid)
        #expect(try bridge.send("x", to: contact.jid).keys.map(\.recipient) == [contact.device])
        #expect(
            try code { _ = try bridge.engine.encrypt("x", for: [contact.jid]) { $0.trust == .trusted } } == .noRecipient
        )
    }

    @Test func encryptingToNobodyIsNamed() throws {
        let bridge = try Client("bridge")
        #expect(try code { _ = try bridge.send("x", to: "nobody@example.org") } == .noRecipient)
        #expect(try code { _ = try bridge.send("x", to: bridge.jid) } == .noRecipient)
        #expect(try code { _ = try bridge.engine.emptyMessage(for: "nobody@example.org", device: 1) } == .noSession)
    }

    @Test func emptyMessageCompletesASession() throws {
        let (bridge, contact) = (try Client("bridge"), try Client("contact"))
        try contact.learnDevices(of: bridge)
        try contact.connect(to: bridge)
        let first = try bridge.receive(try contact.send("x", to: bridge.jid), from: contact)
        #expect(first.origin?.isAnswerDue == true)
        let empty = try EncryptedElement(
            try bridge.engine.emptyMessage(for: contact.jid, device: contact.device).element)
        #expect(empty.payload == nil)
        #expect(empty.element.children.map(\.name) == ["header"])
        guard case .keyTransport(let key, let iv, let origin) = try contact.receive(empty, from: bridge) else {
            Issue.record("an empty message must be a key transport")
            return
        }
        #expect(key.count == 16 && iv == empty.iv)
        #expect(origin == Origin(device: bridge.device, isNewDevice: true, isAnswerDue: false))
        #expect(try contact.send("y", to: bridge.jid).keys.allSatisfy { !$0.isPreKey }, "the session is complete")
        // Only a text makes a device known.
        let text = try contact.receive(try bridge.send("z", to: contact.jid), from: bridge)
        #expect(text.origin?.isNewDevice == true)
    }

    @Test func longSilenceMakesAnAnswerDue() throws {
        let (bridge, contact) = try Client.pair()
        for number in 0..<OMEMOEngine.staleCounter {
            let message = try bridge.receive(try contact.send("\(number)", to: bridge.jid), from: contact)
            #expect(message.origin?.isAnswerDue == false, "message \(number)")
        }
        let message = try bridge.receive(try contact.send("anyone?", to: bridge.jid), from: contact)
        #expect(message.origin?.isAnswerDue == true)
    }

    @Test func aMegabyteOfTextArrives() throws {
        let (bridge, contact) = try Client.pair()
        let text = String(repeating: "كلام ", count: 1024 * 1024 / 9)
        #expect(try bridge.text(try contact.send(text, to: bridge.jid), from: contact) == text)
        let tooLong = String(repeating: "x", count: EncryptedElement.maximumPayload + 1)
        #expect(try code { _ = try contact.send(tooLong, to: bridge.jid) } == .payloadTooLarge)
    }

    @Test func aBrokenSessionIsHealedByANewOne() throws {
        let (bridge, contact) = try Client.pair()
        // The bridge comes back from a backup: identity and device id are the same, sessions gone.
        bridge.store.state.sessions = [:]
        let lost = try contact.send("lost", to: bridge.jid)
        let error = try #require(throws: OMEMOError.self) { try bridge.receive(lost, from: contact) }
        #expect(error.code == .noSession)
        #expect(error.isHealedByNewSession)
        try bridge.connect(to: contact)
        let empty = try bridge.engine.emptyMessage(for: contact.jid, device: contact.device)
        #expect(try contact.text(empty, from: bridge) == "<key transport>")
        #expect(try bridge.text(try contact.send("found", to: bridge.jid), from: contact) == "found")
    }
}
