import Foundation
import SignalProtocol
import Testing

@testable import OMEMO

@Suite struct KeyManagementTests {
    @Test func setUpMakesEverythingOnce() throws {
        let store = InMemoryOMEMOStore()
        let engine = try OMEMOEngine(context: SignalContext(), store: store)
        #expect(try engine.setUp())
        let own = try #require(store.state.own)
        #expect((1...UInt32(Int32.max)).contains(own.id))
        let bundle = try engine.bundle()
        #expect(bundle.preKeys.count == 100)
        #expect(bundle.identityKey == own.identity.publicKey)
        #expect(Set(bundle.preKeys.map(\.id)).count == 100)
        #expect(Set(bundle.preKeys.map(\.key)).count == 100)
        #expect(
            try SignalContext().verify(
                bundle.signature, of: bundle.signedPreKey.serialized, by: bundle.identityKey))

        #expect(try !engine.setUp())
        #expect(try engine.bundle() == bundle)
        #expect(store.state.own?.id == own.id)
    }

    @Test func ownDeviceJoinsTheList() throws {
        let client = try Client("bridge")
        let list = try client.engine.deviceList(containingOwn: DeviceList([7, 8]))
        #expect(list.devices == [7, 8, client.device])
        #expect(try client.engine.deviceList(containingOwn: list) == list)
    }

    @Test func aUsedPreKeyLeavesTheBundleAndIsReplaced() throws {
        let (bridge, contact) = (try Client("bridge"), try Client("contact"))
        let before = try bridge.engine.bundle()
        #expect(try !bridge.engine.replenish())
        try contact.learnDevices(of: bridge)
        try contact.connect(to: bridge)
        _ = try bridge.text(try contact.send("x", to: bridge.jid), from: contact)
        let used = try #require(bridge.store.state.usedPreKeys.first)
        #expect(try !bridge.engine.bundle().preKeys.contains { $0.id == used })
        #expect(try bridge.engine.bundle().preKeys.count == 99)

        #expect(try bridge.engine.replenish())
        let after = try bridge.engine.bundle()
        #expect(after.preKeys.count == 100)
        let largest = try #require(before.preKeys.map(\.id).max())
        let new = Set(after.preKeys.map(\.id)).subtracting(before.preKeys.map(\.id))
        #expect(new.count == 1 && new.allSatisfy { $0 > largest }, "ids are never used again")
    }

    /// Two devices took the same prekey while we were offline: both first messages are read, until
    /// the used prekeys are deleted.
    @Test func aPreKeyUsedTwiceDuringCatchUp() throws {
        let bridge = try Client("bridge")
        let senders = [try Client("first"), try Client("second"), try Client("third")]
        var bundle = try bridge.engine.bundle()
        bundle.preKeys = [bundle.preKeys[0]]
        var messages: [EncryptedElement] = []
        for sender in senders {
            try sender.learnDevices(of: bridge)
            try sender.engine.establish(bundle: bundle, jid: bridge.jid, device: bridge.device)
            messages.append(try sender.send("from \(sender.jid)", to: bridge.jid))
        }
        for index in 0...1 {
            #expect(try bridge.text(messages[index], from: senders[index]) == "from \(senders[index].jid)")
        }
        #expect(bridge.store.state.usedPreKeys == [bundle.preKeys[0].id])
        try bridge.store.deleteUsedPreKeys()
        let error = try #require(throws: OMEMOError.self) { try bridge.receive(messages[2], from: senders[2]) }
        #expect(error.code == .unknownPreKey)
        #expect(error.isHealedByNewSession)
        // The sessions built with it live on.
        #expect(try bridge.text(try senders[0].send("still", to: bridge.jid), from: senders[0]) == "still")
    }

    @Test func theSignedPreKeyRotates() throws {
        let (bridge, late) = (try Client("bridge"), try Client("late"))
        let first = try bridge.engine.bundle()
        let start = bridge.time.now
        let period = OMEMOEngine.signedPreKeyPeriod
        #expect(try !bridge.engine.rotateSignedPreKeyIfDue(now: start.addingTimeInterval(period - 1)))
        #expect(try bridge.engine.rotateSignedPreKeyIfDue(now: start.addingTimeInterval(period)))
        let second = try bridge.engine.bundle()
        #expect(second.signedPreKeyID != first.signedPreKeyID)
        #expect(second.signedPreKey != first.signedPreKey)
        #expect(second.identityKey == first.identityKey)

        // The one before still opens what was on its way; the one before that does not.
        try late.learnDevices(of: bridge)
        try late.engine.establish(bundle: first, jid: bridge.jid, device: bridge.device)
        let message = try late.send("delayed", to: bridge.jid)
        #expect(try bridge.text(message, from: late) == "delayed")
        #expect(try bridge.engine.rotateSignedPreKeyIfDue(now: start.addingTimeInterval(2 * period)))
        let tooLate = try Client("toolate")
        try tooLate.learnDevices(of: bridge)
        try tooLate.engine.establish(bundle: first, jid: bridge.jid, device: bridge.device)
        let second2 = try tooLate.send("x", to: bridge.jid)
        #expect(try code { _ = try bridge.receive(second2, from: tooLate) } == .unknownPreKey)
    }

    @Test func exhaustedIDsAreNamed() throws {
        let client = try Client("bridge")
        client.store.state.lastPreKeyID = SignalContext.largestPreKeyID - 1
        let used = try #require(client.store.state.preKeys.keys.first)
        try client.store.preKeyWasUsed(used)
        #expect(try client.engine.replenish(), "the last id")
        client.store.state.usedPreKeys.insert(SignalContext.largestPreKeyID)
        #expect(try code { _ = try client.engine.replenish() } == .preKeyIDsExhausted)
    }

    @Test func deviceListUpdates() throws {
        let bridge = try Client("bridge")
        let jid = "contact@example.org"
        #expect(try bridge.engine.update(deviceList: DeviceList([1, 2]), for: jid) == [1, 2])
        bridge.time.now += 60
        #expect(try bridge.engine.update(deviceList: DeviceList([2, 3]), for: jid) == [3])
        let devices = try bridge.engine.devices(for: jid)
        #expect(devices.map(\.address.deviceID) == [1, 2, 3])
        #expect(devices.map(\.isActive) == [false, true, true])
        #expect(devices[2].firstSeen == bridge.time.now && devices[0].firstSeen < bridge.time.now)
        #expect(try bridge.engine.update(deviceList: DeviceList([1, 2, 3]), for: jid).isEmpty)
        #expect(try bridge.engine.devices(for: jid).allSatisfy(\.isActive))
        #expect(try bridge.engine.missingSessions(for: jid) == [1, 2, 3])
        try bridge.store.deleteAccount(jid)
        #expect(try bridge.engine.devices(for: jid).isEmpty)
    }

    @Test func fingerprint() throws {
        let key = try ECPublicKey(raw: Array(0..<32))
        #expect(
            key.fingerprint
                == "00010203 04050607 08090a0b 0c0d0e0f 10111213 14151617 18191a1b 1c1d1e1f")
    }
}

extension OMEMOEngine {
    /// A new signed prekey at once, signed by the identity the store now holds.
    func rotateNow() throws {
        _ = try rotateSignedPreKeyIfDue(now: clock().addingTimeInterval(Self.signedPreKeyPeriod))
    }
}
