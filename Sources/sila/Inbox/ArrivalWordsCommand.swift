import ArgumentParser
import ArrivalWords
import StaffProtocol

/// `sila arrival-words`
struct ArrivalWordsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "arrival-words",
        abstract: "Words on a card, by which a person finds their conversation again from another phone.",
        discussion: """
            Given before a removal. Who writes them from another address has the conversation go on there, and \
            nothing else: who has the card has the words, so staff still must know the person by voice.
            """,
        subcommands: [
            ArrivalWordsGiveCommand.self, ArrivalWordsStatusCommand.self, ArrivalWordsRevokeCommand.self,
            ArrivalWordsResetCommand.self,
        ])
}

/// `sila arrival-words give`
struct ArrivalWordsGiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "give",
        abstract: "Draw new words for a person, and print their card. It is shown once.",
        discussion: """
            The words are drawn on this machine; the bridge keeps a keyed hash. Nobody can show them again, and the \
            card before it is good for nothing from now on. Copy it by hand or print it, and read it out to the \
            person. Give it only to somebody you know.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Flag(help: "Ten digits instead of six words, for who does not read.")
    var digits = false

    @Option(
        help: ArgumentHelp(
            "The language of the card: nl, en, fr, ary-Latn, ary. Default: that of the conversation.",
            valueName: "tag"), completion: .list(ArrivalWordList.Column.allCases.map(\.rawValue)))
    var language: String?

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    func validate() throws {
        guard language.map({ ArrivalWordList.Column(rawValue: $0) != nil }) ?? true else {
            let known = ArrivalWordList.Column.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--language is one of: \(known).")
        }
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let row = try await session.row(conversation)
            var generator = SystemRandomNumberGenerator()
            guard let code = ArrivalCode.random(digits ? .digits : .words, using: &generator) else {
                throw CommandFailure(.software, "No words could be drawn: the list of this program is damaged.")
            }
            let status = try await session.connection.setArrivalWords(
                conversation.number, ArrivalWordsRequest(action: .give, code: code.canonical))
            let card = CardText(code: code, first: CardText.column(language ?? row.language))
            let display = shown.display
            try Output.standardOutput(
                bridge.json
                    ? Output.json(GivenReport(card, ArrivalWordsReport(status)))
                    : display.text(
                        card.lines(display)
                            + display.wrapped(
                                "Shown once. Holds until \(Moments.clock(status.expiresAt)); the card before it is "
                                    + "good for nothing.", weight: .faint)))
        }
    }
}

/// `sila arrival-words status`
struct ArrivalWordsStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Whether a person has a card, and what came of it.",
        discussion: Statuses.working)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            try ArrivalWordsReport.tell(
                try await session.connection.arrivalWords(conversation.number), json: bridge.json)
        }
    }
}

/// `sila arrival-words revoke`
struct ArrivalWordsRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Make a person's card good for nothing.",
        discussion: Statuses.working)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            try ArrivalWordsReport.tell(
                try await session.connection.setArrivalWords(
                    conversation.number, ArrivalWordsRequest(action: .revoke)), json: bridge.json)
        }
    }
}

/// `sila arrival-words reset`
struct ArrivalWordsResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Let an address try words again, after five that were wrong.",
        discussion: Statuses.working)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            try ArrivalWordsReport.tell(
                try await session.connection.setArrivalWords(
                    conversation.number, ArrivalWordsRequest(action: .resetTries)), json: bridge.json)
        }
    }
}
