import Foundation
import SignalProtocol
import Testing

@testable import OMEMO

/// Which devices are taken on first use, which await a decision, and which are left out.
@Suite struct DeviceTests {
    private static let day: TimeInterval = 86_400

    private static func trust(_ bridge: Client, _ jid: String) throws -> [UInt32: DeviceTrust] {
        Dictionary(
            uniqueKeysWithValues: try bridge.engine.devices(for: jid).map { ($0.address.deviceID, $0.trust) })
    }

    @Test func theFirstListIsOfTheFirstContactAndALaterOneIsNot() throws {
        let bridge = try Client("bridge")
        let jid = "contact@example.org"
        try bridge.engine.update(deviceList: DeviceList([1, 2]), for: jid)
        try bridge.engine.update(deviceList: DeviceList([1, 2, 3]), for: jid)
        #expect(try Self.trust(bridge, jid) == [1: .undecided, 2: .undecided, 3: .unconfirmed])
        #expect(try bridge.engine.devices(for: jid).map(\.awaitsDecision) == [false, false, true])
        // Off the list it holds nothing up, back on it, it does again.
        try bridge.engine.update(deviceList: DeviceList([1]), for: jid)
        #expect(try bridge.engine.devices(for: jid).allSatisfy { !$0.awaitsDecision })
        try bridge.engine.update(deviceList: DeviceList([3]), for: jid)
        #expect(try bridge.engine.devices(for: jid).map(\.awaitsDecision) == [false, false, true])
    }

    /// Two devices write before any list was fetched: who came second is believed when the list names it that day.
    @Test(arguments: [(TimeInterval(3600), DeviceTrust.undecided), (25 * 3600, .unconfirmed)])
    func whoWritesBeforeTheFirstList(after delay: TimeInterval, trust: DeviceTrust) throws {
        let (bridge, phone, laptop) = (try Client("bridge"), try Client("contact"), try Client("contact"))
        for device in [phone, laptop] {
            try device.learnDevices(of: bridge)
            try device.connect(to: bridge)
            _ = try bridge.text(try device.send("salam", to: bridge.jid), from: device)
        }
        #expect(try Self.trust(bridge, phone.jid) == [phone.device: .undecided, laptop.device: .unconfirmed])
        bridge.time.now += delay
        try bridge.learnDevices(of: phone, laptop)
        #expect(try Self.trust(bridge, phone.jid) == [phone.device: .undecided, laptop.device: trust])
    }

    @Test func aDeviceThatWritesLaterAwaitsADecisionWhateverTheListSays() throws {
        let (bridge, contact) = try Client.pair()
        let tablet = try Client("contact")
        try tablet.learnDevices(of: bridge)
        try tablet.connect(to: bridge)
        let origin = try bridge.receive(try tablet.send("from the tablet", to: bridge.jid), from: tablet).origin
        #expect(origin?.trust == .unconfirmed && origin?.isNewDevice == true)
        try bridge.learnDevices(of: contact, tablet)
        #expect(try Self.trust(bridge, contact.jid)[tablet.device] == .unconfirmed)
        // What is for everybody goes to it.
        let message = try bridge.send("general", to: contact.jid)
        #expect(Set(message.keys.map(\.recipient)) == [contact.device, tablet.device])
        #expect(try bridge.store.confirmDevice(tablet.device, of: contact.jid))
        #expect(try Self.trust(bridge, contact.jid)[tablet.device] == .trusted)
    }

    @Test func exactlyTheKeyThatWasComparedIsDecidedAbout() throws {
        let bridge = try Client("bridge")
        let address = SignalAddress(name: "contact@example.org", deviceID: 7)
        let keys = try (0..<3).map { try ECPublicKey(raw: Array(UInt8($0)..<UInt8($0) + 32)) }
        try bridge.engine.update(deviceList: DeviceList([7]), for: address.name)
        try bridge.engine.noteIdentity(keys[0], of: 7, jid: address.name)
        #expect(try bridge.engine.devices(for: address.name).map(\.awaitsDecision) == [false])
        try bridge.engine.noteIdentity(keys[1], of: 7, jid: address.name)
        #expect(try bridge.engine.devices(for: address.name).map(\.claimedKey) == [keys[1]])
        #expect(try !bridge.store.confirmDevice(7, of: address.name), "words came under the old key")
        #expect(try !bridge.store.decide(true, about: keys[0], of: address))
        try bridge.engine.noteIdentity(keys[2], of: 7, jid: address.name)
        #expect(try !bridge.store.decide(true, about: keys[1], of: address), "it claims yet another one")
        #expect(try bridge.store.decide(true, about: keys[2], of: address))
        let device = try #require(try bridge.engine.devices(for: address.name).first)
        #expect(device.identityKey == keys[2] && device.claimedKey == nil && device.trust == .trusted)
        // Refused, and it claims the old one again: that changes nothing.
        #expect(try bridge.store.decide(false, about: keys[2], of: address))
        try bridge.engine.noteIdentity(keys[0], of: 7, jid: address.name)
        #expect(try bridge.engine.devices(for: address.name).map(\.awaitsDecision) == [false])
        #expect(try bridge.engine.missingSessions(for: address.name).isEmpty)
    }

