import SignalProtocol

/// Messages of the ratchet through our wrapper of libsignal-protocol-c: bytes as they come, and valid messages and
/// bundles with a few bytes changed, as keys are new at each start.
///
/// The first byte says which; edits are three bytes each: what is done, where, and with what.
enum RatchetTarget: FuzzTarget {
    static let name = "ratchet"
    static let longest = 512

    static func seeds() throws -> [[UInt8]] {
        let parties = try Parties.shared.get()
        return [
            [0] + parties.message.bytes, [1] + parties.first.bytes, [2], [3], [4], [2, 1, 40, 1], [3, 1, 2, 1],
            [3, 2, 60, 0], [3, 3, 250, 0x28], [4, 1, 3, 0x80], [4, 1, 70, 1],
        ]
    }

    static func run(_ input: [UInt8]) throws {
        let parties = try Parties.shared.get()
        parties.reset()
        var reader = InputReader(input)
        switch reader.byte() % 5 {
        case 0: try parties.open(Ciphertext(kind: .message, bytes: Array(reader.rest)))
        case 1: try parties.open(Ciphertext(kind: .preKeyMessage, bytes: Array(reader.rest)))
        case 2:
            try parties.open(Ciphertext(kind: .message, bytes: edited(parties.message.bytes, &reader)))
        case 3:
            try parties.open(Ciphertext(kind: .preKeyMessage, bytes: edited(parties.first.bytes, &reader)))
        default: try parties.establish(edited(parties.bundleBytes, &reader))
        }
    }

    private static func edited(_ valid: [UInt8], _ reader: inout InputReader) -> [UInt8] {
        var bytes = valid
        while !reader.isAtEnd, !bytes.isEmpty {
            let (action, place, value) = (reader.byte(), Int(reader.byte()) % bytes.count, reader.byte())
            switch action % 5 {
            case 0: bytes[place] = value
            case 1: bytes[place] ^= value
            case 2: bytes.removeLast(bytes.count - place)
            case 3: bytes.insert(value, at: place)
            default: bytes.append(value)
            }
        }
        return bytes
    }

    /// Bob has a session with alice's device 1; her device 2 writes for the first time.
    private final class Parties {
        // The fuzzer calls from one thread, and so does the test.
        nonisolated(unsafe) static let shared = Result { try Parties() }

        static let text = Array("wach kayn chi jdid?".utf8)
        let message: Ciphertext
        let first: Ciphertext
        /// Identity, signed prekey, prekey (33 bytes each) and signature.
        let bundleBytes: [UInt8]
        private let bob: Device
        private let sessions: [SignalAddress: [UInt8]]
        private let preKeys: [UInt32: [UInt8]]
        private let identities: [SignalAddress: ECPublicKey]

        private final class Device {
            let context: SignalContext
            let store: InMemorySignalStore
            let endpoint: SignalEndpoint
            let address: SignalAddress
            private let identity: ECKeyPair

            init(_ name: String, _ id: UInt32) throws {
                address = SignalAddress(name: "\(name)@example.org", deviceID: id)
                context = try SignalContext()
                identity = try context.generateKeyPair()
                store = InMemorySignalStore(identity: identity, registrationID: id)
                endpoint = try SignalEndpoint(
                    context: context, sessions: store, preKeys: store, signedPreKeys: store, identities: store)
            }

            func bundle(_ id: UInt32) throws -> SessionBundle {
                let signed = try context.generateSignedPreKey(id: id, timestamp: 0, identity: identity)
                let preKey = try context.generatePreKeys(ids: id...id)[0]
                try store.storeSignedPreKey(signed.record, id: id)
                try store.storePreKey(preKey.record, id: id)
                return SessionBundle(
                    identityKey: identity.publicKey, signedPreKeyID: id, signedPreKey: signed.publicKey,
                    signature: signed.signature, preKeyID: id, preKey: preKey.publicKey)
            }
        }

        init() throws {
            bob = try Device("bob", 22)
            let (known, new) = (try Device("alice", 1), try Device("alice", 2))
            try known.endpoint.establish(try bob.bundle(1), with: bob.address)
            _ = try bob.endpoint.decrypt(known.endpoint.encrypt(Self.text, for: bob.address), from: known.address)
            _ = try known.endpoint.decrypt(bob.endpoint.encrypt(Self.text, for: known.address), from: bob.address)
            message = try known.endpoint.encrypt(Self.text, for: bob.address)
            try new.endpoint.establish(try bob.bundle(2), with: bob.address)
            first = try new.endpoint.encrypt(Self.text, for: bob.address)
            let published = try new.bundle(3)
            bundleBytes =
                published.identityKey.serialized + published.signedPreKey.serialized + published.preKey.serialized
                + published.signature
            sessions = bob.store.sessions
            preKeys = bob.store.preKeys
            identities = bob.store.identities
        }

        func reset() {
            bob.store.sessions = sessions
            bob.store.preKeys = preKeys
            bob.store.identities = identities
        }

        func open(_ ciphertext: Ciphertext) throws {
            let from = SignalAddress(name: "alice@example.org", deviceID: ciphertext.kind == .message ? 1 : 2)
            do {
                let opened = try bob.endpoint.decrypt(ciphertext, from: from)
                try promise(opened.plaintext == Self.text, "an altered message opens to other words")
            } catch is SignalError {
                try promise(bob.store.sessions == sessions, "a message that does not open has changed a session")
            }
            do { _ = try ciphertext.claimedIdentity(bob.context) } catch is SignalError {}
        }

        func establish(_ bytes: [UInt8]) throws {
            let parts = [0..<33, 33..<66, 66..<99].map { $0.upperBound <= bytes.count ? Array(bytes[$0]) : [] }
            do {
                let bundle = SessionBundle(
                    identityKey: try ECPublicKey(serialized: parts[0]), signedPreKeyID: 3,
                    signedPreKey: try ECPublicKey(serialized: parts[1]), signature: Array(bytes.dropFirst(99)),
                    preKeyID: 3, preKey: try ECPublicKey(serialized: parts[2]))
                try bob.endpoint.establish(bundle, with: SignalAddress(name: "alice@example.org", deviceID: 3))
                // The prekey is signed by nobody: the other side would not have it.
                let signed = { (bytes: [UInt8]) in
                    var signed = Array(bytes.prefix(66) + bytes.dropFirst(99))
                    // X25519 does not look at a key's last bit (RFC 7748 §5): it is the same identity.
                    signed[32] &= 0x7f
                    return signed
                }
                try promise(signed(bytes) == signed(bundleBytes), "a bundle that was altered builds a session")
            } catch is SignalError {
                try promise(bob.store.sessions == sessions, "a bundle that is refused has built a session")
            }
        }
    }
}
