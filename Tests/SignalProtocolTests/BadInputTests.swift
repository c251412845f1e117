import SignalProtocol
import Testing

@Suite struct BadInputTests {
    @Test func bundleWithABadSignatureBuildsNoSession() throws {
        let (alice, bob, eve) = (try Peer("alice", device: 1), try Peer("bob", device: 2), try Peer("eve", device: 3))
        let good = try bob.bundle()
        var altered = good.signature
        altered[10] ^= 1
        let bundles = [
            good.with(signature: altered), good.with(signature: [UInt8](repeating: 0, count: 64)),
            good.with(signature: []), good.with(signature: Array(good.signature.dropLast())),
            good.with(signature: try eve.bundle().signature),
        ]
        for bundle in bundles {
            #expect(try signalKind { try alice.endpoint.establish(bundle, with: bob.address) } == .invalidKey)
        }
        #expect(alice.store.sessions.isEmpty)
        #expect(alice.store.identities.isEmpty)
    }

    @Test func replay() throws {
        let (alice, bob) = try Peer.pair()
        let message = try alice.encrypt("once", for: bob)
        #expect(try bob.decrypt(message, from: alice) == "once")
        let before = bob.store.sessions
        #expect(try signalKind { _ = try bob.decrypt(message, from: alice) } == .duplicateMessage)
        #expect(bob.store.sessions == before)
    }

    @Test func replayedPreKeyMessage() throws {
        let (alice, bob) = (try Peer("alice", device: 11), try Peer("bob", device: 22))
        try alice.endpoint.establish(try bob.bundle(), with: bob.address)
        let message = try alice.encrypt("once", for: bob)
        #expect(try bob.decrypt(message, from: alice) == "once")
        #expect(try signalKind { _ = try bob.decrypt(message, from: alice) } == .duplicateMessage)
    }

    /// Every byte of a message in turn: none of the altered ones may be accepted, none may disturb
    /// the session.
    @Test func everyAlteredByteIsRefused() throws {
        let (alice, bob) = try Peer.pair()
        let message = try alice.encrypt("intact", for: bob)
        let before = bob.store.sessions
        for index in message.bytes.indices {
            var bytes = message.bytes
            bytes[index] ^= 0x04
            let altered = Ciphertext(kind: .message, bytes: bytes)
            let kind = try signalKind { _ = try bob.decrypt(altered, from: alice) }
            #expect(kind != nil, "byte \(index) was altered and accepted")
        }
        var mac = message.bytes
        mac[mac.count - 1] ^= 1
        let tampered = Ciphertext(kind: .message, bytes: mac)
        #expect(try signalKind { _ = try bob.decrypt(tampered, from: alice) } == .invalidMessage)
        #expect(bob.store.sessions == before)
        #expect(try bob.decrypt(message, from: alice) == "intact")
    }

    @Test(arguments: [Ciphertext.Kind.message, .preKeyMessage])
    func everyTruncationIsRefused(kind: Ciphertext.Kind) throws {
        let (alice, bob) = try Peer.pair()
        if kind == .preKeyMessage {
            try alice.endpoint.establish(try bob.bundle(preKeyID: 2, signedPreKeyID: 2), with: bob.address)
        }
        let message = try alice.encrypt("whole", for: bob)
        #expect(message.kind == kind)
        for count in 0..<message.bytes.count {
            let short = Ciphertext(kind: kind, bytes: Array(message.bytes.prefix(count)))
            #expect(try signalKind { _ = try bob.decrypt(short, from: alice) } != nil, "\(count) bytes were accepted")
        }
        #expect(try bob.decrypt(message, from: alice) == "whole")
    }

