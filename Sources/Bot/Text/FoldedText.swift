/// A text folded for matching: one array of scalars, words as ranges in it.
struct FoldedText: Sendable {
    /// Words separated by one space, with a space at both ends, so that word edges count as
    /// characters in n-grams.
    private(set) var scalars: [UInt32] = [0x20]
    private(set) var words: [Range<Int>] = []

    /// Folds the scalars of a text. Work is linear in their number; the caller bounds it.
    init(_ text: some Sequence<Unicode.Scalar>) {
        var folded: [UInt32] = []
        for scalar in text {
            if scalar.value == 0x27 || scalar.value == 0x2019 || scalar.value == 0x2BC || scalar.value == 0x60 {
                // "don't" is one word, "j'ai" two.
                if folded.last != 0x6E { folded.append(0x20) }
                continue
            }
            LetterFolding.fold(scalar.value, into: &folded)
        }
        var start = 1
        var run = 0
        var previous: UInt32 = 0x20
        for scalar in folded {
            if scalar == 0x20 {
                close(from: start)
                start = scalars.count
                previous = 0x20
                continue
            }
            run = scalar == previous ? run + 1 : 1
            previous = scalar
            // "saaaalam": a letter said three times or more was said once. Digits stay.
            if run >= 3 && scalar > 0x39 {
                if run == 3 { scalars.removeLast() }
                continue
            }
            scalars.append(scalar)
        }
        close(from: start)
    }

    private mutating func close(from start: Int) {
        guard scalars.count > start else { return }
        words.append(start..<scalars.count)
        scalars.append(0x20)
    }

    init(_ text: String) { self.init(text.unicodeScalars) }

    var isEmpty: Bool { words.isEmpty }

    /// Some of the words as a text of their own.
    func window(_ range: Range<Int>) -> FoldedText {
        var part = FoldedText("")
        for word in words[range] { part.append(scalars[word]) }
        return part
    }

    /// The text with one word replaced by signs that occur in no example.
    func masking(_ index: Int) -> FoldedText {
        var masked = FoldedText("")
        for (position, word) in words.enumerated() {
            masked.append(position == index ? ArraySlice(scalars[word].map { 0xE000 + $0 % 29 }) : scalars[word])
        }
        return masked
    }

    private mutating func append(_ word: ArraySlice<UInt32>) {
        let start = scalars.count
        scalars.append(contentsOf: word)
        close(from: start)
    }

    /// One word as a string.
    func word(_ index: Int) -> String {
        var text = ""
        for scalar in scalars[words[index]] {
            if let unicode = Unicode.Scalar(scalar) { text.unicodeScalars.append(unicode) }
        }
        return text
    }

    /// All words as strings; for short texts only.
    var strings: [String] { words.indices.map(word) }
}

/// How texts are compared for equality of their words.
public enum Folding {
    /// The words of a text as the matcher sees them, separated by single spaces: without case,
    /// accents, vowel marks, punctuation and stretched letters.
    public static func folded(_ text: String) -> String {
        FoldedText(text).strings.joined(separator: " ")
    }
}
