/// A question: answered when the bot surely knows it, asked back when it may be one of two or three.
enum TopicStep: TurnStep {
    static func take(_ turn: inout Turn) -> Bool {
        guard !turn.isForeign else { return false }
        let thresholds = turn.content.matcher.calibration.thresholds
        let sure = sureTopics(turn.understanding, threshold: thresholds.answer)
        if !sure.isEmpty {
            answer(sure, turn: &turn)
            return true
        }
        guard let part = mostPromising(turn.understanding), part.match.confidenceInThree >= thresholds.ask else {
            return false
        }
        return ask(part, turn: &turn)
    }

    /// The topics that are surely asked, at most two, in the order of the message.
    private static func sureTopics(_ understanding: Understanding, threshold: Double) -> [(Int, Double)] {
        // Each further sentence is another chance to be wrong: a part must be surer than the whole.
        let forPart = threshold + (1 - threshold) * 0.3
        var found: [(topic: Int, confidence: Double)] = []
        for part in understanding.parts where part.match.confidence >= forPart && part.words >= 3 {
            guard let best = part.match.candidates.first, !found.contains(where: { $0.topic == best.topic }) else {
                continue
            }
            found.append((best.topic, best.confidence))
        }
        if found.isEmpty, let whole = understanding.whole, whole.match.confidence >= threshold,
            let best = whole.match.candidates.first
        {
            found.append((best.topic, best.confidence))
        }
        // Three sure topics in one message are a story, not three questions: the two surest.
        guard found.count > 2 else { return found }
        let surest = Set(found.sorted { $0.confidence > $1.confidence }.prefix(2).map(\.topic))
        return found.filter { surest.contains($0.topic) }
    }

    private static func mostPromising(_ understanding: Understanding) -> Understanding.Part? {
        let all = (understanding.whole.map { [$0] } ?? []) + understanding.parts
        return all.max { $0.match.confidenceInThree < $1.match.confidenceInThree }
    }

    private static func answer(_ sure: [(Int, Double)], turn: inout Turn) {
        turn.state.pending = nil
        let topics = turn.content.topics
        turn.classify(
            .answer, topic: sure.first.map { topics[$0.0].id }, confidence: sure.first?.1 ?? 0,
            candidates: sure.map { .init(topic: topics[$0.0].id, confidence: $0.1) })
        for (index, _) in sure { turn.give(topics[index]) }
    }

    private static func ask(_ part: Understanding.Part, turn: inout Turn) -> Bool {
        let topics = turn.content.topics
        // One that is likely alone is asked about alone: an absurd second choice helps nobody.
        let chosen = part.match.candidates.enumerated().filter { position, candidate in
            position == 0 || candidate.share >= 0.04 && topics[candidate.topic].kind != .danger
        }.map(\.element)
        guard !chosen.isEmpty else { return false }
        let ids = chosen.map { topics[$0.topic].id }
        turn.classify(
            .ask, confidence: part.match.confidence,
            candidates: chosen.map { .init(topic: topics[$0.topic].id, confidence: $0.confidence) })
        turn.state.pending = PendingChoice(topics: ids, askedAt: turn.input.now)
        turn.ask(ids)
        return true
    }
}

extension Turn {
    /// Asks which of the topics is meant: a number each, then "none of these" and "a person".
    mutating func ask(_ topics: [TopicID]) {
        guard let question = content.text(.askWhich, in: variety) else { return }
        let keys = topics.map(TextKey.title) + [.askNone, .askPerson]
        var lines = [question.text]
        for (index, key) in keys.enumerated() {
            guard let title = content.text(key, in: variety), let line = content.text(.askOption, in: variety) else {
                continue
            }
            lines.append(line.text.filling(["{n}": String(index + 1), "{title}": title.text]))
        }
        say(text: lines.joined(separator: "\n"), variety: question.variety, keys: [.askWhich] + keys)
    }
}

extension String {
    /// Fills placeholders in one pass, so that a value is never taken for a placeholder.
    func filling(_ values: [String: String]) -> String {
        var result = ""
        var rest = self[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: "}") else { break }
            let name = String(rest[...close])
            result += values[name] ?? name
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
