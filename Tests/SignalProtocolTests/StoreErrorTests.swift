import SignalProtocol
import Testing

/// What a store throws must reach the caller as it was thrown, from every callback.
@Suite struct StoreErrorTests {
    struct DiskFull: Error, Equatable { let place: String }

    /// An in-memory store that throws at one place.
    final class FailingStore: SessionStore, PreKeyStore, SignedPreKeyStore, IdentityKeyStore {
        let inner: InMemorySignalStore
        var failing: String?
        init(_ inner: InMemorySignalStore) { self.inner = inner }

        private func pass<R>(_ place: String, _ body: () throws -> R) throws -> R {
            if failing == place { throw DiskFull(place: place) }
            return try body()
        }

        func loadSession(_ address: SignalAddress) throws -> [UInt8]? {
            try pass("loadSession") { try inner.loadSession(address) }
        }
        func storeSession(_ record: [UInt8], for address: SignalAddress) throws {
            try pass("storeSession") { try inner.storeSession(record, for: address) }
        }
        func deleteSession(_ address: SignalAddress) throws { try inner.deleteSession(address) }
        func loadPreKey(_ id: UInt32) throws -> [UInt8]? { try pass("loadPreKey") { try inner.loadPreKey(id) } }
        func storePreKey(_ record: [UInt8], id: UInt32) throws { try inner.storePreKey(record, id: id) }
        func preKeyWasUsed(_ id: UInt32) throws { try pass("preKeyWasUsed") { try inner.preKeyWasUsed(id) } }
        func loadSignedPreKey(_ id: UInt32) throws -> [UInt8]? {
            try pass("loadSignedPreKey") { try inner.loadSignedPreKey(id) }
        }
        func storeSignedPreKey(_ record: [UInt8], id: UInt32) throws { try inner.storeSignedPreKey(record, id: id) }
        func identityKeyPair() throws -> ECKeyPair { try pass("identityKeyPair") { try inner.identityKeyPair() } }
        func localRegistrationID() throws -> UInt32 {
            try pass("localRegistrationID") { try inner.localRegistrationID() }
        }
        func saveIdentity(_ key: ECPublicKey, for address: SignalAddress) throws {
            try pass("saveIdentity") { try inner.saveIdentity(key, for: address) }
        }
        func isTrusted(_ key: ECPublicKey, for address: SignalAddress) throws -> Bool {
            try pass("isTrusted") { try inner.isTrusted(key, for: address) }
        }
    }

    private func endpoint(over peer: Peer) throws -> (FailingStore, SignalEndpoint) {
        let store = FailingStore(peer.store)
        let endpoint = try SignalEndpoint(
            context: peer.context, sessions: store, preKeys: store, signedPreKeys: store, identities: store)
        return (store, endpoint)
    }

    @Test(arguments: [
        "loadSession", "storeSession", "loadPreKey", "preKeyWasUsed", "loadSignedPreKey", "identityKeyPair",
        "localRegistrationID", "saveIdentity", "isTrusted",
    ])
    func whileDecryptingAPreKeyMessage(place: String) throws {
        let (alice, bob) = (try Peer("alice", device: 11), try Peer("bob", device: 22))
        try alice.endpoint.establish(try bob.bundle(), with: bob.address)
        let message = try alice.encrypt("once more", for: bob)
        let (store, endpoint) = try endpoint(over: bob)
        store.failing = place
        #expect(throws: DiskFull(place: place)) { try endpoint.decrypt(message, from: alice.address) }
        guard place != "preKeyWasUsed" else { return }
        // What the caller's transaction would undo.
        bob.store.sessions = [:]
        bob.store.identities = [:]
        store.failing = nil
        let opened = try endpoint.decrypt(message, from: alice.address)
        #expect(opened.plaintext == Array("once more".utf8), "the error must not stick")
    }

    @Test(arguments: [
        "loadSession", "storeSession", "identityKeyPair", "localRegistrationID", "saveIdentity", "isTrusted",
    ])
    func whileBuildingASession(place: String) throws {
        let (alice, bob) = (try Peer("alice", device: 11), try Peer("bob", device: 22))
        let bundle = try bob.bundle()
        let (store, endpoint) = try endpoint(over: alice)
        store.failing = place
        #expect(throws: DiskFull(place: place)) { try endpoint.establish(bundle, with: bob.address) }
    }

    @Test(arguments: ["loadSession", "storeSession"])
    func whileEncryptingAndDecrypting(place: String) throws {
        let (alice, bob) = try Peer.pair()
        let (store, endpoint) = try endpoint(over: alice)
        let message = try bob.encrypt("x", for: alice)
        store.failing = place
        #expect(throws: DiskFull(place: place)) { try endpoint.encrypt([1], for: bob.address) }
        #expect(throws: DiskFull(place: place)) { try endpoint.decrypt(message, from: bob.address) }
        store.failing = nil
        #expect(try endpoint.decrypt(message, from: bob.address).plaintext == Array("x".utf8))
    }
}
