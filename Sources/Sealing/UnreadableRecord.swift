import FoundationEssentials

/// An incoming message that could not be opened, as it is kept in the archive for staff.
public struct UnreadableRecord: Hashable, Sendable {
    /// A short fixed word: `bad-mac`, `replayed`, `malformed`.
    public var code: String
    /// What staff read about it.
    public var reason: String
    /// When the sender's server took it. Kept in milliseconds.
    public var sentAt: Date
    /// What was received, in the channel's own format; cut to `payloadLimit` bytes.
    public var payload: [UInt8]
    /// The length of what was received, in bytes.
    public var receivedCount: Int64

    /// Bytes of a payload that are kept: beyond it nothing could be read anyway.
    public static let payloadLimit = 1 << 20

    public init(code: String, reason: String, sentAt: Date, payload: [UInt8]) {
        self.code = code
        self.reason = reason
        self.sentAt = sentAt
        self.payload = Array(payload.prefix(Self.payloadLimit))
        receivedCount = Int64(payload.count)
    }
}

extension UnreadableRecord {
    package static let version: UInt8 = 1
    package static let format = "unreadable record"

    private enum Tag: UInt8 {
        case code = 1
        case reason, sentAt, payload, receivedCount
    }

    /// The stored form: a version byte, then fields in ascending order of their tags.
    public func encoded() -> [UInt8] {
        var writer = FieldWriter(version: Self.version)
        writer.add(Tag.code.rawValue, code)
        writer.add(Tag.reason.rawValue, reason)
        writer.add(Tag.sentAt.rawValue, sentAt.milliseconds)
        writer.add(Tag.payload.rawValue, payload)
        writer.add(Tag.receivedCount.rawValue, receivedCount)
        return writer.bytes
    }

    /// Reads the stored form. Throws `SealingError` naming what is wrong.
    public init(decoding bytes: [UInt8]) throws(SealingError) {
        let reader = try FieldReader(
            bytes, version: Self.version, format: Self.format, known: Tag.code.rawValue...Tag.receivedCount.rawValue)
        code = try reader.string(Tag.code.rawValue)
        reason = try reader.string(Tag.reason.rawValue)
        sentAt = Date(milliseconds: try reader.number(Tag.sentAt.rawValue))
        payload = Array(try reader.bytes(Tag.payload.rawValue))
        receivedCount = try reader.number(Tag.receivedCount.rawValue)
    }
}
