import Messaging

/// The name of one segment key: 16 random bytes, made with the key.
public struct SegmentID: Hashable, Sendable {
    public static let byteCount = 16
    public let bytes: [UInt8]

    /// Throws `SealingError.malformed` unless there are 16 bytes.
    public init(bytes: [UInt8]) throws(SealingError) {
        guard bytes.count == Self.byteCount else {
            throw .malformed(format: "segment id", reason: "it has \(bytes.count) bytes instead of \(Self.byteCount)")
        }
        self.bytes = bytes
    }
}

/// What a segment key is for. It is stored in the clear beside the wrapped key and bound to it:
/// changing one of these in the database makes the segment unreadable.
public struct SegmentDescription: Hashable, Sendable {
    public let id: SegmentID
    /// The contact as known when the segment was made. When contacts are merged later, this stays.
    public let contact: ContactID
    public let day: ArchiveDay
    public let compartment: Compartment

    public init(id: SegmentID, contact: ContactID, day: ArchiveDay, compartment: Compartment) {
        self.id = id
        self.contact = contact
        self.day = day
        self.compartment = compartment
    }

    /// What the wrapped key and each record are bound to.
    package func add(to transcript: inout Transcript) {
        transcript.add(id.bytes)
        transcript.add(contact.rawValue)
        transcript.add(Int64(day.daysSince1970))
        transcript.add(compartment.rawValue)
    }
}

/// A segment key, sealed to the archive key of its compartment (HPKE, RFC 9180 §6.1, base mode).
///
/// Bytes of version 1: version (1), id of the archive key (16), encapsulated key (32),
/// sealed segment key (32 + 16); 97 in all.
public struct WrappedSegment: Hashable, Sendable {
    package static let version: UInt8 = 1
    package static let format = "wrapped segment key"
    package static let byteCount = 1 + KeyID.byteCount + 32 + 32 + 16

    public let bytes: [UInt8]
    /// The archive key that opens it.
    public let archiveKey: KeyID

    /// Reads the stored form. Throws `SealingError` when the version or the length is not known.
    public init(bytes: [UInt8]) throws(SealingError) {
        guard let version = bytes.first else { throw .malformed(format: Self.format, reason: "it is empty") }
        guard version == Self.version else { throw .unsupportedVersion(format: Self.format, found: version) }
        guard bytes.count == Self.byteCount else {
            throw .malformed(
                format: Self.format, reason: "it has \(bytes.count) bytes instead of \(Self.byteCount)")
        }
        archiveKey = try KeyID(bytes: Array(bytes[1..<1 + KeyID.byteCount]))
        self.bytes = bytes
    }

    package var encapsulatedKey: [UInt8] {
        Array(bytes[1 + KeyID.byteCount..<1 + KeyID.byteCount + 32])
    }

    package var sealedKey: [UInt8] { Array(bytes[(1 + KeyID.byteCount + 32)...]) }

    /// HPKE `info`: the use, the version and the archive key.
    package static func info(archiveKey: KeyID) -> [UInt8] {
        var transcript = Transcript("sila segment key", version: version)
        transcript.add(archiveKey.bytes)
        return transcript.bytes
    }

    /// HPKE `aad`: what the segment is for.
    package static func associatedData(_ segment: SegmentDescription) -> [UInt8] {
        var transcript = Transcript("sila segment", version: version)
        segment.add(to: &transcript)
        return transcript.bytes
    }
}
