/// What a message is when it is nothing but the words or digits of a card.
public enum ArrivalAttempt: Hashable, Sendable {
    case code(ArrivalCode)
    /// Meant as the words of a card, and one of them is missing or unknown: nothing can be looked up.
    case misspelt

    /// Scalars beyond which no message is a card.
    private static let limit = 400

    /// Reads a message.
    ///
    /// Words may be of any of the languages, mixed, with numbers before them, in any case and with or without
    /// accents; one slip in a longer word is mended. Digits may be of any script, with spaces, dots or hyphens.
    ///
    /// - Returns: `nil` for any other message: one that says something beside the words, too.
    public static func read(_ text: String) -> ArrivalAttempt? {
        guard !isLonger(text) else { return nil }
        if let digits = Spelling.digits(text) { return ArrivalCode(digits: digits).map(ArrivalAttempt.code) }
        let tokens = Spelling.tokens(text).filter { !isPlace($0) }
        guard (ArrivalCode.wordCount - 1...ArrivalCode.wordCount).contains(tokens.count) else { return nil }
        let numbers = tokens.compactMap(number)
        if tokens.count == ArrivalCode.wordCount, let code = ArrivalCode(words: numbers) { return .code(code) }
        return numbers.count >= ArrivalCode.wordCount - 1 ? .misspelt : nil
    }

    /// Whether a text cannot be a card for its length alone. Nearly every message ends here, so it takes no
    /// normal form: more stretches between blanks with a letter in them than a card has words.
    private static func isLonger(_ text: String) -> Bool {
        var scalars = 0
        var words = 0
        var isInWord = false
        for scalar in text.unicodeScalars {
            scalars += 1
            switch scalar.value {
            case 0x20, 0x0A: isInWord = false
            case 0x41...0x5A, 0x61...0x7A, 0x621...0x63A, 0x641...0x64A:
                if !isInWord { words += 1 }
                isInWord = true
            default: break
            }
            if words > ArrivalCode.wordCount || scalars > limit { return true }
        }
        return false
    }

    /// The language in which most of the words of a card are written; `nil` where it does not show.
    public static func language(of text: String) -> ArrivalWordList.Column? {
        var counts: [ArrivalWordList.Column: Int] = [:]
        for token in Spelling.tokens(text).prefix(ArrivalCode.wordCount * 2) where !isPlace(token) {
            for column in WordFinder.shared.columns(of: token) { counts[column, default: 0] += 1 }
        }
        let most = counts.values.max() ?? 0
        let found = counts.filter { $0.value == most }
        return found.count == 1 ? found.first?.key : nil
    }

    /// The number before a word: `1.`, `٢)`.
    private static func isPlace(_ token: String) -> Bool {
        Int(token).map { (1...ArrivalCode.wordCount).contains($0) } ?? false
    }

    /// Also of a word that its number was written onto: `1zon`.
    private static func number(_ token: String) -> Int? {
        if let number = WordFinder.shared.number(of: token) { return number }
        guard let first = token.first, isPlace(String(first)), token.count > 3 else { return nil }
        return WordFinder.shared.number(of: String(token.dropFirst()))
    }
}
