internal import CSignalProtocol

extension SignalContext {
    /// The largest prekey id in use; ids are reused after it, which a store must prevent.
    public static let largestPreKeyID: UInt32 = 0xFF_FFFE

    /// Makes a new key pair, for an identity or any other use.
    public func generateKeyPair() throws -> ECKeyPair {
        let pair = try Handle<Counted>("generate-key-pair") { out in
            withPointer { curve_generate_key_pair($0, out) }
        }
        return try pair.withPointer { try ECKeyPair(borrowing: $0) }
    }

    /// Makes one-time prekeys, one for each id.
    /// - Parameter ids: each 1 to `largestPreKeyID`.
    /// - Throws: `SignalError` of kind `invalidKeyID` when an id is out of range.
    public func generatePreKeys(ids: ClosedRange<UInt32>) throws -> [PreKey] {
        guard ids.lowerBound >= 1, ids.upperBound <= Self.largestPreKeyID else {
            throw SignalError(.invalidKeyID, operation: "generate-prekeys")
        }
        return try ids.map { id in
            let pair = try Handle<Counted>("generate-prekey") { out in
                withPointer { curve_generate_key_pair($0, out) }
            }
            let preKey = try pair.withPointer { pair in
                try Handle<Counted>("create-prekey") { session_pre_key_create($0, id, pair) }
            }
            return try preKey.withPointer { try PreKey(borrowing: $0) }
        }
    }

    /// Makes a signed prekey.
    /// - Parameter timestamp: milliseconds since 1970, kept in the record.
    public func generateSignedPreKey(id: UInt32, timestamp: UInt64, identity: ECKeyPair) throws -> SignedPreKey {
        let made = try withIdentityHandle(identity) { identity in
            try Handle<Counted>("generate-signed-prekey") { out in
                withPointer {
                    signal_protocol_key_helper_generate_signed_pre_key(out, identity, id, timestamp, $0)
                }
            }
        }
        return try made.withPointer { try SignedPreKey(borrowing: $0) }
    }

    /// Reads a prekey back from what a `PreKeyStore` kept.
    /// - Throws: `SignalError` of kind `malformedRecord` or `invalidKey`.
    public func preKey(record: [UInt8]) throws -> PreKey {
        let key = try Handle<Counted>("read-prekey") { out in
            withPointer { session_pre_key_deserialize(out, record, record.count, $0) }
        }
        return try key.withPointer { try PreKey(borrowing: $0) }
    }

    /// Reads a signed prekey back from what a `SignedPreKeyStore` kept.
    /// - Throws: `SignalError` of kind `malformedRecord` or `invalidKey`.
    public func signedPreKey(record: [UInt8]) throws -> SignedPreKey {
        let key = try Handle<Counted>("read-signed-prekey") { out in
            withPointer { session_signed_pre_key_deserialize(out, record, record.count, $0) }
        }
        return try key.withPointer { try SignedPreKey(borrowing: $0) }
    }

    private func withIdentityHandle<R: ~Copyable>(
        _ identity: ECKeyPair, _ body: (OpaquePointer) throws -> R
    ) throws -> R {
        let publicKey = try Handle<Counted>("decode-public-key") { out in
            withPointer { curve_decode_point(out, identity.publicKey.serialized, ECPublicKey.serializedCount, $0) }
        }
        let privateKey = try Handle<Counted>("decode-private-key") { out in
            withPointer { curve_decode_private_point(out, identity.privateKey.bytes, 32, $0) }
        }
        let pair = try publicKey.withPointer { publicKey in
            try privateKey.withPointer { privateKey in
                try Handle<Counted>("create-identity") { ratchet_identity_key_pair_create($0, publicKey, privateKey) }
            }
        }
        return try pair.withPointer(body)
    }
}

extension PreKey {
    /// Copies a `session_pre_key` that stays the caller's.
    init(borrowing key: OpaquePointer) throws {
        id = session_pre_key_get_id(key)
        publicKey = try ECPublicKey(borrowing: ec_key_pair_get_public(session_pre_key_get_key_pair(key)))
        record = try Handle<BufferHandle>("serialize-prekey") { session_pre_key_serialize($0, key) }.bytes()
    }
}

extension SignedPreKey {
    /// Copies a `session_signed_pre_key` that stays the caller's.
    init(borrowing key: OpaquePointer) throws {
        id = session_signed_pre_key_get_id(key)
        timestamp = session_signed_pre_key_get_timestamp(key)
        publicKey = try ECPublicKey(borrowing: ec_key_pair_get_public(session_signed_pre_key_get_key_pair(key)))
        signature = Array(
            UnsafeBufferPointer(
                start: session_signed_pre_key_get_signature(key), count: session_signed_pre_key_get_signature_len(key)))
        record = try Handle<BufferHandle>("serialize-signed-prekey") { session_signed_pre_key_serialize($0, key) }
            .bytes()
    }
}
