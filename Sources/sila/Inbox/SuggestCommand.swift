import ArgumentParser
import StaffProtocol
import TerminalText

/// `sila suggest`
struct SuggestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suggest",
        abstract: "Show what the bot would say: its best topics, with source, date and review.",
        discussion: """
            For the contact's last words, if they are of the last \(EntryFinder.suggestionDays) days, or --words; \
            the bridge gets these words to look them up. The text stands in the contact's language and in Dutch, \
            side by side in a window of 100 columns or more. What waits for a lawyer, or was not checked in \
            time, is shown to be read; said is its safe step only.

            Send one with: sila reply CONVERSATION --topic TOPIC

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Option(help: ArgumentHelp("Another question than the contact's last words.", valueName: "text"))
    var words: String?

    @Option(
        help: ArgumentHelp("Show this language instead of the contact's.", valueName: "tag"),
        completion: .list(["nl", "en", "fr", "ar", "ary", "ary-Latn"]))
    var variety: String?

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    struct Report: Encodable {
        struct Topic: Encodable {
            let topic: String
            let confidence: Double
            let sources: [String]
            let checked: String
            /// `released`, `draft`, `expired`.
            let review: String
            let handOver: String
            /// The answer by variety.
            let texts: [String: String]
            /// What may be said now, by variety.
            let sayable: [String: String]
        }

        let version = 1
        let conversation: String
        let variety: String
        let topics: [Topic]
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let row = try await session.row(conversation)
            let question =
                if let words { words } else { try await session.finder.lastWords(conversation.number) }
            guard let question else {
                throw CommandFailure(
                    .missing,
                    "There are no words of the contact from the last \(EntryFinder.suggestionDays) days that can be "
                        + "read and are not in doubt. Give some with --words.")
            }
            let answer = try await session.connection.suggest(question)
            let language = variety ?? (row.language.isEmpty ? answer.variety : row.language)
            if bridge.json {
                let topics = answer.suggestions.map {
                    Report.Topic(
                        topic: $0.topic, confidence: $0.confidence, sources: $0.sources, checked: $0.checked,
                        review: $0.review, handOver: $0.handOver, texts: $0.texts, sayable: $0.sayable)
                }
                return try Output.standardOutput(
                    Output.json(
                        Report(conversation: conversation.id.description, variety: language, topics: topics)))
            }
            let display = shown.display
            try Output.standardOutput(
                display.text(
                    SuggestText(
                        conversation: conversation.id, question: question, language: language,
                        suggestions: answer.suggestions, display: display
                    ).lines()))
        }
    }
}

/// Suggestions as lines of a terminal.
struct SuggestText {
    let conversation: ShortID
    let question: String
    let language: String
    let suggestions: [Suggestion]
    let display: Display

    /// Where two texts stand side by side.
    static let wide = 100

    func lines() -> [Display.Line] {
        var lines: [Display.Line] = ["The question:"] + display.quoted(question) + [""]
        if suggestions.isEmpty { lines += ["The bot knows no topic for it."] }
        for suggestion in suggestions {
            lines += heading(suggestion) + texts(suggestion)
            let isSayable = suggestion.sayable[language] != nil
            if isSayable {
                lines += display.wrapped(
                    "Send: sila reply \(conversation) --topic \(Foreign.word(suggestion.topic))"
                        + (suggestion.isReleased ? "" : "  (the safe step)"), weight: .faint, indent: 2)
            }
            lines.append("")
        }
        return lines
    }

    private func heading(_ suggestion: Suggestion) -> [Display.Line] {
        let percent = Int((suggestion.confidence * 100).rounded())
        var facts = ["\(Foreign.word(suggestion.topic)) · \(percent)%", Self.words(review: suggestion.review)]
        if !suggestion.checked.isEmpty { facts.append("checked \(Foreign.word(suggestion.checked))") }
        if !suggestion.handOver.isEmpty { facts.append("looks along: \(Foreign.word(suggestion.handOver))") }
        var lines = display.wrapped(
            facts.joined(separator: " · "), weight: suggestion.isReleased ? .strong : .alarm)
        for source in suggestion.sources { lines += display.wrapped("Source: \(Foreign.word(source))", indent: 2) }
        return lines
    }

    static func words(review: String) -> String {
        switch review {
        case "released": "released"
        case "draft": "NOT REVIEWED: waits for a lawyer"
        case "expired": "EXPIRED: not checked in time"
        default: Foreign.word(review)
        }
    }

    private func texts(_ suggestion: Suggestion) -> [Display.Line] {
        let sayable = pair(suggestion.sayable)
        guard !suggestion.isReleased else { return sayable }
        return ["  The answer, to read, not to send:"] + pair(suggestion.texts) + ["  The safe step:"] + sayable
    }

    /// The contact's language and Dutch: beside each other where there is room, else below each other.
    private func pair(_ texts: [String: String]) -> [Display.Line] {
        let own = texts[language]
        let dutch = language == "nl" ? nil : texts["nl"]
        guard let own, let dutch, display.columns >= Self.wide else {
            var lines: [Display.Line] = []
            if let own {
                lines += ["  \(Foreign.word(language)):"] + display.quoted(own)
            } else {
                lines += ["  There is no text in \(Foreign.word(language))."]
            }
            if let dutch { lines += ["  nl:"] + display.quoted(dutch) }
            return lines
        }
        let width = (min(display.columns, 160) - 7) / 2
        let left = [Foreign.word(language) + ":"] + Foreign.rows(own, columns: width)
        let right = ["nl:"] + Foreign.rows(dutch, columns: width)
        return (0..<max(left.count, right.count)).map { index in
            let one = index < left.count ? left[index] : ""
            let other = index < right.count ? right[index] : ""
            return Display.Line("  │ \(DisplayWidth.fitted(one, to: width)) │ \(other)")
        }
    }
}
