import ArgumentParser
import StaffProtocol

/// `sila read`
struct ReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Say that a conversation was read, and that nobody needs to look any more.",
        discussion: """
            Also takes away the mark of danger. What counts is what 'sila show' last showed here, or --seen; if \
            the contact wrote since, nothing is changed and the exit status is 75.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Option(help: ArgumentHelp("The place up to which you have read ('newest' in JSON).", valueName: "place"))
    var seen: Int64?

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let seen = seen ?? session.seen.position(conversation.number)
            guard seen > 0 else {
                throw CommandFailure(
                    .again, "\(conversation.id) was not shown here yet. First: sila show \(conversation.id)")
            }
            let row = try await session.connection.setAttention(
                conversation.number, AttentionRequest(waits: false, seen: seen))
            try HandlingReport.tell("read", row, json: bridge.json, "\(conversation.id) does not wait any more.")
        }
    }
}

/// `sila unread`
struct UnreadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unread",
        abstract: "Have a conversation wait for a person again.",
        discussion: Statuses.working)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let newest = try await session.row(conversation).newestItem
            let row = try await session.connection.setAttention(
                conversation.number, AttentionRequest(waits: true, seen: newest))
            try HandlingReport.tell("unread", row, json: bridge.json, "\(conversation.id) waits for a person again.")
        }
    }
}

/// `sila hide`
struct HideCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hide",
        abstract: "\"I know this person\": take a conversation out of your sight.",
        discussion: """
            For interns. It is no longer for you, and you do not see it any more, also not if it is assigned to \
            you again. Nobody asks for a reason. You cannot undo it yourself.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var bridge: BridgeOptions

    private struct Report: Encodable {
        let version = 1
        let done = "hidden"
        let conversation: String
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            try Asking.terminal.require(
                "You will not see \(conversation.id) any more. Go on?", given: yes)
            try await session.connection.hide(conversation.number)
            // The agent hears of it from the bridge as well, in a moment.
            try? await session.agent?.remove(conversations: [conversation.number])
            try Output.standardOutput(
                bridge.json
                    ? Output.json(Report(conversation: conversation.id.description))
                    : "\(conversation.id) is hidden from you. A colleague takes it from here.\n")
        }
    }
}
