import Inbox
import Sealing
import StaffProtocol

/// Finds opened things of conversations: the bridge cannot search in what it cannot read.
struct EntryFinder {
    let work: InboxSession

    /// Rows beyond which nothing is looked for.
    static let rowLimit = 10_000

    /// Goes through a conversation from its newest page on, until `body` has what it wants.
    ///
    /// - Parameter body: gives a result, or `nil` to go on with older ones.
    func search<Found>(
        _ conversation: Int64, _ body: (OpenedConversation) -> Found?
    ) async throws -> Found? {
        var before = ""
        while true {
            let page = try await work.conversations.page(conversation, before: before, limit: 200)
            if let found = body(page) { return found }
            // A bridge that gives the same place again would never end.
            guard !page.older.isEmpty, page.older != before else { return nil }
            before = page.older
        }
    }

    /// A reply that waits, with its conversation.
    ///
    /// - Throws: `CommandFailure` (66) when there is none of this number in what this member is served.
    func proposal(_ id: ShortID) async throws -> (row: InboxRow, line: ConversationLine) {
        let rows = try await work.inbox.all(.all, limit: Self.rowLimit).entries.map(\.row)
        for row in rows where row.proposals > 0 {
            let found = try await search(row.conversation) { page in
                page.lines.first { $0.id == id }.map { (page.row, $0) }
            }
            if let found { return found }
        }
        throw CommandFailure(
            .missing, "There is no reply \(id) that waits, or not for you. Those that wait: sila today")
    }

    /// The newest words of the contact; `nil` when none can be read.
    func lastWords(_ conversation: Int64) async throws -> String? {
        try await search(conversation) { page in
            for line in page.lines.reversed() where line.author == .contact {
                if case .message(let text) = line.content { return text }
            }
            return nil
        }
    }
}

extension BridgeSession {
    var finder: EntryFinder { EntryFinder(work: work) }

    /// A conversation's state, without opening anything.
    func row(_ conversation: ConversationArgument) async throws -> InboxRow {
        try await connection.conversation(conversation.number, limit: 1).row
    }
}
