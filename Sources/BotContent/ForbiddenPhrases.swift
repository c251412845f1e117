import Bot

/// What may not be said to a contact: the lists in `Bots/never`, of all varieties.
///
/// It knows phrases, not sense: "we never say that you are safe" is found too. A finding is a reason to
/// read once more, not a proof.
public struct ForbiddenPhrases: Sendable {
    /// One phrase that stands in a text.
    public struct Finding: Sendable, Equatable {
        public let variety: Variety
        /// As the list has it.
        public let phrase: String
    }

    private let phrases: [(variety: Variety, phrase: String, folded: String)]

    init(_ phrases: [ReadContent.Phrase]) { self.init(phrases.map { ($0.variety, $0.text) }) }

    /// Phrases with their varieties; one without a word is left out.
    public init(_ phrases: [(variety: Variety, phrase: String)]) {
        self.phrases = phrases.compactMap { variety, phrase in
            let folded = Folding.folded(phrase)
            return folded.isEmpty ? nil : (variety, phrase, " \(folded) ")
        }
    }

    /// How many phrases there are.
    public var count: Int { phrases.count }

    /// The phrases that stand in a text, each once, in the order of the lists. Case, accents, vowel
    /// marks, punctuation and stretched letters do not hide one; words in between do.
    ///
    /// All varieties are looked for whatever the text is in: people mix them.
    public func findings(in text: String) -> [Finding] {
        let folded = " \(Folding.folded(text)) "
        var found: [Finding] = []
        for entry in phrases where folded.contains(entry.folded) {
            let finding = Finding(variety: entry.variety, phrase: entry.phrase)
            if !found.contains(finding) { found.append(finding) }
        }
        return found
    }
}
