/// The topics a text may be about, for a person who chooses: no decision is taken.
public struct TopicRanking: Sendable, Equatable {
    /// The variety of the text; `other` when it is none that content is written in, `nil` without letters.
    public let variety: Variety?
    /// Best first, each topic once. A topic of danger stands first when the bot would alarm.
    public let candidates: [Classification.Candidate]
}

extension CompiledContent {
    /// Ranks the topics for a question, by what the whole of it and each of its sentences say.
    ///
    /// Uses the same models and the same bounded part of a long text as the engine, so that staff see
    /// what the bot saw.
    /// - Parameters:
    ///   - limit: topics at most.
    ///   - least: topics with a lower estimated probability (0 to 1) are left out.
    public func rankedTopics(for text: String, limit: Int = 5, least: Double = 0.02) -> TopicRanking {
        let understanding = Understanding(text, content: self)
        var best: [Int: Double] = [:]
        for part in (understanding.whole.map { [$0] } ?? []) + understanding.parts {
            for candidate in part.match.candidates {
                best[candidate.topic] = max(best[candidate.topic] ?? 0, candidate.confidence)
            }
        }
        var alarming: Set<TopicID> = []
        for danger in understanding.dangers where danger.odds >= matcher.calibration.thresholds.danger {
            alarming.insert(danger.topic)
        }
        let odds = Dictionary(
            understanding.dangers.map { ($0.topic, $0.odds) }, uniquingKeysWith: { first, _ in first })
        var found: [Classification.Candidate] = []
        for (index, topic) in topics.enumerated() {
            let isAlarming = alarming.contains(topic.id)
            let confidence = max(best[index] ?? 0, isAlarming ? odds[topic.id] ?? 0 : 0)
            guard isAlarming || confidence >= least else { continue }
            found.append(.init(topic: topic.id, confidence: confidence))
        }
        found.sort { a, b in
            let first = alarming.contains(a.topic)
            guard first == alarming.contains(b.topic) else { return first }
            return (b.confidence, a.topic) < (a.confidence, b.topic)
        }
        return TopicRanking(variety: understanding.guess?.variety, candidates: Array(found.prefix(max(limit, 0))))
    }
}
