import SignalProtocol
import Testing

@testable import OMEMO

@Suite struct RefusalTests {
    @Test func replay() throws {
        let (bridge, contact) = try Client.pair()
        let message = try contact.send("once", to: bridge.jid)
        #expect(try bridge.text(message, from: contact) == "once")
        let error = try #require(throws: OMEMOError.self) { try bridge.receive(message, from: contact) }
        #expect(error.code == .replayed)
        #expect(!error.isHealedByNewSession)
    }

    @Test func reorderedMessagesAreRead() throws {
        let (bridge, contact) = try Client.pair()
        let messages = try (0..<6).map { try contact.send("number \($0)", to: bridge.jid) }
        for index in [5, 0, 3, 1, 4, 2] {
            #expect(try bridge.text(messages[index], from: contact) == "number \(index)")
        }
    }

    @Test func tamperedPayload() throws {
        let (bridge, contact) = try Client.pair()
        let message = try contact.send("intact", to: bridge.jid)
        var altered = message
        altered.payload?[0] ^= 1
        var otherIV = message
        otherIV.iv[0] ^= 1
        var short = message
        short.payload?.removeLast()
        for wrong in [altered, otherIV, short] {
            #expect(try code { _ = try bridge.receive(wrong, from: contact) } == .tamperedPayload)
        }
        // Nothing was consumed: the untouched message is still readable.
        #expect(try bridge.text(message, from: contact) == "intact")
    }

