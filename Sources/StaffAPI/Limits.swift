import StaffProtocol

/// What the staff API takes and holds at most.
enum Limits {
    /// Open connections.
    static let connections = 128
    /// Of these, on which no session was used yet.
    static let strangers = 32
    static let connectionsOfMember = 16
    /// Seconds for a request that has begun to come whole, and for a reader to take the next part of an answer.
    static let patience: Int64 = 30
    /// Bytes of an answer given to the connection at once: so that one that is read slowly still shows progress.
    static let piece = 64 << 10
    /// Event streams and bulk streams, together, of one member.
    static let streamsOfMember = 8
    /// Seconds without a byte after which a connection is closed.
    static let idleConnection: Int64 = 75
    /// Seconds for requests in progress when the daemon ends.
    static let shutdown: Duration = .seconds(10)
    /// Seconds for which the one who gave the working key waits until the bridge serves.
    static let opening: Duration = .seconds(20)
    /// Bytes of a request's header lines.
    static let header = 16 << 10

    /// Challenges of one member that wait for an answer.
    static let challengesOfMember = 1_024
    static let sessionsOfMember = 32
    static let sessions = 1_024

    /// Events read at once.
    static let eventBatch = 200
    /// Items of the archive read at once.
    static let archiveBatch = 500
    static let inboxRows = 1...200
    static let conversationItems = 1...500
    static let auditLines = 1...1_000
    /// Characters of a cursor (`after`, `before`).
    static let cursor = 256
    /// Characters of a question for suggestions.
    static let question = 16_000
    /// Characters of a topic's, story's or variety's name.
    static let name = 100
}

extension Endpoint {
    /// Bytes of its request body at most; 0: it takes none.
    var bodyLimit: Int {
        switch self {
        case .makeChallenge, .logIn, .unlock: 4 << 10
        case .reply: 64 << 10
        case .assign, .takeOver, .setAttention, .closeEntry, .setHeard, .sendAttachment, .setMemberSettings,
            .reportOpened, .eraseContact, .addPracticeContact, .decideDevice, .acknowledgeGaps, .setArrivalWords,
            .setPerson:
            16 << 10
        case .suggest: 256 << 10
        case .addEntry: 1 << 20
        case .addAttachment: NewAttachment.limit
        case .changeStaff: 8 << 20
        default: 0
        }
    }

    /// The media type of its request body.
    var bodyType: String { self == .addAttachment ? AttachmentFile.contentType : "application/json" }

    /// The query parameters it knows.
    var queryNames: Set<String> {
        switch self {
        case .listInbox: ["filter", "limit", "after"]
        case .getConversation: ["before", "limit", "person"]
        case .streamArchive: ["after"]
        case .listAudit: ["after", "limit"]
        default: []
        }
    }
}
