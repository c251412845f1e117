import Foundation
import Sealing
import StaffProtocol

/// What became of a reply.
public enum ReplyOutcome: Sendable, Equatable {
    /// It goes out; the draft is gone.
    case sent(Created)
    /// It waits for a second person; the draft is gone.
    case proposed(Created)
    /// Words that were sent before, and of which nothing was known, went out (or wait for a second
    /// person). The draft with the words now is kept, and was not sent.
    case earlierWentOut(Created, text: String, kind: Draft.Attempt.Kind)
    /// These words need a second person: `propose` asks for one. The draft is kept.
    case needsSecondPerson(APIError)
    /// Somebody of staff wrote in between: read it first. The draft is kept.
    case conflict(APIError)
}

/// Replies: written down before they are sent, sent once.
///
/// What the bridge does not answer throws `ConnectionError`, and stays in the draft with its
/// idempotency key: `send` asks the same again before anything else, also after a restart.
public struct ReplyFlow: Sendable {
    private let connection: StaffConnection
    private let drafts: DraftStore
    private let sealer: StaffSealer
    private let now: @Sendable () -> Date

    public init(
        _ connection: StaffConnection, drafts: DraftStore, sealer: StaffSealer,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.connection = connection
        self.drafts = drafts
        self.sealer = sealer
        self.now = now
    }

    /// The draft of a conversation.
    public func draft(_ conversation: Int64) async throws -> Draft? { try await drafts.load(conversation) }

    /// Keeps words for later. What was asked and not answered stays with them.
    public func save(_ draft: Draft) async throws {
        var draft = draft
        if draft.attempt == nil { draft.attempt = try await drafts.load(draft.conversation)?.attempt }
        try await drafts.save(draft)
    }

    /// Forgets a draft. Words of which it is not known whether they were sent may still go out.
    public func discard(_ conversation: Int64) throws { try drafts.remove(conversation) }

    /// Sends a reply.
    ///
    /// - Throws: `ConnectionError` when there was no answer: the draft is kept and `send` can be
    ///   called again. `APIError` when the bridge refuses: the draft is kept.
    public func send(_ draft: Draft) async throws -> ReplyOutcome {
        try Self.check(draft.text)
        return try await run(draft, .reply) { try StaffRequest.encode(draft.request) }
    }

    /// Asks a second person: the words are sealed to `conversation` and wait there.
    ///
    /// - Parameter row: of the same conversation.
    public func propose(_ draft: Draft, in row: InboxRow) async throws -> ReplyOutcome {
        try Self.check(draft.text)
        return try await run(draft, .proposal) {
            let record = EntryRecord.proposal(
                draft.text,
                EntryRecord.Proposal(
                    topic: draft.topic, variety: draft.variety, original: draft.original, seen: draft.seen),
                by: connection.member, at: now())
            return try StaffRequest.encode(
                try await sealer.seal(record, contact: row.contact, compartment: .conversation))
        }
    }

    private func run(
        _ draft: Draft, _ kind: Draft.Attempt.Kind, body: () async throws -> [UInt8]
    ) async throws -> ReplyOutcome {
        var draft = draft
        if draft.attempt == nil { draft.attempt = try await drafts.load(draft.conversation)?.attempt }
        if let earlier = draft.attempt {
            let isSame = earlier.kind == kind && earlier.text == draft.text
            let outcome = try await settle(earlier, &draft, isSame: isSame)
            if let outcome { return outcome }
        }
        let attempt = Draft.Attempt(
            kind: kind, key: IdempotencyKey.random().rawValue, body: Data(try await body()), text: draft.text)
        draft.attempt = attempt
        return try await ask(attempt, &draft)
    }

    /// Asks again what was not answered.
    ///
    /// - Returns: `nil` when it was surely not done, so that the words now can be sent.
    private func settle(
        _ earlier: Draft.Attempt, _ draft: inout Draft, isSame: Bool
    ) async throws -> ReplyOutcome? {
        if isSame { return try await ask(earlier, &draft) }
        do {
            let created = try await submit(earlier, draft.conversation)
            draft.attempt = nil
            try await drafts.save(draft)
            return .earlierWentOut(created, text: earlier.text, kind: earlier.kind)
        } catch let error as APIError where error.isFinal {
            draft.attempt = nil
            return nil
        }
    }

    private func ask(_ attempt: Draft.Attempt, _ draft: inout Draft) async throws -> ReplyOutcome {
        // On the disk before the first byte goes out.
        try await drafts.save(draft)
        do {
            let created = try await submit(attempt, draft.conversation)
            try drafts.remove(draft.conversation)
            return attempt.kind == .reply ? .sent(created) : .proposed(created)
        } catch let error as APIError where error.isFinal {
            // Surely not done: the next attempt is a new one.
            draft.attempt = nil
            try await drafts.save(draft)
            switch error.code {
            case .needsSecondPerson: return .needsSecondPerson(error)
            case .conflict: return .conflict(error)
            default: throw error
            }
        }
    }

    private func submit(_ attempt: Draft.Attempt, _ conversation: Int64) async throws -> Created {
        let endpoint: Endpoint = attempt.kind == .reply ? .reply : .addEntry
        var request = StaffRequest(endpoint, ["conversation": "\(conversation)"])
        request.body = Array(attempt.body)
        request.key = IdempotencyKey(rawValue: attempt.key) ?? .random()
        return try await connection.answer(request)
    }

    private static func check(_ text: String) throws {
        guard !text.allSatisfy(\.isWhitespace) else { throw APIError(.refused, "There are no words to send.") }
        guard text.count <= ReplyRequest.limit else {
            throw APIError(
                .tooLarge, "A reply has at most \(ReplyRequest.limit) characters; this one has \(text.count).")
        }
    }
}

extension APIError {
    /// Whether it was surely not done, and asking the same again gives the same.
    fileprivate var isFinal: Bool {
        switch code {
        case .unauthenticated, .locked, .tooMany, .internalError, .unavailable: false
        default: true
        }
    }
}
