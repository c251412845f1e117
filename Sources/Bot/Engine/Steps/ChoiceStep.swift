/// The answer to a numbered question: a number in any script, or the words. What is neither is
/// looked at as a new message.
enum ChoiceStep: TurnStep {
    static func take(_ turn: inout Turn) -> Bool {
        guard let pending = turn.state.pending else { return false }
        let age = turn.input.now - pending.askedAt
        guard age <= turn.settings.choiceLifetime, pending.topics.allSatisfy({ turn.content.topic($0) != nil }) else {
            turn.state.pending = nil
            return false
        }
        guard let choice = choice(in: turn, of: pending) else { return false }
        turn.state.pending = nil
        switch choice {
        case .topic(let topic):
            turn.classify(.answer, topic: topic.id)
            turn.give(topic)
        case .person:
            turn.classify(.handOver)
            turn.promisePerson(.asked, to: .intern)
        }
        return true
    }

    private enum Choice {
        case topic(Topic)
        /// "A person", or none of the topics.
        case person
    }

    private static func choice(in turn: Turn, of pending: PendingChoice) -> Choice? {
        let text = turn.understanding.folded
        if let number = Numbers.single(in: text) {
            if let topic = pending.topics.indices.contains(number - 1) ? pending.topics[number - 1] : nil {
                return turn.content.topic(topic).map(Choice.topic)
            }
            return number == pending.topics.count + 1 || number == pending.topics.count + 2 ? .person : nil
        }
        if isNone(text, content: turn.content) { return .person }
        return byWords(text, of: pending, content: turn.content)
    }

    /// Whether the text says "none of these", in any of the varieties.
    private static func isNone(_ text: FoldedText, content: CompiledContent) -> Bool {
        let words = text.strings
        guard !words.isEmpty, words.count <= 6 else { return false }
        if words.allSatisfy(noneWords.contains) { return true }
        return Variety.written.contains { variety in
            guard let option = content.text(.askNone, in: variety) else { return false }
            return FoldedText(option.text).strings == words
        }
    }

    /// The one option whose title shares the message's words. Words that stand in several titles
    /// tell nothing.
    private static func byWords(_ text: FoldedText, of pending: PendingChoice, content: CompiledContent) -> Choice? {
        let words = Set(text.strings.filter { $0.count > 2 })
        guard !words.isEmpty, text.words.count <= 8 else { return nil }
        let titles = pending.topics.map { topic in
            Set(Variety.written.flatMap { FoldedText(content.text(.title(topic), in: $0)?.text ?? "").strings })
        }
        var hits: [Int] = []
        for index in titles.indices {
            let others = titles.indices.filter { $0 != index }.reduce(into: Set<String>()) { $0.formUnion(titles[$1]) }
            if !words.intersection(titles[index]).subtracting(others).isEmpty { hits.append(index) }
        }
        guard hits.count == 1, let hit = hits.first, words.intersection(titles[hit]).count * 2 >= words.count else {
            return nil
        }
        return content.topic(pending.topics[hit]).map(Choice.topic)
    }

    private static let noneWords: Set<String> = Set(
        """
        none neither nothing something else of these them geen niets iets anders van deze aucun aucune rien autre chose \
        de no nee non la لا والو walo 7ta wa7da wahda men hado hadou شيء اخر لاشيء ولا واحد حتى وحده من هادو هذه
        """.split(whereSeparator: \.isWhitespace).flatMap { FoldedText(String($0)).strings })
}
