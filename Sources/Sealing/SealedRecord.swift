/// What a sealed record is. The raw value is bound to the ciphertext and never changes its meaning.
public struct RecordKind: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A `MessageRecord`.
    public static let message = RecordKind(rawValue: "message")
    /// Why an incoming message could not be read, with what was received of it.
    public static let unreadable = RecordKind(rawValue: "unreadable")
}

/// The place of a record: bound to its ciphertext, so that two records cannot change places.
public enum RecordID: Hashable, Sendable {
    /// A row number of the daemon's table of records.
    case row(Int64)
    /// 16 random bytes chosen by a staff program that seals before it knows a row number.
    case token([UInt8])

    package func add(to transcript: inout Transcript) {
        switch self {
        case .row(let row):
            transcript.add(UInt8(1))
            transcript.add(row)
        case .token(let token):
            transcript.add(UInt8(2))
            transcript.add(token)
        }
    }
}

/// The stored form of a record in the archive, version 1: version (1), nonce (12), ciphertext of
/// the padded record, tag (16).
package enum SealedRecord {
    package static let version: UInt8 = 1
    package static let format = "sealed record"

    package static func associatedData(
        _ segment: SegmentDescription, kind: RecordKind, record: RecordID
    ) -> [UInt8] {
        var transcript = Transcript("sila record", version: version)
        segment.add(to: &transcript)
        transcript.add(kind.rawValue)
        record.add(to: &transcript)
        return transcript.bytes
    }
}
