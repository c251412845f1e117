import Foundation

/// `POST /v1/conversations/{id}/replies`: words of staff to the contact.
public struct ReplyRequest: Codable, Sendable, Equatable {
    /// Characters of one reply at most.
    public static let limit = 4_000

    public var text: String
    /// The position of the newest item that its author saw. When staff wrote something since, the
    /// answer is `conflict`; an incoming message since is no obstacle.
    public var seen: Int64
    /// The topic whose text it is, when it is one, and in which variety.
    public var topic: String?
    public var variety: String?
    /// The proposal that this sends: its author wrote, and the one who asks now approves.
    public var proposal: Int64?
    /// Whether it may go out readable for every server on the way, to a contact who never wrote encrypted: whoever
    /// sends it was asked. Absent is no; the answer then is `notEncrypted`. To a contact who once wrote encrypted
    /// nothing goes in the clear, also with it.
    public var inTheClear: Bool?

    public init(
        text: String, seen: Int64, topic: String? = nil, variety: String? = nil, proposal: Int64? = nil,
        inTheClear: Bool? = nil
    ) {
        self.text = text
        self.seen = seen
        self.topic = topic
        self.variety = variety
        self.proposal = proposal
        self.inTheClear = inTheClear
    }
}

/// `PUT /v1/conversations/{id}/assignment`
public struct AssignmentRequest: Codable, Sendable, Equatable {
    /// For whom; empty for nobody.
    public var member: String
    /// Who has it as far as the one who asks knows: another answer than this is a `conflict`.
    public var from: String

    public init(member: String, from: String) {
        self.member = member
        self.from = from
    }
}

/// `PUT /v1/conversations/{id}/takeover`: the bot is silent, or speaks again.
public struct TakeoverRequest: Codable, Sendable, Equatable {
    /// Seconds without a word of staff after which a take-over lapses.
    public static let lifetime: Int64 = 12 * 3600

    /// Whether staff have the conversation.
    public var taken: Bool
    /// Take it from a colleague who has it. Without it that is a `conflict`.
    public var force: Bool

    public init(taken: Bool, force: Bool = false) {
        self.taken = taken
        self.force = force
    }
}

/// `PUT /v1/conversations/{id}/attention`: read, or to be read again.
public struct AttentionRequest: Codable, Sendable, Equatable {
    /// Whether a person must still look. `false` also says that the danger was read.
    public var waits: Bool
    /// The position of the newest item that was seen; with `waits: false` a newer one from the
    /// contact is a `conflict`.
    public var seen: Int64

    public init(waits: Bool, seen: Int64) {
        self.waits = waits
        self.seen = seen
    }
}

/// `POST /v1/suggestions`: the bot's best topics for a question, or what of a reply is never said. The
/// text is not kept.
public struct SuggestionRequest: Codable, Sendable, Equatable {
    public var text: String
    public init(text: String) { self.text = text }
}

public struct Suggestions: Codable, Sendable, Equatable {
    /// The variety of the question.
    public var variety: String
    /// Best first.
    public var suggestions: [Suggestion]
    /// What stands in the text and is never said to a contact.
    public var neverSaid: [NeverSaid]
    public init(variety: String, suggestions: [Suggestion], neverSaid: [NeverSaid] = []) {
        self.variety = variety
        self.suggestions = suggestions
        self.neverSaid = neverSaid
    }
}

/// A phrase that is never said to a contact. A reason to read once more, not a proof.
public struct NeverSaid: Codable, Sendable, Equatable {
    public var variety: String
    /// As the list has it.
    public var phrase: String
    public init(variety: String, phrase: String) {
        self.variety = variety
        self.phrase = phrase
    }
}

/// One topic with everything an intern needs to judge it.
public struct Suggestion: Codable, Sendable, Equatable {
    public var topic: String
    /// Estimated probability, 0 to 1.
    public var confidence: Double
    /// Where the answer comes from, and the day it was checked (`2026-11-21`).
    public var sources: [String]
    public var checked: String
    /// `released`, `draft` (waits for a lawyer), `expired`.
    public var review: String
    /// Who is to look along; empty if nobody.
    public var handOver: String
    /// The answer by variety: `nl`, `en`, `fr`, `ar`, `ary`, `ary-Latn`.
    public var texts: [String: String]
    /// What may be said while the answer is a draft, by variety.
    public var safeTexts: [String: String]

    public init(
        topic: String, confidence: Double, sources: [String], checked: String, review: String, handOver: String,
        texts: [String: String], safeTexts: [String: String]
    ) {
        self.topic = topic
        self.confidence = confidence
        self.sources = sources
        self.checked = checked
        self.review = review
        self.handOver = handOver
        self.texts = texts
        self.safeTexts = safeTexts
    }
}

/// `POST /v1/contacts/{id}/erase`
public struct EraseRequest: Codable, Sendable, Equatable {
    /// The contact's number once more, as a guard against a slip.
    public var confirm: Int64
    public init(confirm: Int64) { self.confirm = confirm }
}

/// What an erasure took away and what remains.
public struct ErasureReport: Codable, Sendable, Equatable {
    public var segmentKeys: Int
    public var records: Int
    public var addresses: Int
    /// Fixed words for what is still there: `audit-lines`, `dedup-hashes`, `key-backups-30-days`,
    /// `server-archive`.
    public var remains: [String]
    /// Other contacts who were told to be the same person, and who stay; `nil` when there were none.
    public var linked: [Int64]?

    public init(segmentKeys: Int, records: Int, addresses: Int, remains: [String], linked: [Int64]? = nil) {
        self.segmentKeys = segmentKeys
        self.records = records
        self.addresses = addresses
        self.remains = remains
        self.linked = linked
    }
}

/// A contact's own records, to make a readable copy: `GET /v1/contacts/{id}/records`.
public struct ContactRecords: Codable, Sendable, Equatable {
    public var contact: Int64
    public var createdAt: Milliseconds
    public var conversations: [InboxRow]
    /// Addresses, as the person gave them.
    public var addresses: [String]
    public var items: [SealedItem]
    public var segments: [SealedSegment]

    public init(
        contact: Int64, createdAt: Milliseconds, conversations: [InboxRow], addresses: [String], items: [SealedItem],
        segments: [SealedSegment]
    ) {
        self.contact = contact
        self.createdAt = createdAt
        self.conversations = conversations
        self.addresses = addresses
        self.items = items
        self.segments = segments
    }
}
