import Crypto
import Sealing

/// The recovery key as words to be written down by hand: 16 words of 16 bits (proquints) and two
/// checksum words.
///
/// The checksum is the first four bytes of SHA-256 over a fixed name and the key. It finds every
/// slip in one word, and with it the place of the slip can be found too.
public enum RecoveryWords {
    public static let keyWords = 16
    public static let count = 18

    /// The 18 words for 32 bytes.
    public static func encode(_ key: [UInt8]) -> [String] {
        let bytes = key + checksum(key)
        return stride(from: 0, to: bytes.count - 1, by: 2).map {
            Proquint.word(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]))
        }
    }

    /// Reads words as people write them: case, spaces, hyphens, commas, line breaks and numbers
    /// before the words do not matter. Throws `RecoveryWordsError`, which names the wrong word
    /// where that can be known.
    public static func parse(_ text: String) throws(RecoveryWordsError) -> SecretBytes {
        let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
            .filter { !$0.allSatisfy(\.isNumber) }
            .map(String.init)
        guard !words.isEmpty else { throw .none }
        for (index, word) in words.enumerated() where Proquint.value(word) == nil {
            throw .notAWord(number: index + 1, word: word)
        }
        guard words.count == count else { throw .wrongCount(found: words.count) }
        let values = words.compactMap { Proquint.value($0) }
        guard holds(values) else { throw blame(words, values) }
        var key = bytes(values[..<keyWords])
        return SecretBytes(wiping: &key)
    }

    private static func checksum(_ key: [UInt8]) -> [UInt8] {
        var transcript = Transcript("sila recovery words", version: 1)
        transcript.add(key)
        return Array(SHA256.hash(data: transcript.bytes).prefix(4))
    }

    private static func bytes(_ values: ArraySlice<UInt16>) -> [UInt8] {
        values.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    }

    private static func holds(_ values: [UInt16]) -> Bool {
        checksum(bytes(values[..<keyWords])) == bytes(values[keyWords...])
    }

    /// Looks for one slip of the pen that explains a wrong checksum: two neighbouring words
    /// swapped, or one letter of one word. About 1,000 tries against 32 bits of checksum, so a
    /// chance hit does not matter.
    private static func blame(_ words: [String], _ values: [UInt16]) -> RecoveryWordsError {
        for index in 0..<count - 1 {
            var swapped = values
            swapped.swapAt(index, index + 1)
            if holds(swapped) { return .swapped(first: index + 1) }
        }
        for (index, word) in words.enumerated() {
            for place in 0..<5 {
                for letter in "abdfghijklmnoprstuvz" {
                    var letters = Array(word)
                    letters[place] = letter
                    var changed = values
                    guard let value = Proquint.value(String(letters)) else { continue }
                    changed[index] = value
                    if holds(changed) { return .misspelt(number: index + 1, word: word) }
                }
            }
        }
        return .wrongChecksum
    }
}

/// What is wrong with recovery words.
public enum RecoveryWordsError: Error, Equatable, Sendable, CustomStringConvertible {
    case none
    case wrongCount(found: Int)
    /// Not five letters of the form consonant, vowel, consonant, vowel, consonant.
    case notAWord(number: Int, word: String)
    /// One letter of this word is wrong.
    case misspelt(number: Int, word: String)
    /// This word and the next are in the wrong order.
    case swapped(first: Int)
    case wrongChecksum

    public var description: String {
        switch self {
        case .none:
            "No recovery words were given. Type the \(RecoveryWords.count) words, then end the input (Ctrl-D)."
        case .wrongCount(let found):
            "There are \(found) words; \(RecoveryWords.count) are needed. Look for a word left out or written twice."
        case .notAWord(let number, let word):
            "Word \(number), '\(word.prefix(20))', is not a recovery word: each has five letters, "
                + "such as 'lusab', of b d f g h j k l m n p r s t v z and a i o u. Compare it with the paper."
        case .misspelt(let number, let word):
            "Word \(number), '\(word)', has a wrong letter. Compare it with the paper."
        case .swapped(let first):
            "Words \(first) and \(first + 1) are in the wrong order."
        case .wrongChecksum:
            "The words do not belong together: more than one is wrong, or their order is. Compare all with the paper."
        }
    }
}
