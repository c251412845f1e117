/// A message that is nothing but the words of a card. What is said holds no name, no fact, and one bit.
enum ArrivalStep: TurnStep {
    static func take(_ turn: inout Turn) -> Bool {
        guard let arrival = turn.input.arrival else { return false }
        turn.classify(.handOver)
        turn.state.pending = nil
        switch arrival {
        case .right:
            turn.say([.arrivalRight])
            turn.handOver(.arrivalWords, to: .intern)
        case .notRecognised:
            turn.say([.arrivalNotRecognised])
            turn.handOver(.arrivalWordsWrong, to: .intern)
        case .tooOften:
            turn.say([.arrivalTooOften])
            turn.handOver(.arrivalWordsTooOften, to: .intern)
        }
        turn.notePromise()
        return true
    }
}
