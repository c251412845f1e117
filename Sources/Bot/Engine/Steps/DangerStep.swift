/// Words of danger anywhere in a message: one calm text, and a person is alerted. Missing danger
/// weighs far more than a false alarm, so much less certainty is asked for than for an answer.
enum DangerStep: TurnStep {
    static func take(_ turn: inout Turn) -> Bool {
        guard let topic = danger(in: turn) else { return false }
        let odds = turn.understanding.dangers.first { $0.topic == topic.id }?.odds ?? 0
        turn.classify(.urgent, topic: topic.id, confidence: odds)
        turn.state.pending = nil
        // Where the bot is sure, the topic's own words; else those for danger of any kind.
        let isSure = odds >= 0.6 && turn.content.has(.answer(topic.id))
        turn.say([isSure ? .answer(topic.id) : .dangerHandOver], topic: topic.id)
        turn.notePromise()
        turn.handOver(.danger, to: topic.handOver == .none ? .crisis : topic.handOver, topic: topic.id)
        return true
    }

    /// The danger a message speaks of, if any.
    static func danger(in turn: Turn) -> Topic? {
        let threshold = turn.content.matcher.calibration.thresholds.danger
        let most = turn.understanding.dangers.max { $0.odds < $1.odds }
        guard let most, most.odds >= threshold else { return nil }
        return turn.content.topic(most.topic)
    }
}
