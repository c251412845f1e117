import Crypto
import Sealing

/// The private half of a compartment's key.
public struct ArchivePrivateKey: Sendable, CustomStringConvertible {
    public let publicKey: ArchivePublicKey
    let secret: SecretBytes
    let recipient: RecipientKey

    /// A new random key.
    public init(compartment: Compartment, generation: UInt32) throws(UnsealingError) {
        let key = Curve25519.KeyAgreement.PrivateKey()
        var bytes = Array(key.rawRepresentation)
        do {
            publicKey = try ArchivePublicKey(
                compartment: compartment, generation: generation,
                publicKey: Array(key.publicKey.rawRepresentation))
        } catch {
            throw .sealing(error)
        }
        secret = SecretBytes(wiping: &bytes)
        recipient = RecipientKey(key: key)
    }

    /// From 32 bytes that must belong to the public key.
    init(publicKey: ArchivePublicKey, secret: SecretBytes) throws(UnsealingError) {
        let key = secret.withUnsafeBytes { try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0) }
        guard let key, Array(key.publicKey.rawRepresentation) == publicKey.publicKey else {
            throw .wrongArchiveKey(publicKey.id)
        }
        self.publicKey = publicKey
        self.secret = secret
        recipient = RecipientKey(key: key)
    }

    public var description: String { "<private archive key of \(publicKey.compartment.rawValue)>" }
}

/// Opens the archive with the private keys it holds.
public struct ArchiveOpener: Sendable {
    let keys: [KeyID: ArchivePrivateKey]

    public init(keys: [ArchivePrivateKey]) {
        self.keys = Dictionary(keys.map { ($0.publicKey.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The compartments of which at least one key is held.
    public var compartments: Set<Compartment> { Set(keys.values.map(\.publicKey.compartment)) }

    /// The public halves of the keys that are held.
    public var publicKeys: [ArchivePublicKey] { keys.values.map(\.publicKey) }

    /// Opens a segment key. `segment` is what the database says beside it; if that was changed,
    /// this throws `SealingError.notAuthentic`.
    public func open(
        _ wrapped: WrappedSegment, segment: SegmentDescription
    ) throws(UnsealingError) -> OpenedSegment {
        guard let key = keys[wrapped.archiveKey] else { throw .archiveKeyMissing(wrapped.archiveKey) }
        guard key.publicKey.compartment == segment.compartment else {
            throw .sealing(
                .wrongCompartment(expected: key.publicKey.compartment, found: segment.compartment))
        }
        do {
            let secret = try key.recipient.open(
                encapsulatedKey: wrapped.encapsulatedKey, ciphertext: wrapped.sealedKey,
                info: WrappedSegment.info(archiveKey: wrapped.archiveKey),
                authenticating: WrappedSegment.associatedData(segment), format: WrappedSegment.format)
            return OpenedSegment(segment: segment, secret: secret)
        } catch {
            throw .sealing(error)
        }
    }
}

/// A segment key that opens records.
public struct OpenedSegment: Sendable, CustomStringConvertible {
    public let segment: SegmentDescription
    let secret: SecretBytes

    init(segment: SegmentDescription, secret: SecretBytes) {
        self.segment = segment
        self.secret = secret
    }

    /// Opens a record in the place where it was sealed. Throws `UnsealingError.sealing`.
    public func open(
        _ sealed: [UInt8], kind: RecordKind, record: RecordID
    ) throws(UnsealingError) -> [UInt8] {
        do {
            let padded = try AEAD.open(
                sealed, key: secret.key, version: SealedRecord.version,
                authenticating: SealedRecord.associatedData(segment, kind: kind, record: record),
                format: SealedRecord.format)
            return try Padding.unpad(padded, format: SealedRecord.format)
        } catch {
            throw .sealing(error)
        }
    }

    /// Opens a message.
    public func openMessage(_ sealed: [UInt8], record: RecordID) throws(UnsealingError) -> MessageRecord {
        let bytes = try open(sealed, kind: .message, record: record)
        do {
            return try MessageRecord(decoding: bytes)
        } catch {
            throw .sealing(error)
        }
    }

    public var description: String { "<opened segment of \(segment.compartment.rawValue) on \(segment.day)>" }
}
