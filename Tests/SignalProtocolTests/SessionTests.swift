import SignalProtocol
import Testing

@Suite struct SessionTests {
    @Test func conversation() throws {
        let (alice, bob) = (try Peer("alice", device: 11), try Peer("bob", device: 22))
        try alice.endpoint.establish(try bob.bundle(preKeyID: 7), with: bob.address)

        let first = try alice.encrypt("salaam", for: bob)
        #expect(first.kind == .preKeyMessage)
        let opened = try bob.endpoint.decrypt(first, from: alice.address)
        #expect(opened.plaintext == Array("salaam".utf8))
        #expect(opened.usedPreKeyID == 7)
        #expect(opened.builtSession)
        #expect(bob.store.usedPreKeys == [7])

        let reply = try bob.encrypt("wa alaykum", for: alice)
        #expect(reply.kind == .message)
        #expect(try alice.decrypt(reply, from: bob) == "wa alaykum")

        let next = try alice.encrypt("third", for: bob)
        #expect(next.kind == .message, "the reply has acknowledged the session")
        let third = try bob.endpoint.decrypt(next, from: alice.address)
        #expect(third.usedPreKeyID == nil)
        #expect(!third.builtSession)
    }

    @Test func secondPreKeyMessageUsesTheSameSession() throws {
        let (alice, bob) = (try Peer("alice", device: 11), try Peer("bob", device: 22))
        try alice.endpoint.establish(try bob.bundle(), with: bob.address)
        let (first, second) = (try alice.encrypt("one", for: bob), try alice.encrypt("two", for: bob))
        #expect(second.kind == .preKeyMessage)
        // In the wrong order, and the second must not need the prekey any more.
        #expect(try bob.endpoint.decrypt(second, from: alice.address).builtSession)
        let opened = try bob.endpoint.decrypt(first, from: alice.address)
        #expect(opened.plaintext == Array("one".utf8))
        #expect(!opened.builtSession)
        #expect(opened.usedPreKeyID == nil)
    }

    @Test func reorderedMessagesAreRead() throws {
        let (alice, bob) = try Peer.pair()
        let messages = try (0..<20).map { try alice.encrypt("number \($0)", for: bob) }
        for index in [3, 0, 19, 7, 1, 2] {
            #expect(try bob.decrypt(messages[index], from: alice) == "number \(index)")
        }
        // A turn of the ratchet in between must not lose the ones still missing.
        #expect(try alice.decrypt(try bob.encrypt("turn", for: alice), from: bob) == "turn")
        #expect(try bob.decrypt(try alice.encrypt("after", for: bob), from: alice) == "after")
        #expect(try bob.decrypt(messages[5], from: alice) == "number 5")
    }

    @Test func counterCountsTheChain() throws {
        let (alice, bob) = try Peer.pair()
        for expected in UInt32(0)..<3 {
            let message = try alice.encrypt("x", for: bob)
            #expect(try bob.endpoint.decrypt(message, from: alice.address).counter == expected)
        }
    }

    @Test func missingSessionIsNamed() throws {
        let (alice, bob) = (try Peer("alice", device: 11), try Peer("bob", device: 22))
        #expect(try signalKind { _ = try alice.encrypt("x", for: bob) } == .noSession)
        let (carol, dave) = try Peer.pair()
        let message = try carol.encrypt("x", for: dave)
        #expect(try signalKind { _ = try alice.decrypt(message, from: carol) } == .noSession)
    }

    @Test func namesWithAnyCharactersReachTheStoreUnchanged() throws {
        let alice = try Peer("älïcé+صلة", device: 4_294_967_295)
        let bob = try Peer("bob", device: 1)
        try bob.endpoint.establish(try alice.bundle(), with: alice.address)
        #expect(Array(bob.store.sessions.keys) == [alice.address])
        #expect(Array(bob.store.identities.keys) == [alice.address])
        #expect(try alice.decrypt(try bob.encrypt("x", for: alice), from: bob) == "x")
    }

    @Test func replacedSessionsAreArchivedOnlyUpToTheLimit() throws {
        let (alice, bob) = try Peer.pair()
        for id in UInt32(2)...12 {
            try alice.endpoint.establish(try bob.bundle(preKeyID: id, signedPreKeyID: id), with: bob.address)
            _ = try bob.decrypt(try alice.encrypt("again", for: bob), from: alice)
        }
        let limit = SignalEndpoint.defaultArchivedStates
        #expect(try alice.endpoint.archivedStates(of: bob.address) == limit)
        #expect(try bob.endpoint.archivedStates(of: alice.address) == limit)
        // The current state is not the one that goes.
        #expect(try alice.decrypt(try bob.encrypt("still here", for: alice), from: bob) == "still here")
        #expect(try alice.endpoint.pruneArchivedStates(of: bob.address, keeping: 1) == limit - 1)
        #expect(try alice.endpoint.archivedStates(of: bob.address) == 1)
        #expect(try bob.decrypt(try alice.encrypt("and here", for: bob), from: alice) == "and here")
        #expect(try alice.endpoint.pruneArchivedStates(of: alice.address, keeping: 1) == 0, "no session, nothing to do")
    }

    @Test func aMessageOfAnArchivedStateIsRead() throws {
        let (alice, bob) = try Peer.pair()
        let late = try bob.encrypt("late", for: alice)
        try alice.endpoint.establish(try bob.bundle(preKeyID: 2, signedPreKeyID: 2), with: bob.address)
        #expect(try alice.decrypt(late, from: bob) == "late")
    }

    @Test func recordsCanBeReadBack() throws {
        let context = try SignalContext()
        let identity = try context.generateKeyPair()
        let preKeys = try context.generatePreKeys(ids: 5...7)
        #expect(preKeys.map(\.id) == [5, 6, 7])
        #expect(Set(preKeys.map(\.publicKey)).count == 3)
        let again = try context.preKey(record: preKeys[1].record)
        #expect(again.id == 6)
        #expect(again.publicKey == preKeys[1].publicKey)

        let signed = try context.generateSignedPreKey(id: 9, timestamp: 1_700_000_000_123, identity: identity)
        #expect(try context.verify(signed.signature, of: signed.publicKey.serialized, by: identity.publicKey))
        let read = try context.signedPreKey(record: signed.record)
        #expect(read.id == 9)
        #expect(read.timestamp == 1_700_000_000_123)
        #expect(read.signature == signed.signature)
        #expect(read.publicKey == signed.publicKey)
    }

    @Test(arguments: [0...1, 16_777_214...16_777_215] as [ClosedRange<UInt32>])
    func preKeyIDsOutOfRange(ids: ClosedRange<UInt32>) throws {
        let context = try SignalContext()
        #expect(try signalKind { _ = try context.generatePreKeys(ids: ids) } == .invalidKeyID)
    }
}
