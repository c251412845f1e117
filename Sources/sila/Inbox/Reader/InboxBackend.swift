import Foundation
import Inbox
import InboxReader
import Sealing
import StaffAgent
import StaffProtocol

/// The use cases of the inbox as the interactive reader asks for them. What a command does, the reader does
/// the same way.
struct InboxBackend: ReaderBackend {
    let session: BridgeSession
    let texts: StaffTexts
    let memory = ReaderMemory()
    /// Warnings that come up outside the stream of events.
    let alarms = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(8))

    /// Rows of a conversation that are fetched at once.
    static let pageSize = 100

    init(_ session: BridgeSession, texts: StaffTexts) {
        self.session = session
        self.texts = texts
    }

    var work: InboxSession { session.work }

    /// Does something, and says of a failure what the reader needs to know.
    func doing<Result>(_ body: () async throws -> Result) async throws(ReaderFailure) -> Result {
        do {
            return try await body()
        } catch {
            throw ReaderFailure(error, texts: texts)
        }
    }

    // MARK: Reading

    func list(_ filter: ReaderFilter, limit: Int) async throws(ReaderFailure) -> ReaderPage {
        try await doing {
            let listing = try await work.inbox.all(filter.wire, limit: limit)
            return ReaderPage(
                rows: listing.entries.map { ReaderRow($0.row) }, waiting: listing.waiting, danger: listing.danger,
                hasMore: !listing.next.isEmpty)
        }
    }

    func open(_ conversation: Int64, before: String) async throws(ReaderFailure) -> ReaderConversation {
        try await doing {
            let opened = try await work.conversations.page(conversation, before: before, limit: Self.pageSize)
            await memory.note(opened)
            // As after 'sila show': a reply on the command line does not pass over what was shown here.
            if before.isEmpty { session.seen.note(conversation, opened.newest) }
            return ReaderConversation(opened)
        }
    }

    func suggestions(for conversation: Int64, text: String) async throws(ReaderFailure) -> [ReaderSuggestion] {
        try await doing {
            let answer = try await work.connection.suggest(text)
            return answer.suggestions.map { ReaderSuggestion($0, asked: answer.variety) }
        }
    }

    func members() async throws(ReaderFailure) -> [ReaderMember] {
        try await doing {
            try await work.connection.staff().map { member in
                let role = Role(rawValue: member.role).map { texts.session(.role($0)) } ?? member.role
                return ReaderMember(name: member.member, role: role, assigned: member.assigned)
            }
        }
    }

    func search(_ words: String) async throws(ReaderFailure) -> [ReaderHit] {
        try await doing {
            guard let agent = session.agent else { throw ReaderFailure(.other, texts.session(.searchLocked)) }
            let answer = try await agent.search(words, limit: Self.pageSize)
            if answer.hits.isEmpty, !answer.isComplete {
                throw ReaderFailure(.other, texts.session(.searchPartly))
            }
            return answer.hits.map { hit in
                ReaderHit(
                    conversation: hit.conversation, shortID: ShortID(.conversation, hit.conversation).description,
                    name: "", position: hit.position, at: hit.storedAt, snippet: hit.text)
            }
        }
    }

    func today() async throws(ReaderFailure) -> [ReaderTodayItem] {
        try await doing {
            var today = try await TodayWork.find(session)
            today.proposedSince = try await TodayReplies.since(in: today.proposals, work.connection)
            return ReaderTodayItem.items(of: today)
        }
    }
}

/// What was shown, for what an answer needs to know of it.
actor ReaderMemory {
    private var damaged: Set<Int64> = []
    private var proposals: [Int64: (topic: String?, variety: String?)] = [:]
    private var doubted: [Int64: Set<ConversationLine.Doubt>] = [:]

    func note(_ opened: OpenedConversation) {
        for line in opened.lines {
            guard case .proposal(_, let proposal) = line.content else { continue }
            proposals[line.item.id] = (proposal.topic, proposal.variety)
            doubted[line.item.id] = line.doubts
        }
    }

    /// What speaks against sending a proposal; empty when nothing does.
    func doubts(_ number: Int64) -> Set<ConversationLine.Doubt> { doubted[number] ?? [] }

    /// Whether nobody was told yet that a draft of this conversation does not open.
    func isFirstDamage(_ conversation: Int64) -> Bool { damaged.insert(conversation).inserted }

    /// The topic and variety that a proposal names.
    func proposal(_ number: Int64) -> (topic: String?, variety: String?) { proposals[number] ?? (nil, nil) }
}
