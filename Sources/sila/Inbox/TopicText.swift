import StaffProtocol

/// The text that may be said on a topic, in one variety.
struct TopicText: Equatable {
    let text: String
    let variety: String

    /// Asks the bridge for the topic: by the contact's last words, then by its name.
    ///
    /// - Throws: `CommandFailure` (66) when the bot does not offer it, or not in this variety.
    static func find(
        _ topic: String, variety: String?, for conversation: ConversationArgument, in session: BridgeSession
    ) async throws -> TopicText {
        let row = try await session.row(conversation)
        var questions = [topic.replacing("-", with: " ")]
        if let words = try await session.finder.lastWords(conversation.number) { questions.insert(words, at: 0) }
        for question in questions {
            let answer = try await session.connection.suggest(question)
            guard let suggestion = answer.suggestions.first(where: { $0.topic == topic }) else { continue }
            let wanted = variety ?? (row.language.isEmpty ? answer.variety : row.language)
            return try pick(suggestion, variety: wanted)
        }
        throw CommandFailure(
            .missing,
            "The bot offers no topic '\(topic)' for this conversation. Those it does: sila suggest "
                + "\(conversation.id)")
    }

    /// What may be said of a suggestion: the answer if it is released, else the safe step.
    static func pick(_ suggestion: Suggestion, variety: String) throws -> TopicText {
        let texts = suggestion.sayable
        guard let text = texts[variety] else {
            let others = texts.keys.sorted().map(Foreign.word).joined(separator: ", ")
            throw CommandFailure(
                .missing,
                "The topic '\(suggestion.topic)' has no text in '\(variety)'"
                    + (others.isEmpty ? "." : "; it has: \(others). Choose with --variety."))
        }
        return TopicText(text: text, variety: variety)
    }
}

extension Suggestion {
    var isReleased: Bool { review == "released" }
    /// What may be said now, by variety.
    var sayable: [String: String] { isReleased ? texts : safeTexts }
}
