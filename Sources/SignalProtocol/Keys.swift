internal import CSignalProtocol

/// A Curve25519 public key in the library's form: 0x05, then 32 bytes.
public struct ECPublicKey: Hashable, Sendable {
    /// Length of the serialised form in bytes.
    public static let serializedCount = 33
    private static let djbType: UInt8 = 0x05

    /// 33 bytes, the first 0x05: what stands in bundles and what signed prekeys sign.
    public let serialized: [UInt8]

    /// The 32 bytes of RFC 7748.
    public var raw: [UInt8] { Array(serialized.dropFirst()) }

    /// - Parameter serialized: 33 bytes, the first 0x05.
    /// - Throws: `SignalError` of kind `invalidKey` for any other length or first byte.
    public init(serialized: [UInt8]) throws {
        guard serialized.count == Self.serializedCount, serialized[0] == Self.djbType else {
            throw SignalError(.invalidKey, operation: "decode-public-key")
        }
        self.serialized = serialized
    }

    /// - Parameter raw: the 32 bytes of RFC 7748.
    /// - Throws: `SignalError` of kind `invalidKey` for any other length.
    public init(raw: [UInt8]) throws { try self.init(serialized: [Self.djbType] + raw) }

    func withHandle<R>(_ context: SignalContext, _ body: (OpaquePointer) throws -> R) throws -> R {
        let key = try Handle<Counted>("decode-public-key") { out in
            context.withPointer { curve_decode_point(out, serialized, serialized.count, $0) }
        }
        return try key.withPointer(body)
    }
}

/// A Curve25519 private key: 32 bytes, clamped. Printing it shows nothing of it.
public struct ECPrivateKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The key itself, 32 bytes.
    public let bytes: [UInt8]

    /// - Parameter bytes: 32 bytes; they are clamped (RFC 7748 §5), which the library leaves out.
    /// - Throws: `SignalError` of kind `invalidKey` for any other length.
    public init(bytes: [UInt8]) throws {
        guard bytes.count == 32 else { throw SignalError(.invalidKey, operation: "decode-private-key") }
        var clamped = bytes
        clamped[0] &= 248
        clamped[31] &= 127
        clamped[31] |= 64
        self.bytes = clamped
    }

    public var description: String { "<private key>" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }

    func withHandle<R>(_ context: SignalContext, _ body: (OpaquePointer) throws -> R) throws -> R {
        let key = try Handle<Counted>("decode-private-key") { out in
            context.withPointer { curve_decode_private_point(out, bytes, bytes.count, $0) }
        }
        return try key.withPointer(body)
    }
}

/// A pair of Curve25519 keys; as an identity it names a device for its lifetime.
public struct ECKeyPair: Sendable {
    /// The half others know.
    public let publicKey: ECPublicKey
    /// The half that stays here.
    public let privateKey: ECPrivateKey

    /// A pair; whether the halves belong together is not checked.
    public init(publicKey: ECPublicKey, privateKey: ECPrivateKey) {
        self.publicKey = publicKey
        self.privateKey = privateKey
    }

    /// Copies both halves out of an `ec_key_pair` that stays the library's.
    init(borrowing pair: OpaquePointer) throws {
        publicKey = try ECPublicKey(borrowing: ec_key_pair_get_public(pair))
        let bytes = try Handle<BufferHandle>("serialize-private-key") {
            ec_private_key_serialize($0, ec_key_pair_get_private(pair))
        }
        privateKey = try ECPrivateKey(bytes: bytes.bytes())
    }
}

extension ECPublicKey {
    /// Copies an `ec_public_key` that stays the library's.
    init(borrowing key: OpaquePointer?) throws {
        let buffer = try Handle<BufferHandle>("serialize-public-key") { ec_public_key_serialize($0, key) }
        try self.init(serialized: buffer.bytes())
    }
}

/// A one-time prekey.
public struct PreKey: Sendable {
    /// 1 to 2^24-2.
    public let id: UInt32
    /// The half that stands in the bundle.
    public let publicKey: ECPublicKey
    /// Both halves in the library's own format: what a `PreKeyStore` keeps. Secret.
    public let record: [UInt8]
}

/// A signed prekey.
public struct SignedPreKey: Sendable {
    /// Names it in bundles and messages.
    public let id: UInt32
    /// When it was made, in milliseconds since 1970.
    public let timestamp: UInt64
    /// The half that stands in the bundle.
    public let publicKey: ECPublicKey
    /// XEdDSA signature of the serialised public key by the identity key, 64 bytes.
    public let signature: [UInt8]
    /// Both halves in the library's own format: what a `SignedPreKeyStore` keeps. Secret.
    public let record: [UInt8]
}