    @Test func theRefusedMessageTellsWhichKeyItClaims() throws {
        let (bridge, contact) = try Client.pair()
        let imposter = try Client("contact")
        imposter.store.state.own = OwnDevice(
            id: contact.device, identity: try #require(imposter.store.state.own).identity)
        try imposter.engine.rotateNow()
        try imposter.learnDevices(of: bridge)
        try imposter.connect(to: bridge)
        let message = try imposter.send("it is me", to: bridge.jid)
        #expect(try code { _ = try bridge.receive(message, from: imposter) } == .identityChanged)
        try bridge.engine.noteClaimedIdentity(in: message, from: contact.jid)
        let key = try #require(imposter.store.state.own).identity.publicKey
        #expect(try bridge.engine.devices(for: contact.jid).map(\.claimedKey) == [key])
        #expect(
            try bridge.store.decide(
                true, about: key, of: SignalAddress(name: contact.jid, deviceID: contact.device)))
        #expect(try bridge.text(message, from: imposter) == "it is me", "what was set aside would open now")
    }

    @Test func aThousandAnnouncedDevicesAreBoundedAndTheRealOneIsWrittenToFirst() throws {
        let (bridge, contact) = (try Client("bridge"), try Client("contact"))
        try contact.learnDevices(of: bridge)
        try contact.connect(to: bridge)
        _ = try bridge.text(try contact.send("salam", to: bridge.jid), from: contact)
        let many = DeviceList((1...1_000).map { 3_000_000_000 + $0 } + [contact.device])
        #expect(try DeviceList(many.element) == many, "a long list is read")
        let new = try bridge.engine.update(deviceList: many, for: contact.jid)
        #expect(new.count == OMEMOEngine.mostListed - 1)
        #expect(try bridge.engine.update(deviceList: many, for: contact.jid).isEmpty)
        #expect(try bridge.engine.devices(for: contact.jid).count == OMEMOEngine.mostListed)
        try bridge.engine.dropSession(with: contact.device, jid: contact.jid)
        #expect(try bridge.engine.missingSessions(for: contact.jid).first == contact.device)
        // One that is beyond the bound is known once it writes.
        let late = try Client("contact")
        try late.learnDevices(of: bridge)
        try late.connect(to: bridge)
        _ = try bridge.text(try late.send("me too", to: bridge.jid), from: late)
        #expect(try Self.trust(bridge, contact.jid)[late.device] == .unconfirmed)
    }

    @Test func aDeviceLeftBehindIsLeftOutWhileThereAreOthersAndComesBack() throws {
        let (bridge, phone) = try Client.pair()
        let laptop = try Client("contact")
        try laptop.learnDevices(of: bridge)
        try laptop.connect(to: bridge)
        _ = try bridge.text(try laptop.send("salam", to: bridge.jid), from: laptop)
        try bridge.learnDevices(of: phone, laptop)
        _ = try bridge.send("one", to: phone.jid)
        bridge.time.now += OMEMOEngine.stalePeriod + Self.day
        // The phone answers, the laptop does not.
        func talk(_ count: Int) throws -> EncryptedElement {
            var last = try bridge.send("x", to: phone.jid)
            for _ in 1..<count {
                _ = try? bridge.text(try phone.send("still here", to: bridge.jid), from: phone)
                last = try bridge.send("x", to: phone.jid)
                _ = try phone.text(last, from: bridge)
            }
            return last
        }
        _ = try phone.text(try bridge.send("x", to: phone.jid), from: bridge)
        #expect(try talk(50).keys.count == 2, "not before so many were sent")
        #expect(try talk(60).keys.map(\.recipient) == [phone.device])
        let left = try bridge.engine.devices(for: phone.jid).filter { $0.staleSince != nil }
        #expect(left.map(\.address.deviceID) == [laptop.device])
        _ = try bridge.text(try laptop.send("back again", to: bridge.jid), from: laptop)
        #expect(Set(try bridge.send("x", to: phone.jid).keys.map(\.recipient)) == [phone.device, laptop.device])
    }

    @Test func theOnlyDeviceIsWrittenToHoweverLongItIsSilent() throws {
        let (bridge, contact) = try Client.pair()
        try bridge.learnDevices(of: contact)
        bridge.time.now += OMEMOEngine.stalePeriod + Self.day
        for _ in 0...OMEMOEngine.staleChainLength { _ = try bridge.send("x", to: contact.jid) }
        #expect(try bridge.engine.devices(for: contact.jid).first?.staleSince != nil)
        let last = try bridge.send("still for you", to: contact.jid)
        #expect(try contact.text(last, from: bridge) == "still for you")
    }
}
