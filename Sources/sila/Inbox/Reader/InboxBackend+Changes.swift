import Foundation
import Inbox
import InboxReader
import Sealing
import StaffProtocol

/// Changes. The id of a change is its idempotency key; a reply has that of its attempt, which lies in the
/// draft and outlives this program.
extension InboxBackend {
    func apply(_ change: ReaderChange, to conversation: Int64, id: String) async throws(ReaderFailure) {
        try await doing {
            do {
                try await make(change, conversation, key: IdempotencyKey(rawValue: id) ?? .random())
            } catch let error as APIError where error.code == .conflict {
                throw await conflict(error, change, conversation)
            }
        }
    }

    private func make(_ change: ReaderChange, _ conversation: Int64, key: IdempotencyKey) async throws {
        let connection = work.connection
        switch change {
        case .reply, .propose, .approve: try await send(change, conversation)
        case .note(let text, let isConfidential):
            try await store(text, isConfidential ? .confidentialNote : .note, conversation, key: key)
        case .giveBack(let proposal, let reason):
            // Both under keys of this change: done again, neither is done twice.
            _ = try await connection.closeEntry(proposal, CloseEntry(outcome: "returned"), key: key.ofFirstStep)
            try await store("\(ShortID(.proposal, proposal)): \(reason)", .giveBack, conversation, key: key)
        case .withdraw(let proposal):
            _ = try await connection.closeEntry(proposal, CloseEntry(outcome: "withdrawn"), key: key)
        case .tag(let tag): _ = try await work.entries.tag(tag, on: row(conversation))
        case .removeTag(let tag): _ = try await connection.closeEntry(tag, CloseEntry(outcome: "removed"), key: key)
        case .task(let text, let assignee, let due):
            _ = try await work.entries.task(
                text, on: row(conversation), assignee: MemberID(rawValue: assignee),
                due: due.map { ArchiveDay(daysSince1970: $0) })
        case .finishTask(let task): _ = try await connection.closeEntry(task, CloseEntry(outcome: "done"), key: key)
        case .assign(let member, let holder):
            _ = try await connection.assign(conversation, AssignmentRequest(member: member, from: holder), key: key)
        case .takeOver(let force):
            _ = try await connection.takeOver(conversation, TakeoverRequest(taken: true, force: force), key: key)
        case .handBack: _ = try await connection.takeOver(conversation, TakeoverRequest(taken: false), key: key)
        case .attention(let waits, let seen):
            _ = try await connection.setAttention(conversation, AttentionRequest(waits: waits, seen: seen), key: key)
        case .hide: try await connection.hide(conversation, key: key)
        }
    }

    /// Without opening anything.
    private func row(_ conversation: Int64) async throws -> InboxRow {
        try await session.row(ConversationArgument(conversation))
    }

    private func store(
        _ text: String, _ purpose: Draft.Purpose, _ conversation: Int64, key: IdempotencyKey
    ) async throws {
        let notes = DraftedNotes(work.connection, drafts: work.drafts.of(purpose), sealer: work.sealer)
        _ = try await notes.store(text, key: key, on: row(conversation))
    }

    // MARK: Words to the contact

    private func send(_ change: ReaderChange, _ conversation: Int64) async throws {
        switch change {
        case .reply(let text, let seen, let topic, let variety, let anyway, let inTheClear):
            let draft = try await draft(conversation, text, seen, topic, variety)
            if !anyway { try await checkNeverSaid(draft, work.replies) }
            try check(await work.replies.send(draft, inTheClear: inTheClear))
        case .propose(let text, let seen, let topic, let variety, let original, let anyway):
            var draft = try await draft(conversation, text, seen, topic, variety)
            draft.original = original.isEmpty ? nil : original
            if !anyway { try await checkNeverSaid(draft, work.replies) }
            try check(await work.replies.propose(draft, in: row(conversation)))
        case .approve(let proposal, let text, let seen, let anyway, let inTheClear):
            try await approve(proposal, text, seen, conversation, anyway: anyway, inTheClear: inTheClear)
        default: break
        }
    }

