/// Sixteen bits as a word of five letters that can be said aloud: consonant, vowel, consonant,
/// vowel, consonant (D. S. Wilkerson, "A Proposal for Proquints", arXiv:0901.4016).
public enum Proquint {
    static let consonants = Array("bdfghjklmnprstvz")
    static let vowels = Array("aiou")

    /// The word for 16 bits: 0x7f00 is `lusab`.
    public static func word(_ value: UInt16) -> String {
        let value = Int(value)
        return String([
            consonants[value >> 12 & 15], vowels[value >> 10 & 3], consonants[value >> 6 & 15],
            vowels[value >> 4 & 3], consonants[value & 15],
        ])
    }

    /// The 16 bits of a word in lower case, or `nil` when it is not one.
    public static func value(_ word: some StringProtocol) -> UInt16? {
        let letters = Array(word)
        guard letters.count == 5 else { return nil }
        var value = 0
        for (index, letter) in letters.enumerated() {
            let isVowel = index % 2 == 1
            guard let digit = (isVowel ? vowels : consonants).firstIndex(of: letter) else { return nil }
            value = value << (isVowel ? 2 : 4) | digit
        }
        return UInt16(value)
    }

    /// Bytes as words joined by hyphens; an odd last byte counts as the high half of a word.
    public static func words(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 2).map { index in
            let low = index + 1 < bytes.count ? bytes[index + 1] : 0
            return word(UInt16(bytes[index]) << 8 | UInt16(low))
        }.joined(separator: "-")
    }
}
