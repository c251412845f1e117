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
                while tokens.count > 1, tokens[0].isElided { tokens.removeFirst() }
            }
            guard !tokens.isEmpty else { continue }
            let clause = tokens.enumerated().map { index, token in
                WordMatcher(
                    folded: token.folded,
                    isPrefix: part.isOpen && index == tokens.count - 1 && token.end == part.text.utf8.count)
            }
            if !clauses.contains(clause) { clauses.append(clause) }
            if words >= Self.mostWords { return }
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
