import Foundation

/// Invented texts in six varieties. A few words are frequent and most are rare, as in any language: the
/// n-th word of a list comes about n times less often than the first.
struct Corpus: Sendable {
    struct Language: Sendable {
        /// A BCP 47 tag.
        let tag: String
        let words: [String]
    }

    let languages: [Language]

    /// - Parameter path: lines of a tag and lists of prefixes (P), suffixes (S) and words (W), tabs between.
    init(path: String) throws {
        languages = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map(Self.language)
        guard !languages.isEmpty else { throw GenerationError("\(path) holds no words") }
    }

    private static func language(_ line: Substring) throws -> Language {
        let parts = line.split(separator: "\t")
        func list(_ name: String) throws -> [String] {
            guard let part = parts.first(where: { $0.hasPrefix(name + " ") }) else {
                throw GenerationError("a line of the word list has no \(name)")
            }
            return part.dropFirst(2).split(separator: " ").map { $0 == "-" ? "" : String($0) }
        }
        let (prefixes, suffixes, words) = (try list("P"), try list("S"), try list("W"))
        // Bare words first: they are the frequent ones. About 4,500 forms a variety.
        let forms = prefixes.flatMap { prefix in
            suffixes.flatMap { suffix in words.map { prefix + $0 + suffix } }
        }
        return Language(tag: String(parts[0]), words: forms)
    }

    /// 4 to 20 words, 12 on average.
    func text(in language: Int, _ random: inout SeededRandom) -> String {
        let words = languages[language].words
        let count = Int.random(in: 4...20, using: &random)
        var text = ""
        for index in 0..<count {
            if index > 0 { text += " " }
            // Uniform in the logarithm of the rank.
            let rank = Int(exp(random.fraction() * log(Double(words.count))))
            text += words[min(rank, words.count) - 1]
        }
        return text
    }
}

struct GenerationError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
