import SignalProtocol

extension Array where Element == UInt8 {
    /// Bytes of a published vector.
    init(hex: String) {
        let digits = Array<Character>(hex)
        self = stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        precondition(count * 2 == digits.count, "a vector must be written in whole bytes")
    }

    var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

/// One side of a conversation, all in memory.
final class Peer {
    let address: SignalAddress
    let context: SignalContext
    let store: InMemorySignalStore
    let endpoint: SignalEndpoint
    private let identity: ECKeyPair

    init(_ name: String, device: UInt32) throws {
        address = SignalAddress(name: "\(name)@example.org", deviceID: device)
        context = try SignalContext()
        identity = try context.generateKeyPair()
        store = InMemorySignalStore(identity: identity, registrationID: device)
        endpoint = try SignalEndpoint(
            context: context, sessions: store, preKeys: store, signedPreKeys: store, identities: store)
    }

    /// Publishes a bundle with one fresh prekey.
    func bundle(preKeyID: UInt32 = 1, signedPreKeyID: UInt32 = 1) throws -> SessionBundle {
        let signed = try context.generateSignedPreKey(id: signedPreKeyID, timestamp: 0, identity: identity)
        try store.storeSignedPreKey(signed.record, id: signed.id)
        let preKey = try context.generatePreKeys(ids: preKeyID...preKeyID)[0]
        try store.storePreKey(preKey.record, id: preKey.id)
        return SessionBundle(
            identityKey: identity.publicKey, signedPreKeyID: signed.id, signedPreKey: signed.publicKey,
            signature: signed.signature, preKeyID: preKey.id, preKey: preKey.publicKey)
    }

    func encrypt(_ text: String, for peer: Peer) throws -> Ciphertext {
        try endpoint.encrypt(Array(text.utf8), for: peer.address)
    }

    func decrypt(_ message: Ciphertext, from peer: Peer) throws -> String {
        String(decoding: try endpoint.decrypt(message, from: peer.address).plaintext, as: UTF8.self)
    }

    /// Two peers with a session known on both sides.
    static func pair() throws -> (alice: Peer, bob: Peer) {
        let (alice, bob) = (try Peer("alice", device: 11), try Peer("bob", device: 22))
        try alice.endpoint.establish(try bob.bundle(), with: bob.address)
        _ = try bob.decrypt(try alice.encrypt("first", for: bob), from: alice)
        _ = try alice.decrypt(try bob.encrypt("second", for: alice), from: bob)
        return (alice, bob)
    }
}

/// The kind of the `SignalError` that `body` throws; `nil` when it throws none.
func signalKind(_ body: () throws -> Void) throws -> SignalError.Kind? {
    do {
        try body()
        return nil
    } catch let error as SignalError {
        return error.kind
    }
}
