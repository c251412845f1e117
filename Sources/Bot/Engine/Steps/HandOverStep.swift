/// What no other step took: a person does.
enum HandOverStep: TurnStep {
    static func take(_ turn: inout Turn) -> Bool {
        let best = (turn.understanding.whole.map { [$0] } ?? []) + turn.understanding.parts
        let match = best.max { $0.match.confidence < $1.match.confidence }?.match
        let topics = turn.content.topics
        turn.classify(
            .handOver, confidence: match?.confidence ?? 0,
            candidates: match.map { $0.candidates.map { .init(topic: topics[$0.topic].id, confidence: $0.confidence) } }
                ?? [])
        turn.state.pending = nil
        turn.promisePerson(turn.isForeign ? .language : .unsure, to: .intern)
        return true
    }
}