    @Test func tamperedKey() throws {
        let (bridge, contact) = try Client.pair()
        let message = try contact.send("intact", to: bridge.jid)
        let key = message.keys[0]
        var bytes = key.data
        bytes[bytes.count - 1] ^= 1
        let altered = message.with(key: bytes)
        #expect(try code { _ = try bridge.receive(altered, from: contact) } == .brokenSession)
        for garbage in [[0x33], [UInt8](repeating: 0x33, count: 80), Array(key.data.dropLast(20))] as [[UInt8]] {
            #expect(try code { _ = try bridge.receive(message.with(key: garbage), from: contact) } != nil)
            #expect(
                try code { _ = try bridge.receive(message.with(key: garbage, isPreKey: true), from: contact) } != nil)
        }
        #expect(try bridge.text(message, from: contact) == "intact")
    }

    @Test func aMessageOfSomeoneElseDoesNotPass() throws {
        let (bridge, contact) = try Client.pair()
        let mallory = try Client("mallory")
        let message = try contact.send("mine", to: bridge.jid)
        #expect(try code { _ = try bridge.receive(message, from: mallory) } == .noSession)
        #expect(try bridge.engine.devices(for: mallory.jid).isEmpty, "the refused message left a device behind")
    }

    @Test func changedIdentity() throws {
        let (bridge, contact) = try Client.pair()
        // Another installation that claims the same device id.
        let imposter = try Client("contact")
        imposter.store.state.own = OwnDevice(
            id: contact.device, identity: try #require(imposter.store.state.own).identity)
        try imposter.engine.rotateNow()
        try imposter.learnDevices(of: bridge)
        try imposter.connect(to: bridge)
        let message = try imposter.send("it is me", to: bridge.jid)
        let error = try #require(throws: OMEMOError.self) { try bridge.receive(message, from: imposter) }
        #expect(error.code == .identityChanged)
        #expect(!error.isHealedByNewSession, "only a person can decide this")
        #expect(try code { try bridge.connect(to: imposter) } == .identityChanged)
        #expect(try bridge.text(try contact.send("no, me", to: bridge.jid), from: contact) == "no, me")

        try bridge.engine.setTrust(.trusted, of: contact.device, jid: contact.jid)
        try bridge.engine.acceptNewIdentity(of: contact.device, jid: contact.jid)
        let accepted = try bridge.receive(message, from: imposter)
        #expect(accepted.origin?.isNewDevice == true)
        #expect(try bridge.engine.devices(for: contact.jid).map(\.trust) == [.undecided])
    }

    @Test func aJumpOf2001IsRefused() throws {
        let (bridge, contact) = try Client.pair()
        let address = contact.address(of: bridge)
        for _ in 0..<2001 { _ = try contact.engine.endpoint.encrypt([UInt8](repeating: 0, count: 32), for: address) }
        let message = try contact.send("far ahead", to: bridge.jid)
        #expect(try code { _ = try bridge.receive(message, from: contact) } == .brokenSession)
    }

    @Test func messageKeysOfWrongLength() throws {
        let (bridge, contact) = try Client.pair()
        for count in [0, 15, 17, 31, 33, 64] {
            let bytes = [UInt8](repeating: 1, count: count)
            let message = try contact.message(key: bytes, payload: [1, 2, 3], for: bridge)
            #expect(try code { _ = try bridge.receive(message, from: contact) } == .badMessageKey)
        }
    }

    @Test func textThatIsNotUTF8() throws {
        let (bridge, contact) = try Client.pair()
        for bytes in [[0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0x61, 0xC0]] as [[UInt8]] {
            let (key, iv) = (randomBytes(16), randomBytes(12))
            let sealed = try AESGCM.seal(bytes, key: key, iv: iv)
            let message = try contact.message(key: key + sealed.tag, iv: iv, payload: sealed.ciphertext, for: bridge)
            #expect(try code { _ = try bridge.receive(message, from: contact) } == .badText)
        }
    }

    /// The older form (16-byte key, tag behind the ciphertext), and IVs of 12 and of 16 bytes.
    @Test(arguments: [12, 16], [true, false])
    func olderForms(ivCount: Int, tagAppended: Bool) throws {
        let (bridge, contact) = try Client.pair()
        let (key, iv) = (randomBytes(16), randomBytes(ivCount))
        let sealed = try AESGCM.seal(Array("old but fine".utf8), key: key, iv: iv)
        let message = try contact.message(
            key: tagAppended ? key : key + sealed.tag, iv: iv,
            payload: sealed.ciphertext + (tagAppended ? sealed.tag : []), for: bridge)
        let received = try EncryptedElement(message.element)
        #expect(try bridge.text(received, from: contact) == "old but fine")
        var altered = try contact.message(
            key: tagAppended ? key : key + sealed.tag, iv: iv,
            payload: sealed.ciphertext + (tagAppended ? sealed.tag : []), for: bridge)
        altered.payload?[3] ^= 0x10
        #expect(try code { _ = try bridge.receive(altered, from: contact) } == .tamperedPayload)
    }

    @Test func tagAppendedFormShorterThanATag() throws {
        let (bridge, contact) = try Client.pair()
        for count in [0, 15] {
            let message = try contact.message(
                key: randomBytes(16), payload: [UInt8](repeating: 0, count: count), for: bridge)
            #expect(try code { _ = try bridge.receive(message, from: contact) } == .tamperedPayload)
        }
    }

    @Test func keyTransportWithABareKey() throws {
        let (bridge, contact) = try Client.pair()
        let key = randomBytes(16)
        let message = try contact.message(key: key, payload: nil, for: bridge)
        let received = try bridge.receive(message, from: contact)
        #expect(received == .keyTransport(key: key, iv: message.iv, from: try #require(received.origin)))
    }

    /// Device ids are unique within an account only: another recipient may have ours.
    @Test func anotherKeyWithOurIDDoesNotHideOurs() throws {
        let (bridge, contact) = try Client.pair()
        var message = try contact.send("found", to: bridge.jid)
        message.keys.insert(.init(recipient: bridge.device, isPreKey: false, data: [0x33, 1, 2, 3]), at: 0)
        #expect(try bridge.text(message, from: contact) == "found")
    }

    @Test func trustIsReportedAndBlockedDevicesAreStillRead() throws {
        let (bridge, contact) = try Client.pair()
        for trust in DeviceTrust.allCases {
            try bridge.engine.setTrust(trust, of: contact.device, jid: contact.jid)
            let message = try bridge.receive(try contact.send("x", to: bridge.jid), from: contact)
            #expect(message.origin?.trust == trust)
        }
    }

    @Test func aBrokenStoredSessionIsOurFault() throws {
        let (bridge, contact) = try Client.pair()
        let message = try contact.send("x", to: bridge.jid)
        bridge.store.state.sessions[bridge.address(of: contact)] = [0xFF, 0xFF]
        #expect(try code { _ = try bridge.receive(message, from: contact) } == .library)
    }

    @Test func notSetUp() throws {
        let engine = try OMEMOEngine(context: SignalContext(), store: InMemoryOMEMOStore())
        let element = EncryptedElement(sender: 1, keys: [], iv: randomBytes(12), payload: nil)
        #expect(try code { _ = try engine.bundle() } == .notSetUp)
        #expect(try code { _ = try engine.deviceList() } == .notSetUp)
        #expect(try code { _ = try engine.encrypt("x", for: ["a@example.org"]) } == .notSetUp)
        #expect(try code { _ = try engine.decrypt(element, from: "a@example.org") } == .notSetUp)
        #expect(try code { _ = try engine.rotateSignedPreKeyIfDue(now: .distantFuture) } == .notSetUp)
    }
}

extension EncryptedElement {
    /// The message with other bytes in its first key.
    func with(key bytes: [UInt8], isPreKey: Bool = false) -> EncryptedElement {
        var copy = self
        copy.keys[0] = Key(recipient: keys[0].recipient, isPreKey: isPreKey, data: bytes)
        return copy
    }
}

extension Client {
    /// A message whose key and payload are as given, the key encrypted by the ratchet.
    func message(
        key: [UInt8], iv: [UInt8] = randomBytes(12), payload: [UInt8]?, for other: Client
    ) throws -> EncryptedElement {
        let encrypted = try engine.endpoint.encrypt(key, for: address(of: other))
        return EncryptedElement(
            sender: device,
            keys: [.init(recipient: other.device, isPreKey: encrypted.kind == .preKeyMessage, data: encrypted.bytes)],
            iv: iv, payload: payload)
    }
}
