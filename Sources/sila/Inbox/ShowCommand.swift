import ArgumentParser
import Inbox
import StaffProtocol

/// `sila show`
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Read a conversation, oldest first.",
        discussion: """
            Opened on this machine with your keys: messages, notes, tags, tasks and replies that wait for a \
            second person, with who, when, where the encryption of each message ended, and how far ours came. \
            What does not open is shown as such; the rest opens. Where the bridge says otherwise than what was \
            sealed, the sealed side is shown, with a DOUBT.

            When a person writes from several addresses, their conversations are shown as one history, with a line \
            where the address changes; --alone shows one of them.

            That something was opened is written to the audit log. It is noted here how far you have seen, so \
            that your reply cannot pass over what a colleague wrote since. It stays waiting until 'sila read'.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Option(help: ArgumentHelp("How many at most, 1 to 500.", valueName: "number"))
    var limit = 50

    @Option(help: ArgumentHelp("Those before a place that was printed as 'older'.", valueName: "place"))
    var older = ""

    @Flag(help: "This conversation alone, when the person has others.")
    var alone = false

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    func validate() throws {
        guard (1...500).contains(limit) else { throw ValidationError("--limit is 1 to 500.") }
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let opened: OpenedConversation
            do {
                opened = try await session.work.conversations.page(
                    conversation.number, before: older, limit: limit, wholePerson: !alone)
            } catch let error as APIError where error.code == .notFound {
                // What this member is not served any more is not found on this machine either.
                try? await session.agent?.remove(conversations: [conversation.number])
                throw error
            }
            let display = shown.display
            try Output.standardOutput(
                bridge.json
                    ? Output.json(ConversationReport(opened))
                    : display.text(ShowText(opened, now: Moments.now, display: display).lines()))
            // Only what was really printed was seen.
            if older.isEmpty {
                for row in [opened.row] + opened.linked { session.seen.note(row.conversation, opened.newest) }
            }
        }
    }
}
