import FoundationEssentials
import Messaging

/// A message as it is kept in the archive.
public struct MessageRecord: Hashable, Sendable {
    /// Seen from the bridge.
    public enum Direction: UInt8, Sendable {
        case incoming = 1
        case outgoing = 2
    }

    /// Who wrote it.
    public enum Author: UInt8, Sendable {
        case contact = 1
        case bot = 2
        case staff = 3
    }

    public var text: String
    public var direction: Direction
    public var author: Author
    /// When the sender's server took it; for our own, when it was written. Kept in milliseconds.
    public var sentAt: Date
    /// When the bridge stored it. Kept in milliseconds.
    public var receivedAt: Date
    public var channel: ChannelID
    public var protection: Protection
    /// The sending device, where the channel knows devices.
    public var device: UInt32?
    public var deviceIsNew: Bool
    /// The variety the bot recognised: a BCP 47 tag such as `ar`, `ary-Latn`, `nl`.
    public var language: String?
    /// The topic the bot found or answered with.
    public var topic: String?
    /// The member of staff who wrote it, by their short name in the roster.
    public var member: String?
    /// A file that belongs to it.
    public var attachment: AttachmentRecord?
    /// The earlier message that this one is about.
    public var reference: MessageReference?

    public init(
        text: String, direction: Direction, author: Author, sentAt: Date, receivedAt: Date, channel: ChannelID,
        protection: Protection, device: UInt32? = nil, deviceIsNew: Bool = false, language: String? = nil,
        topic: String? = nil, member: String? = nil, attachment: AttachmentRecord? = nil,
        reference: MessageReference? = nil
    ) {
        self.text = text
        self.direction = direction
        self.author = author
        self.sentAt = sentAt
        self.receivedAt = receivedAt
        self.channel = channel
        self.protection = protection
        self.device = device
        self.deviceIsNew = deviceIsNew
        self.language = language
        self.topic = topic
        self.member = member
        self.attachment = attachment
        self.reference = reference
    }
}

extension MessageRecord {
    /// Of a message without an attachment.
    package static let version: UInt8 = 1
    /// Of one with an attachment: the same fields, and those of `AttachmentRecord`.
    package static let attachmentVersion: UInt8 = 2
    package static let format = "message record"

    private enum Tag: UInt8 {
        case text = 1
        case direction, author, sentAt, receivedAt, channel, protection, device, deviceIsNew, language, topic, member
    }

    /// The stored form: a version byte, then fields in ascending order of their tags.
    public func encoded() -> [UInt8] {
        var writer = FieldWriter(version: attachment == nil ? Self.version : Self.attachmentVersion)
        writer.add(Tag.text.rawValue, text)
        writer.add(Tag.direction.rawValue, [direction.rawValue])
        writer.add(Tag.author.rawValue, [author.rawValue])
        writer.add(Tag.sentAt.rawValue, sentAt.milliseconds)
        writer.add(Tag.receivedAt.rawValue, receivedAt.milliseconds)
        writer.add(Tag.channel.rawValue, channel.rawValue)
        writer.add(Tag.protection.rawValue, protection.rawValue)
        if let device { writer.add(Tag.device.rawValue, Int64(device)) }
        if deviceIsNew { writer.add(Tag.deviceIsNew.rawValue, [1]) }
        if let language { writer.add(Tag.language.rawValue, language) }
        if let topic { writer.add(Tag.topic.rawValue, topic) }
        if let member { writer.add(Tag.member.rawValue, member) }
        attachment?.write(to: &writer)
        reference?.write(to: &writer)
        return writer.bytes
    }

    /// Reads the stored form. Throws `SealingError` naming what is wrong.
    public init(decoding bytes: [UInt8]) throws(SealingError) {
        let hasAttachment = bytes.first == Self.attachmentVersion
        let reader = try FieldReader(
            bytes, version: hasAttachment ? Self.attachmentVersion : Self.version, format: Self.format,
            known: Tag.text.rawValue...(hasAttachment ? AttachmentRecord.lastTag : Tag.member.rawValue))
        guard let direction = Direction(rawValue: try reader.byte(Tag.direction.rawValue)) else {
            throw .malformed(format: Self.format, reason: "its direction is not known")
        }
        guard let author = Author(rawValue: try reader.byte(Tag.author.rawValue)) else {
            throw .malformed(format: Self.format, reason: "its author is not known")
        }
        guard let protection = Protection(rawValue: try reader.string(Tag.protection.rawValue)) else {
            throw .malformed(format: Self.format, reason: "its protection is not known")
        }
        var device: UInt32?
        if let number = try reader.optionalNumber(Tag.device.rawValue) {
            guard let exact = UInt32(exactly: number) else {
                throw .malformed(format: Self.format, reason: "its device number is out of range")
            }
            device = exact
        }
        self.init(
            text: try reader.string(Tag.text.rawValue), direction: direction, author: author,
            sentAt: Date(milliseconds: try reader.number(Tag.sentAt.rawValue)),
            receivedAt: Date(milliseconds: try reader.number(Tag.receivedAt.rawValue)),
            channel: ChannelID(rawValue: try reader.string(Tag.channel.rawValue)), protection: protection,
            device: device, deviceIsNew: reader.fields[Tag.deviceIsNew.rawValue] != nil,
            language: try reader.optionalString(Tag.language.rawValue),
            topic: try reader.optionalString(Tag.topic.rawValue),
            member: try reader.optionalString(Tag.member.rawValue),
            attachment: hasAttachment ? try AttachmentRecord(reading: reader) : nil,
            reference: try MessageReference(reading: reader))
    }
}

extension Date {
    /// Milliseconds since 1970-01-01 UTC, rounded to the nearest.
    package var milliseconds: Int64 {
        Int64(exactly: (timeIntervalSince1970 * 1000).rounded()) ?? (timeIntervalSince1970 < 0 ? .min : .max)
    }

    package init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
