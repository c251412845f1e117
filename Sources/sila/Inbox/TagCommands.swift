import ArgumentParser
import Inbox
import StaffProtocol

/// `sila tag`
struct TagCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: "Put a tag on a conversation.",
        discussion: """
            A word or two, at most 40 characters, sealed as notes are.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Argument(help: "The tag.")
    var tag: String

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let row = try await session.row(conversation)
            let created = try await session.work.entries.tag(ComposedText.trimmed(tag), on: row)
            try AddedReport.tell(.tag, created, conversation, json: bridge.json, "The tag")
        }
    }
}

/// `sila untag`
struct UntagCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "untag",
        abstract: "Take a tag off a conversation.",
        discussion: Statuses.working)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Argument(help: "The tag, or its id: g5.")
    var tag: String

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let found = try await session.finder.search(conversation.number) { page in
                page.lines.first { Self.matches($0, tag) }?.item.id
            }
            guard let found else {
                throw CommandFailure(
                    .missing, "There is no such tag on \(conversation.id): sila show \(conversation.id)")
            }
            let item = try await session.work.entries.remove(tag: found)
            try ClosedReport.tell(item, json: bridge.json, "The tag is off \(conversation.id).")
        }
    }

    /// Whether a line is this tag, and still on.
    static func matches(_ line: ConversationLine, _ wanted: String) -> Bool {
        guard line.item.kind == .tag, line.item.outcome ?? "" == "" else { return false }
        if let id = ShortID(wanted), id == line.id { return true }
        guard case .tag(let text) = line.content else { return false }
        return text.lowercased() == wanted.lowercased()
    }
}
