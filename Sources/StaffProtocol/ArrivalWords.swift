import Foundation

/// `PUT /v1/conversations/{id}/arrival-words`: the card of a person.
public struct ArrivalWordsRequest: Codable, Sendable, Equatable {
    public enum Action: String, Codable, Sendable, CaseIterable {
        /// A new card, with `code`. The one before it is good for nothing.
        case give
        /// The card is good for nothing.
        case revoke
        /// This address may try words again.
        case resetTries = "reset-tries"
    }

    public var action: Action
    /// With `give` only: what stands on the card, in its form without a language: `words-12-3-100-7-8-9`. Drawn on the
    /// staff machine; the bridge keeps a keyed hash.
    public var code: String?

    public init(action: Action, code: String? = nil) {
        self.action = action
        self.code = code
    }
}

/// `GET /v1/conversations/{id}/arrival-words`: what is known of the card, never what stands on it.
public struct ArrivalWordsStatus: Codable, Sendable, Equatable {
    public var conversation: Int64
    /// `words`, `digits`; empty when there is no card.
    public var form: String
    /// 0 without a card.
    public var madeAt: Milliseconds
    public var madeBy: String
    public var expiresAt: Milliseconds
    /// When its words were last right; 0 if they never were.
    public var usedAt: Milliseconds
    /// When they came readable for others; 0 if they did not. Then a new card is needed.
    public var exposedAt: Milliseconds
    /// Wrong tries of this address.
    public var tries: Int
    /// Whether nothing is looked up for this address any more, until its tries are reset.
    public var isBlocked: Bool

    public init(
        conversation: Int64, form: String, madeAt: Milliseconds, madeBy: String, expiresAt: Milliseconds,
        usedAt: Milliseconds, exposedAt: Milliseconds, tries: Int, isBlocked: Bool
    ) {
        self.conversation = conversation
        self.form = form
        self.madeAt = madeAt
        self.madeBy = madeBy
        self.expiresAt = expiresAt
        self.usedAt = usedAt
        self.exposedAt = exposedAt
        self.tries = tries
        self.isBlocked = isBlocked
    }
}

/// `PUT /v1/conversations/{id}/person`: whose conversation it is.
public struct PersonRequest: Codable, Sendable, Equatable {
    public enum Action: String, Codable, Sendable, CaseIterable {
        /// It is the same person's as `of`.
        case link
        /// It stands alone again.
        case unlink
        /// The one who asks knew the person by their voice on this address.
        case recognise
    }

    public var action: Action
    /// With `link` only: another conversation of the person.
    public var of: Int64?

    public init(action: Action, of: Int64? = nil) {
        self.action = action
        self.of = of
    }
}

/// That a conversation is one of several of a person.
public struct PersonLink: Codable, Sendable, Equatable {
    /// The first contact: as whom all of them are told.
    public var contact: Int64
    /// The other conversations, oldest first, as far as the one who asks is served them.
    public var conversations: [Int64]
    /// How this one came to the person: `first`, `arrival-words` (the words on their card), `staff`.
    public var how: String
    /// When; 0 for the first.
    public var since: Milliseconds
    /// When a member knew the person by their voice on this address; 0 if nobody has. Until then it may be anybody who
    /// knows the words.
    public var recognisedAt: Milliseconds
    public var recognisedBy: String

    public init(
        contact: Int64, conversations: [Int64], how: String, since: Milliseconds, recognisedAt: Milliseconds,
        recognisedBy: String
    ) {
        self.contact = contact
        self.conversations = conversations
        self.how = how
        self.since = since
        self.recognisedAt = recognisedAt
        self.recognisedBy = recognisedBy
    }

    /// Whether somebody may be writing who only knows the words.
    public var isUnrecognised: Bool { how == "arrival-words" && recognisedAt == 0 }
}
