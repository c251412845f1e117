/// What a message says as far as the bot can tell: its language, and for the whole and for its
/// sentences the topics that come into question.
struct Understanding: Sendable {
    /// One text, the whole or a sentence, with its match.
    struct Part: Sendable {
        let position: Int
        let words: Int
        let match: TopicMatcher.Match
    }

    let folded: FoldedText
    let script: Script
    let guess: VarietyGuesser.Guess?
    /// Whether the message has nothing but spaces.
    let isBlank: Bool
    /// The whole message; `nil` when it has no words.
    let whole: Part?
    /// Sentences in which the question may be, in the order of the message; empty when the
    /// message is a single one.
    let parts: [Part]
    /// For each topic of danger the highest odds anywhere in the message.
    let dangers: [(topic: TopicID, odds: Double)]

    /// Words from which on a message is a story: its whole says little about its question.
    private static let storyLength = 80

    init(_ text: String, content: CompiledContent) {
        let excerpt = Excerpt(text)
        folded = FoldedText(excerpt.scalars)
        isBlank = excerpt.scalars.allSatisfy(\.properties.isWhitespace)
        script = Script(of: folded)
        let guess = content.guesser.guess(folded)
        self.guess = guess

        var odds = [Float](repeating: 0, count: content.topics.count)
        func match(_ text: FoldedText, at position: Int) -> Part? {
            // Danger can be said in passing, and people dictate without full stops: long
            // sentences are listened to in overlapping pieces too.
            for window in Self.windows(text.words.count) {
                let piece = content.matcher.odds(text.window(window), variety: guess?.variety)
                for (index, odd) in piece.enumerated() { odds[index] = max(odds[index], odd) }
            }
            guard let match = content.matcher.match(text, variety: guess?.variety) else { return nil }
            for index in odds.indices { odds[index] = max(odds[index], match.odds[index]) }
            return Part(position: position, words: text.words.count, match: match)
        }
        let isStory = folded.words.count > Self.storyLength
        let isSeveral = excerpt.sentences.count > 1
        whole = isStory ? nil : isSeveral ? Self.whole(folded, guess, content) : match(folded, at: 0)
        let wanted = Set(excerpt.candidates.map(\.lowerBound))
        var parts: [Part] = []
        if isSeveral || isStory {
            for sentence in excerpt.everySentence {
                let text = FoldedText(excerpt.scalars[sentence])
                guard text.words.count > 1, let part = match(text, at: sentence.lowerBound) else { continue }
                if wanted.contains(sentence.lowerBound) || !isSeveral { parts.append(part) }
            }
        }
        self.parts = parts.sorted { $0.position < $1.position }
        dangers = content.topics.enumerated().compactMap { index, topic in
            topic.kind == .danger ? (topic.id, Double(odds[index])) : nil
        }
    }

    /// The match of a message of several sentences as one text.
    private static func whole(_ text: FoldedText, _ guess: VarietyGuesser.Guess?, _ content: CompiledContent) -> Part? {
        content.matcher.match(text, variety: guess?.variety).map {
            Part(position: 0, words: text.words.count, match: $0)
        }
    }

    /// Overlapping pieces of a long sentence, as ranges of words; none for a short one.
    static func windows(_ words: Int) -> [Range<Int>] {
        guard words > 20 else { return [] }
        return stride(from: 0, to: words - 6, by: 6).map { $0..<min($0 + 12, words) }
    }
}
