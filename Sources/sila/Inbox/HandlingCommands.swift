import ArgumentParser
import StaffProtocol

/// `sila takeover`
struct TakeoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "takeover",
        abstract: "Take a conversation from the bot: it stays silent.",
        discussion: """
            For 12 hours from the last word of staff; then the bot answers again. If a colleague has it the exit \
            status is 75; --force takes it from them.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Flag(help: "Take it from the colleague who has it.")
    var force = false

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let row = try await session.connection.takeOver(
                conversation.number, TakeoverRequest(taken: true, force: force))
            try HandlingReport.tell(
                "taken-over", row, json: bridge.json,
                "\(conversation.id) is yours until \(Moments.clock(row.takenOverUntil)): the bot is silent.")
        }
    }
}

/// `sila handback`
struct HandbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "handback",
        abstract: "Give a conversation back to the bot.",
        discussion: Statuses.working)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Flag(help: "Also when a colleague has it.")
    var force = false

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let row = try await session.connection.takeOver(
                conversation.number, TakeoverRequest(taken: false, force: force))
            try HandlingReport.tell(
                "handed-back", row, json: bridge.json, "The bot answers in \(conversation.id) again.")
        }
    }
}

/// `sila assign`
struct AssignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign",
        abstract: "Say for whom a conversation is.",
        discussion: """
            Interns see the conversations that are assigned to them, and no others. With --from nothing is \
            changed unless that member has it (exit status 75).

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Argument(help: "The member's short name, or nobody.")
    var member: AssigneeArgument

    @Option(help: ArgumentHelp("Who has it now, or nobody.", valueName: "member"))
    var from: AssigneeArgument?

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let holder =
                if let from { from.name } else { try await session.row(conversation).assigned }
            let row = try await session.connection.assign(
                conversation.number, AssignmentRequest(member: member.name, from: holder))
            try HandlingReport.tell(
                "assigned", row, json: bridge.json,
                "\(conversation.id) is for \(row.assigned.isEmpty ? "nobody" : Foreign.word(row.assigned)) now.")
        }
    }
}

enum HandlingReport {
    static func tell(_ done: String, _ row: InboxRow, json: Bool, _ words: String) throws {
        try Output.standardOutput(
            json ? Output.json(ChangeReport(done: done, conversation: RowReport(row))) : words + "\n")
    }
}
