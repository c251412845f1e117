import Foundation
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

    /// How old words may be that are given to the bridge again, in days.
    static let suggestionDays = 14

    /// The newest words of the contact that may be given to the bridge to look up topics for; `nil` when there
    /// are none.
    ///
    /// A bridge in the wrong hands cannot read the archive, and would let this machine read it out: it shows an
    /// old message, or one of somebody else's, as the newest. So: of the newest page, sealed as a message to this
    /// contact, of these days by what was sealed, and nothing that is in doubt.
    func lastWords(_ conversation: Int64, now: Date = Date()) async throws -> String? {
        let page = try await work.conversations.page(conversation, limit: 200)
        return Self.words(of: page, since: now.addingTimeInterval(-Double(Self.suggestionDays) * 86_400))
    }

    static func words(of page: OpenedConversation, since: Date) -> String? {
        let line = page.lines.last { line in
            guard case .message = line.content else { return false }
            return line.author == .contact && line.doubts.isEmpty && line.compartment == .conversation
                && line.at >= since
        }
        guard let text = line?.text else { return nil }
        return page.row.isPractice ? PracticeMark.words(of: text) : text
    }
}

extension BridgeSession {
    var finder: EntryFinder { EntryFinder(work: work) }

    /// A conversation's state, without opening anything.
    func row(_ conversation: ConversationArgument) async throws -> InboxRow {
        try await connection.conversation(conversation.number, limit: 1).row
    }
}
