import Inbox
import StaffProtocol

/// Replies that wait for a second person, and those that came back from one.
enum TodayReplies {
    /// Rows of one text at most; the rest is read with 'sila show'.
    private static let most = 4
    /// Conversations that are looked through for what was given back, at most.
    private static let rowLimit = 100

    /// A reply that waits, for `--json`.
    struct Report: Encodable {
        let conversation: String
        let proposal: ItemReport

        init(_ line: ConversationLine) {
            conversation = ShortID(.conversation, line.item.conversation).description
            proposal = ItemReport(line)
        }
    }

    /// A reply that was given back, for `--json`.
    struct Returned: Encodable {
        let conversation: String
        let id: String
        let by: String
        let at: String

        init(_ item: SealedItem) {
            conversation = ShortID(.conversation, item.conversation).description
            id = item.shortID.description
            by = item.closedBy ?? ""
            at = Moments.iso(item.closedAt ?? 0)
        }
    }

    /// Those that wait in these conversations.
    static func waiting(in rows: [InboxRow], _ finder: EntryFinder) async throws -> [ConversationLine] {
        var found: [ConversationLine] = []
        for row in rows where row.proposals > 0 {
            var here: [ConversationLine] = []
            let _: Bool? = try await finder.search(row.conversation) { page in
                here = page.lines.filter(isOpen) + here
                return here.count >= row.proposals ? true : nil
            }
            found += here
        }
        return found
    }

    /// Since when the reply that waits longest waits, by conversation. Nothing is opened.
    static func since(in rows: [InboxRow], _ connection: StaffConnection) async throws -> [Int64: Milliseconds] {
        var found: [Int64: Milliseconds] = [:]
        for row in rows.prefix(rowLimit) {
            // Somebody may have taken it from this member meanwhile: the others stand all the same.
            guard let items = try? await connection.conversation(row.conversation, limit: 50).items else { continue }
            found[row.conversation] =
                items.filter { $0.kind == .proposal && $0.outcome ?? "" == "" }.map(\.storedAt).min()
        }
        return found
    }

    static func isOpen(_ line: ConversationLine) -> Bool {
        line.item.kind == .proposal && line.item.outcome ?? "" == ""
    }

    /// Those that came back to a member in conversations of theirs that still wait. Nothing is opened.
    static func givenBack(
        to member: String, in rows: [InboxRow], _ connection: StaffConnection
    ) async throws -> [SealedItem] {
        var found: [SealedItem] = []
        for row in rows.filter({ $0.waitsSince > 0 && $0.assigned == member }).prefix(rowLimit) {
            let page = try await connection.conversation(row.conversation, limit: 50)
            if let item = givenBack(to: member, in: page.items) { found.append(item) }
        }
        return found
    }

    /// The last reply of a member, if it came back and nobody has answered or proposed since.
    ///
    /// - Parameter items: of one conversation, oldest first.
    static func givenBack(to member: String, in items: [SealedItem]) -> SealedItem? {
        for item in items.reversed() {
            switch item.kind {
            case .message where item.direction == "out" && item.author ?? "" != "": return nil
            case .proposal where item.author == member: return item.outcome == "returned" ? item : nil
            default: continue
            }
        }
        return nil
    }

    static func lines(_ reply: ConversationLine, _ display: Display) -> [Display.Line] {
        let item = reply.item
        var facts = ["\(reply.id) in \(ShortID(.conversation, item.conversation))"]
        if let author = item.author, !author.isEmpty { facts.append("of \(Foreign.word(author))") }
        if let language = reply.language, !language.isEmpty { facts.append(Foreign.word(language)) }
        facts.append("since \(Moments.clock(item.storedAt))")
        if !reply.doubts.isEmpty { facts.append("DOUBT") }
        guard let text = reply.text else {
            return display.wrapped(facts.joined(separator: " · "), weight: .strong) + ["  It cannot be opened."]
        }
        let quoted = display.quoted(text)
        return display.wrapped(facts.joined(separator: " · "), weight: .strong) + quoted.prefix(most)
            + (quoted.count > most ? ["  │ …"] : [])
    }

    static func lines(_ item: SealedItem, _ display: Display) -> [Display.Line] {
        let conversation = ShortID(.conversation, item.conversation)
        let by = item.closedBy.map { $0.isEmpty ? "" : " by \(Foreign.word($0))" } ?? ""
        return display.wrapped(
            "\(item.shortID) in \(conversation)\(by), \(Moments.clock(item.closedAt ?? 0)). Why: sila show \(conversation)"
        )
    }
}
