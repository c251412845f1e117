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
    /// The contact never wrote encrypted: `send` it with `inTheClear`, if that is meant. The draft is kept.
    case notEncrypted(APIError)
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
    ///
    /// - Parameter replacing: also when that loses other words that were never sent.
    /// - Returns: the draft as it is kept now.
    /// - Throws: `DraftConflict` when another program sent or forgot this draft meanwhile, or when other
    ///   words would be lost; `FileError`, `SealingError`.
    @discardableResult
    public func save(_ draft: Draft, replacing: Bool = false) async throws -> Draft {
        try await drafts.update(draft.conversation) { stored in
            if let stored {
                // Words that are on their way are kept by their attempt.
                let isKnown = stored.text == draft.text || stored.text == draft.known.text
                guard isKnown || replacing || stored.text == stored.attempt?.text else {
                    throw DraftConflict(conversation: draft.conversation, kept: stored)
                }
            } else if draft.known.text == draft.text {
                throw DraftConflict(conversation: draft.conversation, kept: nil)
            }
            var draft = draft
            draft.attempt = stored?.attempt
            draft.known.text = draft.text
            stored = draft
            return draft
        }
    }

    /// Forgets a draft. Words of which it is not known whether they were sent may still go out.
    public func discard(_ conversation: Int64) throws { try drafts.remove(conversation) }

    /// Forgets a colleague's words that were not sent; a draft of this member's stays.
    public func forgetProposal(_ proposal: Int64, in conversation: Int64) async throws {
        try await drafts.update(conversation) { if $0?.proposal == proposal { $0 = nil } }
    }

    /// Sends a reply.
    ///
    /// - Parameter inTheClear: whether it may go out readable on its way, to a contact who never wrote encrypted.
    /// - Throws: `ConnectionError` when there was no answer: the draft is kept and `send` can be
    ///   called again. `APIError` when the bridge refuses: the draft is kept.
    public func send(_ draft: Draft, inTheClear: Bool = false) async throws -> ReplyOutcome {
        try Self.check(draft.text)
        return try await run(draft, .reply, inTheClear: inTheClear) {
            try StaffRequest.encode(draft.request(inTheClear: inTheClear))
        }
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
            var entry = try await sealer.seal(record, contact: row.contact, compartment: .conversation)
            entry.words = NewEntry.words(of: draft.text, in: draft.variety)
            return try StaffRequest.encode(entry)
        }
    }

    /// What stands in a draft and is never said to a contact: to be asked before `send` and `propose`.
    ///
    /// A topic's own text holds nothing of it, and words that may have gone out already, the very same, are not asked
    /// for.
    public func neverSaid(in draft: Draft) async throws -> [NeverSaid] {
        guard draft.attempt?.text != draft.text, draft.text != draft.original else { return [] }
        return try await connection.suggest(draft.text).neverSaid
    }

    private func run(
        _ draft: Draft, _ kind: Draft.Attempt.Kind, inTheClear: Bool = false, body: () async throws -> [UInt8]
    ) async throws -> ReplyOutcome {
        // The words first: whatever comes of an earlier attempt, they are kept.
        var draft = try await save(draft)
        while true {
            if let earlier = draft.attempt {
                if earlier.kind == kind, earlier.text == draft.text {
                    let outcome = try await ask(earlier, draft)
                    // It was asked before somebody said that it may go in the clear: surely not done, so it is asked anew.
                    guard inTheClear, case .notEncrypted = outcome else { return outcome }
                } else if let created = try await settle(earlier, draft.conversation) {
                    return .earlierWentOut(created, text: earlier.text, kind: earlier.kind)
                }
                draft.attempt = nil
            }
            let attempt = Draft.Attempt(
                kind: kind, key: IdempotencyKey.random().rawValue, body: Data(try await body()), text: draft.text)
            // Another program of this member may have begun meanwhile: there is one attempt at a time.
            draft.attempt = try await begin(attempt, draft.conversation)
            guard draft.attempt != nil else { return try await ask(attempt, draft, isFirst: true) }
        }
    }

    /// Writes an attempt down, on the disk before the first byte goes out.
    ///
    /// - Returns: another that is open, in whose place this was not written.
    private func begin(_ attempt: Draft.Attempt, _ conversation: Int64) async throws -> Draft.Attempt? {
        try await drafts.update(conversation) { stored in
            guard let kept = stored else { throw DraftConflict(conversation: conversation, kept: nil) }
            if let other = kept.attempt { return other }
            stored?.attempt = attempt
            return nil
        }
    }

    /// Asks again what was not answered, beside other words.
    ///
    /// That it might go out readable was said for those words, and other ones stand here now: so it is asked for without
    /// that. Under its key the bridge then says whether it was done, and does not do it.
    ///
    /// - Returns: `nil` when it was surely not done, so that the words now can be sent.
    private func settle(_ earlier: Draft.Attempt, _ conversation: Int64) async throws -> Created? {
        do {
            let created: Created
            if let guarded = earlier.withoutConsent {
                do {
                    created = try await submit(guarded, conversation)
                } catch let error as APIError where error.code == .keyReused {
                    // It was done: the same again gives the answer that was lost.
                    created = try await submit(earlier, conversation)
                }
            } else {
                created = try await submit(earlier, conversation)
            }
            try await close(earlier, conversation, isDone: false)
            return created
        } catch let error as APIError where error.isFinal {
            try await close(earlier, conversation, isDone: false)
            return nil
        }
    }

    /// Nothing more is to be asked of an attempt. Words that another program kept meanwhile stay.
    private func close(_ attempt: Draft.Attempt, _ conversation: Int64, isDone: Bool) async throws {
        try await drafts.update(conversation) { stored in
            guard stored?.attempt?.key == attempt.key else { return }
            if isDone, stored?.text == attempt.text { stored = nil } else { stored?.attempt = nil }
        }
    }

    /// - Parameter isFirst: nobody asked this before.
    private func ask(
        _ attempt: Draft.Attempt, _ draft: Draft, isFirst: Bool = false
    ) async throws -> ReplyOutcome {
        do {
            let created = try await submit(attempt, draft.conversation)
            try await close(attempt, draft.conversation, isDone: true)
            return attempt.kind == .reply ? .sent(created) : .proposed(created)
        } catch let error as APIError where error.isFinal {
            // Surely not done: the next attempt is a new one.
            try await close(attempt, draft.conversation, isDone: false)
            switch error.code {
            case .needsSecondPerson: return .needsSecondPerson(error)
            case .notEncrypted: return .notEncrypted(error)
            case .conflict: return .conflict(error)
            default: throw error
            }
        } catch let error as ConnectionError where isFirst && !error.isUncertain {
            // It surely did not arrive: other words may take its place, and these never go out by themselves.
            try await close(attempt, draft.conversation, isDone: false)
            throw error
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
