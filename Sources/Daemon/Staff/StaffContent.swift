import Bot
import BotContent
import Foundation
import StaffProtocol

/// The bot's content as the staff API gives it.
struct StaffContent: Sendable {
    let maker: SuggestionMaker

    /// The bot's best topics for a question, and what of it is never said.
    func suggest(_ question: String) -> Suggestions {
        let found = maker.suggest(question, now: Self.now)
        return Suggestions(
            variety: found.variety?.rawValue ?? "",
            suggestions: found.suggestions.map { suggestion in
                Suggestion(
                    topic: suggestion.topic.rawValue, confidence: suggestion.confidence,
                    sources: suggestion.sources.map { "\($0.title) (\($0.date))" }, checked: suggestion.checked,
                    review: suggestion.review.rawValue,
                    handOver: suggestion.handOver == .none ? "" : suggestion.handOver.rawValue,
                    texts: Self.byTag(suggestion.texts), safeTexts: Self.byTag(suggestion.safeTexts))
            },
            neverSaid: maker.neverSaid(in: question).map { NeverSaid(variety: $0.variety.rawValue, phrase: $0.phrase) })
    }

    /// Whether a text is, byte for byte, what a topic may say today; without a topic: what any may.
    func isReleased(_ text: String, topic: String?) -> Bool {
        if let topic { return maker.isReleasedText(text, topic: TopicID(topic), now: Self.now) }
        return maker.releasedTopic(of: text, now: Self.now) != nil
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    private static func byTag(_ texts: [Variety: String]) -> [String: String] {
        Dictionary(texts.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
}
