import ArgumentParser
import StaffAgent
import StaffProtocol

/// `sila search`
struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find words in everything that you are served: spelled as typed first, newest first.",
        discussion: """
            All the words, in any order, and beginnings of words. Arabic is found whichever way alef, hamza and \
            ta marbuta are written and with or without vowel signs, Darija in Latin letters in its usual \
            spellings and in Arabic ones, Dutch, English and French without regard to case and accents. What \
            has the words in the spelling that you typed comes first.

            The agent holds the index, in memory: unlock it first with 'sila unlock'. What has just come is \
            taken in first, for at most two seconds. While the index is being filled there may be more than is \
            found; that is said below.

            EXIT STATUS
              0 something was found; 1 nothing was; 64 command line; 65 what was given is wrong; 66 no agent \
            runs; 74 reading or writing failed.
            """)

    @Argument(help: "The words; '-' to be asked for them, so that they do not stay in the history of the shell.")
    var words: [String]

    @Option(help: ArgumentHelp("How many at most, 1 to 500.", valueName: "number"))
    var limit = 20

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    func validate() throws {
        guard (1...AgentProtocol.hitLimit).contains(limit) else {
            throw ValidationError("--limit is 1 to \(AgentProtocol.hitLimit).")
        }
    }

    struct Report: Encodable {
        struct Hit: Encodable {
            let conversation: String
            let id: String
            let position: Int64
            let at: String
            let isOutgoing: Bool
            /// What the bridge says of it is not what was sealed.
            let isDoubtful: Bool
            let text: String
            let isCut: Bool
        }

        let version = 1
        let total: Int
        let isComplete: Bool
        let hits: [Hit]

        init(_ answer: SearchAnswer) {
            total = answer.total
            isComplete = answer.isComplete
            hits = answer.hits.map {
                Hit(
                    conversation: ShortID(.conversation, $0.conversation).description, id: $0.shortID.description,
                    position: $0.position, at: Moments.iso($0.storedAt), isOutgoing: $0.isOutgoing,
                    isDoubtful: $0.isDoubtful, text: $0.text, isCut: $0.isCut)
            }
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            guard let agent = try BridgeSession.agent(of: StaffMachine(bridge)) else {
                throw CommandFailure(
                    .missing, "Nothing is unlocked: the index is in the agent's memory. First: sila unlock")
            }
            var answer = try await agent.search(Self.sought(words, .terminal), limit: limit)
            let index = try await agent.status().index.state
            if index != .complete { answer.isComplete = false }
            if bridge.json {
                try Output.standardOutput(Output.json(Report(answer)))
            } else {
                let display = shown.display
                try Output.standardOutput(display.text(Self.lines(answer, index, display)))
            }
            if answer.hits.isEmpty { throw ExitCode(1) }
        }
    }

    /// What is looked for: words of the command line, or typed at a question, or piped in.
    static func sought(_ words: [String], _ asking: Asking) throws -> String {
        guard words == ["-"] else { return words.joined(separator: " ") }
        guard let ask = asking.ask else { return try StandardInput.read(limit: AgentProtocol.queryLimit) }
        return try ask("Search for: ")
    }

    static func lines(_ answer: SearchAnswer, _ index: IndexStatus.State, _ display: Display) -> [Display.Line] {
        var lines: [Display.Line] = []
        for hit in answer.hits {
            let heading =
                "\(Moments.clock(hit.storedAt))  \(ShortID(.conversation, hit.conversation)) \(hit.shortID)  "
                + (hit.kind == .message ? (hit.isOutgoing ? "to the contact" : "the contact") : hit.kind.rawValue)
                + (hit.isDoubtful ? "  DOUBT: the bridge says otherwise than what was sealed" : "")
            lines += display.wrapped(heading, weight: .strong)
            let quoted = display.quoted(hit.text)
            lines += quoted.prefix(4)
            if quoted.count > 4 || hit.isCut { lines += ["  │ …"] }
        }
        let more = answer.total > answer.hits.count ? "\(answer.hits.count) of \(answer.total)" : "\(answer.total)"
        lines += [Display.Line(answer.hits.isEmpty ? "Nothing was found." : "\(more) found.")]
        switch index {
        case .interrupted: lines += display.wrapped("The bridge is not reached: what is newer cannot be found.")
        case .empty, .filling: lines += display.wrapped("The index is still being filled: there may be more.")
        case .behind:
            lines += display.wrapped("Newer ones are still being taken in: try again in a few seconds.")
        case .complete: break
        }
        return lines
    }
}
