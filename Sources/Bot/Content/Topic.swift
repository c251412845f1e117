/// The stable key of a topic, as its file is named: `cvt-complaint-7-days`.
public struct TopicID: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Shorthand for literals in code and tests.
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
    public static func < (a: TopicID, b: TopicID) -> Bool { a.rawValue < b.rawValue }
}

/// Who a topic is written for.
public enum Audience: String, Sendable, Codable, CaseIterable {
    case person, relative, lawyer
}

/// Who takes a conversation over from the bot.
public enum HandOverTarget: String, Sendable, Codable, CaseIterable {
    case intern, coordinator, lawyer, doctor, crisis, finance, none
}

/// How sure the source of an answer is.
public enum SourceConfidence: String, Sendable, Codable, CaseIterable {
    case high, medium, low
}

/// One question the bot knows, without its words: those stand in the translations.
public struct Topic: Sendable, Equatable {
    /// What the bot does when it recognises the topic.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case answer
        /// Someone may be in danger: the bot says one calm thing and a person is alerted.
        case danger
    }

    public let id: TopicID
    public let group: String
    public let audience: [Audience]
    public let kind: Kind
    public let handOver: HandOverTarget
    /// The answer holds law: it is given only once a named lawyer has signed it.
    public let needsLawReview: Bool
    /// Whether a named lawyer has signed.
    public let isLawReviewed: Bool
    public let confidence: SourceConfidence
    /// The first second (UTC, since 1970) at which the answer is stale and no longer given.
    public let expiresAt: Int64

    public init(
        id: TopicID, group: String, audience: [Audience], kind: Kind, handOver: HandOverTarget,
        needsLawReview: Bool, isLawReviewed: Bool, confidence: SourceConfidence, expiresAt: Int64
    ) {
        self.id = id
        self.group = group
        self.audience = audience
        self.kind = kind
        self.handOver = handOver
        self.needsLawReview = needsLawReview
        self.isLawReviewed = isLawReviewed
        self.confidence = confidence
        self.expiresAt = expiresAt
    }
}
