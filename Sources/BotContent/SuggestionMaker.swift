import Bot

/// One topic that may be what a contact asks, with everything staff need to judge its answer.
public struct TopicSuggestion: Sendable, Equatable {
    /// Whether the answer may go out.
    public enum Review: String, Sendable, Codable, CaseIterable {
        case released
        /// Waits for a lawyer; only the safe text may go out.
        case draft
        /// Past its date: nobody should trust the answer without a new look.
        case expired
    }

    public let topic: TopicID
    /// Estimated probability, 0 to 1, that this is what was asked.
    public let confidence: Double
    public let sources: [TopicSource]
    /// The day on which the sources were last looked at: `2026-11-20`.
    public let checked: String
    public let review: Review
    /// Who is to look along.
    public let handOver: HandOverTarget
    /// A topic of danger has no texts here: the bot's own say that they are automatic, so a person
    /// writes their own words, at once.
    public let isDanger: Bool
    /// The topic's short name by variety.
    public let titles: [Variety: String]
    /// The answer by variety, also while it is a draft, to be read.
    public let texts: [Variety: String]
    /// What may be said while the answer is a draft or expired, by variety.
    public let safeTexts: [Variety: String]
}

/// The bot's best topics for a question, for a person who answers it.
public struct SuggestionMaker: Sendable {
    private let bundle: ContentBundle

    public init(_ bundle: ContentBundle) { self.bundle = bundle }

    /// Suggests topics for a question, best first; topics of danger stand first when the bot would alarm.
    /// The text is not kept.
    ///
    /// - Parameters:
    ///   - now: seconds since 1970: what is past its date is `expired`.
    ///   - limit: suggestions at most.
    /// - Returns: the variety of the question (`nil` without letters), and the suggestions: none when
    ///   nothing comes near.
    public func suggest(_ text: String, now: Int64, limit: Int = 3) -> (
        variety: Variety?, suggestions: [TopicSuggestion]
    ) {
        let ranking = bundle.compiled.rankedTopics(for: text, limit: limit)
        return (
            ranking.variety,
            ranking.candidates.compactMap { candidate in
                bundle.compiled.topic(candidate.topic).map {
                    suggestion($0, confidence: candidate.confidence, now: now)
                }
            }
        )
    }

    /// Whether a text is, byte for byte, what a topic may say today in some variety: its answer when that
    /// is released, and its safe step.
    ///
    /// Never so for a topic of danger: what the bot says there is true of the bot only.
    /// - Parameter now: seconds since 1970.
    public func isReleasedText(_ text: String, topic id: TopicID, now: Int64) -> Bool {
        guard let topic = bundle.compiled.topic(id), topic.kind == .answer else { return false }
        var released = Array(byVariety(.safe(id)).values)
        if review(topic, now: now) == .released { released += byVariety(.answer(id)).values }
        // Bytes, not characters: Swift's == holds composed and decomposed letters for equal.
        return released.contains { $0.utf8.elementsEqual(text.utf8) }
    }

    /// The topic of which a text is, byte for byte, what may be said today; `nil` when it is of none.
    public func releasedTopic(of text: String, now: Int64) -> TopicID? {
        bundle.compiled.topics.first { isReleasedText(text, topic: $0.id, now: now) }?.id
    }

    /// What may not be said and stands in a text.
    public func neverSaid(in text: String) -> [ForbiddenPhrases.Finding] { bundle.forbidden.findings(in: text) }

    private func suggestion(_ topic: Topic, confidence: Double, now: Int64) -> TopicSuggestion {
        let isDanger = topic.kind == .danger
        return TopicSuggestion(
            topic: topic.id, confidence: confidence, sources: bundle.sheets[topic.id]?.sources ?? [],
            checked: bundle.sheets[topic.id]?.checked ?? "", review: review(topic, now: now),
            handOver: topic.handOver, isDanger: isDanger, titles: byVariety(.title(topic.id)),
            texts: isDanger ? [:] : byVariety(.answer(topic.id)),
            safeTexts: isDanger ? [:] : byVariety(.safe(topic.id)))
    }

    private func review(_ topic: Topic, now: Int64) -> TopicSuggestion.Review {
        if topic.needsLawReview && !topic.isLawReviewed { return .draft }
        return now >= topic.expiresAt ? .expired : .released
    }

    private func byVariety(_ key: TextKey) -> [Variety: String] { bundle.texts.compactMapValues { $0[key] } }
}
