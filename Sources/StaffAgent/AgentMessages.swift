import Foundation
import StaffProtocol

/// What passes between the agent and the programs of the same person: over a Unix socket, frames of a
/// length (4 bytes, most significant first) and JSON. One answer to each request, in their order.
public enum AgentProtocol {
    /// Rises when a message changes its meaning.
    public static let version = 1
    /// Bytes of one frame at most, either way.
    public static let frameLimit = 32 << 20
    /// Segments that one request opens at most; a client splits more.
    public static let segmentLimit = 2_000
    /// Characters of a query, and hits of an answer, at most.
    public static let queryLimit = 1_000
    public static let hitLimit = 500
}

/// What a client asks.
public enum AgentRequest: Codable, Sendable, Equatable {
    /// How the agent stands. Does not count as use.
    case status
    /// A signature over `LoginTranscript.bytes`.
    case signLogin(deployment: Data, challenge: Data)
    /// The roster and keyring as the bridge gives them. The agent checks the roster against its own
    /// pin, takes the archive keys, and forgets everything when the member is not in it any more.
    case use(roster: Data, keyring: Data)
    /// Segment keys, opened.
    case open(segments: [SealedSegment])
    /// The key of a `LocalPurpose`.
    case localKey(purpose: String)
    /// Searches the index; those with every word as typed first, the newest of them first.
    case search(query: String, limit: Int)
    /// Items to be indexed, with their segments. Without effect while the archive is being read.
    case add(segments: [SealedSegment], items: [SealedItem])
    /// Items to be forgotten: by position, and all of these conversations and contacts.
    case remove(positions: [Int64], conversations: [Int64], contacts: [Int64])
    /// The conversations of the index, those with the newest items first. For completion at the prompt: does not
    /// count as use.
    case recentConversations(limit: Int)
    /// Forget everything and end.
    case lock
}

extension AgentRequest {
    /// Whether it puts off the moment at which the agent forgets.
    var isUse: Bool {
        switch self {
        case .status, .recentConversations: false
        default: true
        }
    }
}

/// What the agent answers.
public enum AgentAnswer: Codable, Sendable, Equatable {
    case status(AgentStatus)
    case signature(Data)
    /// One for each segment that opened; the others are left out.
    case opened([OpenedSecret])
    case localKey(Data)
    case found(SearchAnswer)
    case conversations([Int64])
    case done
    case failed(AgentError)
}

/// An opened segment key.
public struct OpenedSecret: Codable, Sendable, Equatable {
    /// `SealedSegment.token`.
    public var token: Data
    /// 32 bytes.
    public var secret: Data

    public init(token: Data, secret: Data) {
        self.token = token
        self.secret = secret
    }
}

/// A request or an answer with the version of what it is written in.
struct Versioned<Body: Codable & Sendable>: Codable, Sendable {
    var version: Int
    var body: Body
}

/// How the agent stands.
public struct AgentStatus: Codable, Sendable, Equatable {
    /// Whose keys it holds.
    public var member: String
    /// When it was unlocked.
    public var since: Milliseconds
    /// When it forgets everything if nobody uses it, and when in any case.
    public var forgetsAt: Milliseconds
    public var endsAt: Milliseconds
    /// The compartments it can open; empty until it was given the keyring.
    public var compartments: [String]
    public var index: IndexStatus
    /// Whether the memory of the keys is kept out of swap.
    public var isMemoryLocked: Bool

    public init(
        member: String, since: Milliseconds, forgetsAt: Milliseconds, endsAt: Milliseconds, compartments: [String],
        index: IndexStatus, isMemoryLocked: Bool
    ) {
        self.member = member
        self.since = since
        self.forgetsAt = forgetsAt
        self.endsAt = endsAt
        self.compartments = compartments
        self.index = index
        self.isMemoryLocked = isMemoryLocked
    }
}

/// How far the index is.
public struct IndexStatus: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable {
        /// Not begun: the agent was not given the keyring, or has no way to the bridge.
        case empty
        /// The archive is being read; what was found before it ends is not complete.
        case filling
        /// Everything served to this member is in it, and events keep it so.
        case complete
        /// As `complete`, but for what came within the last seconds, which is being taken in.
        case behind
        /// The bridge cannot be reached at the moment; what was there before is in it.
        case interrupted
    }

    public var state: State
    /// Items that can be found.
    public var items: Int
    /// Items read so far, also those without text and those that did not open.
    public var read: Int
    /// Items in compartments that this member cannot open.
    public var closed: Int
    /// Items whose keys were deleted: the contact was erased.
    public var erased: Int
    /// Items that are damaged: they do not open, or what they hold is not of the documented form.
    public var damaged: Int
    /// Positions of damaged items, the first 100.
    public var damagedPositions: [Int64]
    /// Bytes of memory that index and texts take.
    public var bytes: Int

    public init(
        state: State = .empty, items: Int = 0, read: Int = 0, closed: Int = 0, erased: Int = 0, damaged: Int = 0,
        damagedPositions: [Int64] = [], bytes: Int = 0
    ) {
        self.state = state
        self.items = items
        self.read = read
        self.closed = closed
        self.erased = erased
        self.damaged = damaged
        self.damagedPositions = damagedPositions
        self.bytes = bytes
    }
}

/// What a search found.
public struct SearchAnswer: Codable, Sendable, Equatable {
    /// Newest first.
    public var hits: [SearchHit]
    /// How many there are in all.
    public var total: Int
    /// Whether the index is still being filled: there may be more.
    public var isComplete: Bool

    public init(hits: [SearchHit], total: Int, isComplete: Bool) {
        self.hits = hits
        self.total = total
        self.isComplete = isComplete
    }
}

/// One item that was found.
public struct SearchHit: Codable, Sendable, Equatable {
    public var position: Int64
    public var conversation: Int64
    /// The contact as its segment names it.
    public var contact: Int64
    public var kind: SealedItem.Kind
    public var id: Int64
    public var storedAt: Milliseconds
    /// Messages: whether it is ours, as it was sealed.
    public var isOutgoing: Bool
    /// The text, or its beginning. Words of others: it goes through `SafeText` before it is shown.
    public var text: String
    /// Whether the text is longer than that.
    public var isCut: Bool
    /// What the bridge says of it is not what was sealed: the direction, or in the same conversation something
    /// was sealed for another contact.
    public var isDoubtful: Bool

    public init(
        position: Int64, conversation: Int64, contact: Int64, kind: SealedItem.Kind, id: Int64,
        storedAt: Milliseconds, isOutgoing: Bool, text: String, isCut: Bool, isDoubtful: Bool = false
    ) {
        self.isDoubtful = isDoubtful
        self.position = position
        self.conversation = conversation
        self.contact = contact
        self.kind = kind
        self.id = id
        self.storedAt = storedAt
        self.isOutgoing = isOutgoing
        self.text = text
        self.isCut = isCut
    }

    /// What a person types for the item.
    public var shortID: ShortID { ShortID(kind.shortID, id) }
}
