import ArgumentParser
import StaffProtocol

/// `sila contact recognise`
struct ContactRecogniseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recognise",
        abstract: "Say that you knew the person by their voice, on this address.",
        discussion: """
            The words on a card reopen a conversation and nothing else: whoever has the card has them. Call the \
            person, or listen to them; what they know proves nothing. Until somebody has said this, stage, amount, \
            account and other people's names stay closed.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let row = try await session.connection.setPerson(conversation.number, PersonRequest(action: .recognise))
            try HandlingReport.tell(
                "recognised", row, json: bridge.json,
                "Noted: you knew the voice of the person in \(conversation.id).")
        }
    }
}

/// `sila contact link`
struct ContactLinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Say that two conversations are one person's.",
        discussion: """
            They are then shown as one history, and whoever has the one has the other. Nothing that was said moves: \
            'sila contact unlink' takes it back.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation on the newer address: c30.")
    var conversation: ConversationArgument

    @Argument(help: "The person's earlier conversation: c12.")
    var earlier: ConversationArgument

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let row = try await session.connection.setPerson(
                conversation.number, PersonRequest(action: .link, of: earlier.number))
            try HandlingReport.tell(
                "linked", row, json: bridge.json, "\(conversation.id) and \(earlier.id) are one person's now.")
        }
    }
}

/// `sila contact unlink`
struct ContactUnlinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlink",
        abstract: "Say that a conversation is not the same person's after all.",
        discussion: """
            When somebody else wrote the words on a card, they know them: give a new one (sila arrival-words give).

            \(Statuses.working)
            """)

    @Argument(help: "The conversation on the newer address: c30.")
    var conversation: ConversationArgument

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let row = try await session.connection.setPerson(conversation.number, PersonRequest(action: .unlink))
            try HandlingReport.tell("unlinked", row, json: bridge.json, "\(conversation.id) stands alone again.")
        }
    }
}
