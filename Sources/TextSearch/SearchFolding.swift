/// A word of a text as the search sees it.
public struct Token: Sendable, Equatable {
    /// The word without case, accents, vowel marks and the differences between forms of one letter.
    public let folded: String
    /// The consonants of the word as it sounds, the same for Arabic and Latin letters; `nil` for numbers, for
    /// words of other scripts, for very short words, and for words that are surely Dutch, English or French.
    public let skeleton: String?
    /// Where the word stands in the text.
    public let range: Range<String.Index>
}

/// How texts are made comparable for searching: in Darija in Arabic and Latin letters, standard Arabic, Dutch,
/// English and French.
public enum SearchFolding {
    /// The words of a text, in order.
    ///
    /// Takes any text; linear in its length. Words longer than 96 bytes when folded are cut at that length.
    public static func tokens(_ text: String) -> [Token] {
        scan(text, limit: .max).map { token in
            let skeleton = WordSounds.starts(of: token.folded[...]).last.flatMap {
                SoundForm(token.folded[$0...])
            }
            return Token(
                folded: String(decoding: token.folded, as: UTF8.self),
                skeleton: skeleton.map { String(decoding: $0.key, as: UTF8.self) },
                range: range(token.start..<token.end, of: text))
        }
    }

    /// The places in a text that a query finds, in order, for showing them: words, and whole phrases.
    ///
    /// Ranges do not overlap. Places of some words are given also if others of the query are missing.
    public static func highlights(of query: String, in text: String) -> [Range<String.Index>] {
        let clauses = SearchQuery(query).clauses
        guard !clauses.isEmpty else { return [] }
        let tokens = scan(text, limit: .max)
        var found: [Range<Int>] = []
        for clause in clauses {
            var first = 0
            while first + clause.count <= tokens.count {
                if clause.indices.allSatisfy({ clause[$0].matches(tokens[first + $0].folded[...]) }) {
                    found.append(tokens[first].start..<tokens[first + clause.count - 1].end)
                    first += clause.count
                } else {
                    first += 1
                }
            }
        }
        found.sort { $0.lowerBound < $1.lowerBound }
        var merged: [Range<Int>] = []
        for range in found {
            if let last = merged.last, range.lowerBound < last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged.map { range($0, of: text) }
    }

    /// A word found: its folded form, its place in bytes, whether it is an article before an apostrophe.
    struct ScannedToken {
        let folded: [UInt8]
        let start: Int
        let end: Int
        let isElided: Bool
    }

    /// The first words of a text.
    static func scan(_ text: String, limit: Int) -> [ScannedToken] {
        var text = text
        return text.withUTF8 { bytes in
            var scanner = TokenScanner(bytes)
            var tokens: [ScannedToken] = []
            while tokens.count < limit, scanner.next() {
                tokens.append(
                    ScannedToken(
                        folded: scanner.folded, start: scanner.range.lowerBound, end: scanner.range.upperBound,
                        isElided: scanner.isElided))
            }
            return tokens
        }
    }

    private static func range(_ bytes: Range<Int>, of text: String) -> Range<String.Index> {
        let start = text.utf8.index(text.startIndex, offsetBy: bytes.lowerBound)
        return start..<text.utf8.index(start, offsetBy: bytes.count)
    }
}