    /// As it was kept, with the words now.
    private func draft(
        _ conversation: Int64, _ text: String, _ seen: Int64, _ topic: String, _ variety: String
    ) async throws -> Draft {
        var draft = try await work.drafts.load(conversation) ?? Draft(conversation: conversation, seen: seen)
        draft.text = text
        draft.seen = seen
        draft.topic = topic.isEmpty ? nil : topic
        draft.variety = variety.isEmpty ? nil : variety
        draft.proposal = nil
        return draft
    }

    /// A colleague's words have a place of their own: a draft of this member's in the same conversation stays.
    private func approve(
        _ proposal: Int64, _ text: String, _ seen: Int64, _ conversation: Int64, anyway: Bool, inTheClear: Bool
    ) async throws {
        let doubts = await memory.doubts(proposal)
        guard doubts.isEmpty else { throw ApproveCommand.refusal(proposal, doubts) }
        let replies = ReplyFlow(work.connection, drafts: work.drafts.of(.approval), sealer: work.sealer)
        let named = await memory.proposal(proposal)
        let draft = Draft(
            conversation: conversation, text: text, seen: seen, topic: named.topic, variety: named.variety,
            proposal: proposal)
        if !anyway, try await replies.draft(conversation)?.attempt == nil { try await checkNeverSaid(draft, replies) }
        do {
            try check(await replies.send(draft, inTheClear: inTheClear))
        } catch {
            // Refused, it is nobody's draft; unanswered, it is asked again.
            if !(error is ConnectionError), try await replies.draft(conversation)?.attempt == nil {
                try replies.discard(conversation)
            }
            throw error
        }
    }

    /// As 'sila reply' and 'sila approve' ask before they send.
    private func checkNeverSaid(_ draft: Draft, _ replies: ReplyFlow) async throws {
        let found = try await replies.neverSaid(in: draft)
        guard found.isEmpty else { throw ReaderFailure(.neverSaid(found.map(\.phrase))) }
    }

    private func check(_ outcome: ReplyOutcome) throws {
        switch outcome {
        case .sent, .proposed: return
        case .earlierWentOut: throw ReaderFailure(.earlierSent)
        case .needsSecondPerson(let error), .notEncrypted(let error), .conflict(let error): throw error
        }
    }

    // MARK: Somebody was faster

    /// Who it was. The bridge names a place in the conversation, or who has it now.
    private func conflict(
        _ error: APIError, _ change: ReaderChange, _ conversation: Int64
    ) async -> ReaderFailure {
        let failure = ReaderFailure(error, texts: texts)
        let closed = change.closes
        // What was closed before is told with how, not by whom.
        if closed == nil, case .conflict(let name) = failure.kind, !name.isEmpty { return failure }
        guard let page = try? await work.connection.conversation(conversation, limit: 50) else {
            return ReaderFailure(.conflict(by: ""), failure.message)
        }
        let entry = page.items.last { $0.id == closed && $0.closedBy?.isEmpty == false && $0.kind != .message }
        let position = error.current.flatMap { Int64($0) }
        let newest = page.items.last { $0.position == position }
        let name = entry?.closedBy ?? newest?.author ?? ""
        return ReaderFailure(.conflict(by: name), failure.message)
    }
}

extension ReaderChange {
    /// The row that it closes.
    fileprivate var closes: Int64? {
        switch self {
        case .withdraw(let number), .removeTag(let number), .finishTask(let number), .giveBack(let number, _),
            .approve(let number, _, _, _, _):
            number
        default: nil
        }
    }
}

extension IdempotencyKey {
    /// The key of the first of two steps of one change; the draft knows the second by the change's own.
    fileprivate var ofFirstStep: IdempotencyKey { IdempotencyKey(rawValue: "\(rawValue.prefix(60))-1st") ?? self }
}
