import Crypto

/// The short name of a public key in stored formats: the first 16 bytes of a hash of the key.
public struct KeyID: Hashable, Sendable, CustomStringConvertible {
    public static let byteCount = 16
    public let bytes: [UInt8]

    /// Throws `SealingError.malformed` unless there are 16 bytes.
    public init(bytes: [UInt8]) throws(SealingError) {
        guard bytes.count == Self.byteCount else {
            throw .malformed(format: "key id", reason: "it has \(bytes.count) bytes instead of \(Self.byteCount)")
        }
        self.bytes = bytes
    }

    package init(publicKey: [UInt8]) {
        var transcript = Transcript("sila key id", version: 1)
        transcript.add(publicKey)
        bytes = Array(SHA256.hash(data: transcript.bytes).prefix(Self.byteCount))
    }

    /// 32 hexadecimal digits.
    public var description: String { Hexadecimal.encode(bytes) }
}

/// The public half of a compartment's key: whoever has it can put records into the archive, and
/// nobody can take one out with it.
public struct ArchivePublicKey: Hashable, Sendable {
    public let compartment: Compartment
    /// 1 for the first key of a compartment, one more after each rotation.
    public let generation: UInt32
    /// X25519, 32 bytes (RFC 7748).
    public let publicKey: [UInt8]
    public let id: KeyID

    /// Throws `SealingError.malformed` unless the key is a usable X25519 key and the generation is positive.
    public init(compartment: Compartment, generation: UInt32, publicKey: [UInt8]) throws(SealingError) {
        guard generation > 0 else {
            throw .malformed(format: "archive key", reason: "its generation is 0; the first is 1")
        }
        do {
            _ = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey)
        } catch {
            throw .malformed(format: "archive key", reason: "it is not an X25519 public key of 32 bytes")
        }
        self.compartment = compartment
        self.generation = generation
        self.publicKey = publicKey
        id = KeyID(publicKey: publicKey)
    }
}
