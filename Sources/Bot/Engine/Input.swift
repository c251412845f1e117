/// A file that came with a message, as far as the bot tells them apart.
public enum InputAttachment: String, Sendable, Codable { case voice, file }

/// What reached the bot: one message of a contact.
public struct Input: Sendable, Equatable {
    /// The message, of any length; the engine looks at a bounded part of it.
    public let text: String
    /// Whether the message came end-to-end encrypted.
    public let isEncrypted: Bool
    /// The time of the message, in seconds since 1970.
    public let now: Int64
    /// When the message is nothing but the words of a card: what came of them.
    public let arrival: Arrival?
    /// The variety of the message, where it is known better than from the text.
    public let writtenIn: Variety?
    /// A file that came with it, which nobody but a person can take in.
    public let attachment: InputAttachment?

    public init(
        text: String, isEncrypted: Bool, now: Int64, arrival: Arrival? = nil, writtenIn: Variety? = nil,
        attachment: InputAttachment? = nil
    ) {
        self.arrival = arrival
        self.writtenIn = writtenIn
        self.text = text
        self.isEncrypted = isEncrypted
        self.now = now
        self.attachment = attachment
    }
}

/// What came of the words of a card. The bot is told no more, and so can say no more.
public enum Arrival: Sendable, Equatable {
    case right
    case notRecognised
    case tooOften
}

/// What the deployment decides about the bot.
public struct EngineSettings: Sendable, Equatable {
    /// Gives answers no lawyer has signed yet, marked as drafts. For demonstrations only.
    public var showDrafts: Bool
    /// The variety of a reply when nothing tells which one the contact reads.
    public var defaultVariety: Variety
    /// Seconds after which an unencrypted message in the same variety is told again how to
    /// switch encryption on, and an unreadable one to be sent again.
    public var noticeInterval: Int64
    /// Seconds after which a hand-over is acknowledged afresh.
    public var handOverInterval: Int64
    /// Seconds for which the numbers of a question keep their meaning.
    public var choiceLifetime: Int64

    public init(
        showDrafts: Bool = false, defaultVariety: Variety = .ar, noticeInterval: Int64 = 3_600,
        handOverInterval: Int64 = 12 * 3_600, choiceLifetime: Int64 = 24 * 3_600
    ) {
        self.showDrafts = showDrafts
        self.defaultVariety = defaultVariety == .other ? .ar : defaultVariety
        self.noticeInterval = noticeInterval
        self.handOverInterval = handOverInterval
        self.choiceLifetime = choiceLifetime
    }
}
