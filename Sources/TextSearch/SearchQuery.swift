/// A query as typed, read: words that must all occur, and phrases.
struct SearchQuery: Sendable {
    /// Each clause must be met: a single word, or several in order, next to each other.
    private(set) var clauses: [[WordMatcher]] = []

    /// Words read of a query; what follows is not looked at.
    static let mostWords = 64

    /// Reads a query. Quotation marks of all languages set a phrase; what is written without a space ("3/11",
    /// "e-mail") is a phrase as well. The last word is a prefix as long as nothing stands behind it.
    init(_ query: String) {
        var words = 0
        for part in Self.parts(of: query) {
            var tokens = SearchFolding.scan(part.text, limit: Self.mostWords - words)
            words += tokens.count
            // "l'avocat" asks for avocat: the elided article may be missing.
            if !part.isQuoted {
                while tokens.count > 1,
                    tokens[0].isElided || Self.isArticle(tokens[0], before: tokens[1], in: part.text)
                {
                    tokens.removeFirst()
                }
            }
            guard !tokens.isEmpty else { continue }
            let clause = tokens.enumerated().map { index, token in
                let isPrefix = part.isOpen && index == tokens.count - 1 && token.end == part.text.utf8.count
                let others = Self.otherSpellings(of: token, in: part.text, isPrefix: isPrefix)
                return WordMatcher(folded: token.folded, others: others, isPrefix: isPrefix)
            }
            if !clauses.contains(clause) { clauses.append(clause) }
            if words >= Self.mostWords { return }
        }
    }

    /// "al-mohami", "as-safara": an article with a hyphen may be missing.
    private static func isArticle(
        _ token: SearchFolding.ScannedToken, before next: SearchFolding.ScannedToken, in text: String
    ) -> Bool {
        guard next.start == token.end + 1, text.utf8.dropFirst(token.end).first == UInt8(ascii: "-") else {
            return false
        }
        let word = token.folded
        guard let last = word.last, word.count <= 2, word.count == 1 || "aei".utf8.contains(word[0]) else {
            return false
        }
        return last == UInt8(ascii: "l")
            || (word.count == 2 && "sdtrzn".utf8.contains(last) && next.folded.first == last)
    }

    /// Spellings of an Arabic word with its hamza elsewhere, folded.
    private static func otherSpellings(
        of token: SearchFolding.ScannedToken, in text: String, isPrefix: Bool
    ) -> [[UInt8]] {
        guard let first = token.folded.first, first >= 0xD8, first <= 0xDB else { return [] }
        let start = text.utf8.index(text.startIndex, offsetBy: token.start)
        let end = text.utf8.index(text.startIndex, offsetBy: token.end)
        return HamzaSeats.others(of: text.unicodeScalars[start..<end], isPrefix: isPrefix).compactMap { spelling in
            let words = SearchFolding.scan(spelling, limit: 2)
            return words.count == 1 && words[0].folded != token.folded ? words[0].folded : nil
        }
    }

    private struct Part {
        var text: String
        var isQuoted: Bool
        /// Nothing follows: the last word may still be typed.
        var isOpen = false
    }

    private static func parts(of query: String) -> [Part] {
        var parts: [Part] = []
        var text = String.UnicodeScalarView()
        var quoted = false
        func close(isOpen: Bool) {
            if !text.isEmpty { parts.append(Part(text: String(text), isQuoted: quoted, isOpen: isOpen)) }
            text = String.UnicodeScalarView()
        }
        for scalar in query.unicodeScalars {
            if quotationMarks.contains(scalar) {
                close(isOpen: false)
                quoted.toggle()
            } else if !quoted, scalar.properties.isWhitespace {
                close(isOpen: false)
            } else {
                text.append(scalar)
            }
        }
        close(isOpen: true)
        return parts
    }

    private static let quotationMarks: Set<Unicode.Scalar> = ["\"", "“", "”", "„", "‟", "«", "»", "＂"]
}
