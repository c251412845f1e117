import Bot
import BotContent

/// When a choice of a story is taken: all parts that are given must hold; with none, anything does.
///
/// It looks at words, not at sense: a story must go on sensibly when a good reply is not recognised.
public struct ReplyCondition: Sendable, Equatable {
    /// Phrases of which one stands in the reply.
    public var says: [PhrasePattern] = []
    /// Phrases of which none stands in it.
    public var lacks: [PhrasePattern] = []
    /// Phrases of which one stands in a part of the reply that asks something.
    public var asks: [PhrasePattern] = []
    /// Phrases of which one stands in a part of the reply that denies nothing.
    public var promises: [PhrasePattern] = []
    /// Something that is never said (`Bots/never`) stands in it.
    public var isForbidden = false
    /// It has more characters than this.
    public var longerThan: Int?

    public init() {}

    /// Whether every reply is taken.
    public var isAny: Bool { self == ReplyCondition() }

    /// Whether a reply is taken.
    func holds(for reply: ReadReply, forbidden: ForbiddenPhrases) -> Bool {
        if isForbidden, forbidden.findings(in: reply.text).isEmpty { return false }
        if let longerThan, reply.text.count <= longerThan { return false }
        if !says.isEmpty, !says.contains(where: { $0.stands(in: reply.words) }) { return false }
        if lacks.contains(where: { $0.stands(in: reply.words) }) { return false }
        if !asks.isEmpty, !reply.clauses.contains(where: { $0.asks && contains(asks, $0) }) { return false }
        if !promises.isEmpty, !reply.clauses.contains(where: { !$0.denies && contains(promises, $0) }) { return false }
        return true
    }

    private func contains(_ patterns: [PhrasePattern], _ clause: ReadReply.Clause) -> Bool {
        patterns.contains { $0.stands(in: clause.words) }
    }
}

/// A phrase to look for: words that follow each other; `*` before or behind a word stands for any letters.
public struct PhrasePattern: Sendable, Equatable {
    private struct Word: Sendable, Equatable {
        let letters: String
        let openStart: Bool
        let openEnd: Bool

        func fits(_ word: String) -> Bool {
            switch (openStart, openEnd) {
            case (false, false): word == letters
            case (false, true): word.hasPrefix(letters)
            case (true, false): word.hasSuffix(letters)
            case (true, true): contains(word)
            }
        }

        private func contains(_ word: String) -> Bool {
            var rest = word[...]
            while !rest.isEmpty {
                if rest.hasPrefix(letters) { return true }
                rest = rest.dropFirst()
            }
            return false
        }
    }

    /// As the story has it.
    public let text: String
    private let words: [Word]

    /// `nil` when it has no word.
    public init?(_ text: String) {
        self.text = text
        words = text.split(whereSeparator: \.isWhitespace).flatMap { part -> [Word] in
            let folded = Folding.folded(String(part)).split(separator: " ").map(String.init)
            return folded.enumerated().map { index, letters in
                Word(
                    letters: letters, openStart: index == 0 && part.hasPrefix("*"),
                    openEnd: index == folded.count - 1 && part.hasSuffix("*"))
            }
        }
        if words.isEmpty { return nil }
    }

    /// Whether the phrase stands in folded words.
    func stands(in text: [String]) -> Bool {
        guard text.count >= words.count else { return false }
        return (0...text.count - words.count).contains { start in
            words.indices.allSatisfy { words[$0].fits(text[start + $0]) }
        }
    }
}
