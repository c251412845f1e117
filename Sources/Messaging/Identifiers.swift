/// The name of a channel, as it stands in the store: `xmpp`, later `signal`, `whatsapp`.
public struct ChannelID: RawRepresentable, Hashable, Sendable, Codable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let xmpp = ChannelID(rawValue: "xmpp")
}

/// Where a person can be reached on one channel: a bare JID, a telephone number.
///
/// Its text is personal data: printing an address shows the channel only.
public struct Address: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public let channel: ChannelID
    public let value: String

    public init(channel: ChannelID, value: String) {
        self.channel = channel
        self.value = value
    }

    public var description: String { "\(channel.rawValue):<address>" }
    public var debugDescription: String { description }
}

/// A person, over all their addresses. A row number of the store.
public struct ContactID: Hashable, Sendable, Codable {
    public let rawValue: Int64
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
}

/// One conversation: one address on one channel. A row number of the store.
public struct ConversationID: Hashable, Sendable, Codable {
    public let rawValue: Int64
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
}

/// One message on its way out. A row number of the store.
public struct OutboxID: Hashable, Sendable, Codable {
    public let rawValue: Int64
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
}

/// The id we give a message we send, random, so that it can be found again in our own archive
/// (XEP-0359 §4).
public struct OriginID: Hashable, Sendable, Codable {
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
}

/// A position in a channel's own archive (XMPP: the archive id of XEP-0313).
public struct ArchivePosition: Hashable, Sendable, Codable {
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// The archive did not have the last one any more, and nothing has come since.
    public var isLost: Bool { rawValue.isEmpty }
}

/// What the channel must be told once a message is committed. Opaque outside the channel.
public struct AcknowledgementToken: Hashable, Sendable {
    public let rawValue: UInt64
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}
