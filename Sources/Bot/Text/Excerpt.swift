/// The part of a message that is looked at, and the sentences in it that may hold the question.
///
/// A message can be a megabyte long; the work is bounded: the first 4,000 characters, and the
/// last sentences, where people who tell a story put their question.
struct Excerpt: Sendable {
    static let headLimit = 4_000
    static let tailLimit = 600
    /// Sentences that are scored on their own besides the whole.
    static let sentenceLimit = 8

    /// The whole of the excerpt.
    let scalars: [Unicode.Scalar]
    /// Ranges of `scalars` that are sentences, in order.
    let sentences: [Range<Int>]

    init(_ text: String) {
        let head = Array(text.unicodeScalars.prefix(Self.headLimit))
        if head.count < Self.headLimit {
            scalars = head
        } else {
            let rest = text.unicodeScalars.dropFirst(Self.headLimit)
            scalars = head + [" ", "\n"] + Array(rest.suffix(Self.tailLimit))
        }
        sentences = Self.split(scalars)
    }

    /// The sentences worth a look of their own, latest first: those with a question mark, the
    /// last two, the first.
    var candidates: [Range<Int>] {
        guard sentences.count > 1 else { return [] }
        var chosen: [Range<Int>] = []
        for sentence in sentences.reversed() where isQuestion(sentence) && chosen.count < Self.sentenceLimit - 3 {
            chosen.append(sentence)
        }
        for sentence in sentences.suffix(2).reversed() + sentences.prefix(1) where !chosen.contains(sentence) {
            chosen.append(sentence)
        }
        return chosen
    }

    /// Sentences that are matched at most, from the begin and from the end together.
    static let everyLimit = 300

    /// All sentences, in order; of very many the first and the last.
    var everySentence: [Range<Int>] {
        guard sentences.count > Self.everyLimit else { return sentences }
        return Array(sentences.prefix(Self.everyLimit / 2) + sentences.suffix(Self.everyLimit / 2))
    }

    private func isQuestion(_ range: Range<Int>) -> Bool {
        guard let last = scalars[range].last else { return false }
        return last == "?" || last == "\u{61F}" || last == "\u{FF1F}"
    }

    private static func split(_ scalars: [Unicode.Scalar]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        var letters = 0
        for (index, scalar) in scalars.enumerated() {
            if scalar.properties.isAlphabetic { letters += 1 }
            guard isEnd(scalar, at: index, in: scalars) else { continue }
            if letters > 1 { ranges.append(start..<index + 1) }
            start = index + 1
            letters = 0
        }
        if letters > 1 { ranges.append(start..<scalars.count) }
        return ranges
    }

    private static func isEnd(_ scalar: Unicode.Scalar, at index: Int, in scalars: [Unicode.Scalar]) -> Bool {
        switch scalar {
        case "?", "!", "\u{61F}", "\u{FF1F}", "\n", "\r", "\u{2028}", "\u{2029}", "\u{6D4}", "\u{2026}": return true
        case ".":
            // Not inside "3.50" or "d.t.v".
            guard index + 1 < scalars.count else { return true }
            let next = scalars[index + 1]
            return !next.properties.isAlphabetic && !(0x30...0x39).contains(next.value) && next != "."
        default: return false
        }
    }
}