    @Test(arguments: [Ciphertext.Kind.message, .preKeyMessage])
    func garbageIsRefused(kind: Ciphertext.Kind) throws {
        let (alice, bob) = try Peer.pair()
        for seed in UInt64(1)...200 {
            var state = seed
            let bytes: [UInt8] = (0..<Int(seed)).map { index in
                // A small fixed generator, so that a failure can be repeated.
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return index == 0 ? 0x33 : UInt8(truncatingIfNeeded: state >> 33)
            }
            let garbage = Ciphertext(kind: kind, bytes: bytes)
            #expect(try signalKind { _ = try bob.decrypt(garbage, from: alice) } != nil)
        }
        #expect(try bob.decrypt(try alice.encrypt("fine", for: bob), from: alice) == "fine")
    }

    @Test func wrongKindIsRefused() throws {
        let (alice, bob) = try Peer.pair()
        let message = try alice.encrypt("x", for: bob)
        let wrong = Ciphertext(kind: .preKeyMessage, bytes: message.bytes)
        #expect(try signalKind { _ = try bob.decrypt(wrong, from: alice) } != nil)
    }

    @Test func oldProtocolVersionIsNamed() throws {
        let (alice, bob) = try Peer.pair()
        var bytes = try alice.encrypt("x", for: bob).bytes
        bytes[0] = 0x13
        let old = Ciphertext(kind: .message, bytes: bytes)
        #expect(try signalKind { _ = try bob.decrypt(old, from: alice) } == .legacyMessage)
    }

    @Test func aJumpOf2000IsReadAndOneOf2001Refused() throws {
        let (alice, bob) = try Peer.pair()
        var last = try alice.encrypt("0", for: bob)
        for _ in 0..<2000 { last = try alice.encrypt("skipped", for: bob) }
        let tooFar = try alice.encrypt("number 2001", for: bob)
        #expect(try signalKind { _ = try bob.decrypt(tooFar, from: alice) } == .invalidMessage)
        #expect(try bob.decrypt(last, from: alice) == "skipped")
        #expect(try bob.decrypt(tooFar, from: alice) == "number 2001", "now it is the next one")
    }

    @Test func unknownPreKeyIsNamed() throws {
        let (alice, bob) = (try Peer("alice", device: 11), try Peer("bob", device: 22))
        try alice.endpoint.establish(try bob.bundle(), with: bob.address)
        bob.store.preKeys = [:]
        let message = try alice.encrypt("x", for: bob)
        #expect(try signalKind { _ = try bob.decrypt(message, from: alice) } == .invalidKeyID)
        #expect(bob.store.sessions.isEmpty)
    }

    @Test func changedIdentityIsRefused() throws {
        let (alice, bob) = try Peer.pair()
        // Another installation under the same address.
        let imposter = try Peer("alice", device: 11)
        try imposter.endpoint.establish(try bob.bundle(preKeyID: 2, signedPreKeyID: 2), with: bob.address)
        let message = try imposter.encrypt("it is me", for: bob)
        #expect(try signalKind { _ = try bob.decrypt(message, from: imposter) } == .untrustedIdentity)
        let bundle = try imposter.bundle()
        #expect(try signalKind { try bob.endpoint.establish(bundle, with: imposter.address) } == .untrustedIdentity)
        #expect(try bob.decrypt(try alice.encrypt("no, me", for: bob), from: alice) == "no, me")
    }

    @Test func brokenRecordsAreNamed() throws {
        let (alice, bob) = try Peer.pair()
        alice.store.sessions[bob.address] = [0xFF, 0xFF, 0xFF]
        #expect(try signalKind { _ = try alice.encrypt("x", for: bob) } == .malformedRecord)
        #expect(try signalKind { _ = try alice.context.preKey(record: [1, 2, 3]) } == .malformedRecord)
        #expect(try signalKind { _ = try alice.context.preKey(record: []) } == .invalidKey)
        #expect(try signalKind { _ = try alice.context.signedPreKey(record: [9]) } == .malformedRecord)
    }
}

extension SessionBundle {
    func with(signature: [UInt8]) -> SessionBundle {
        SessionBundle(
            identityKey: identityKey, signedPreKeyID: signedPreKeyID, signedPreKey: signedPreKey, signature: signature,
            preKeyID: preKeyID, preKey: preKey)
    }
}
