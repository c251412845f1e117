/// The sounds of Arabic letters, in the signs that Latin Darija has for them.
enum ArabicSounds {
    /// Appends the sounds of a folded word. Returns false if it is not a word in Arabic letters.
    static func append(_ word: ArraySlice<UInt8>, to elements: inout [UInt8]) -> Bool {
        guard word.count.isMultiple(of: 2) else { return false }
        for index in stride(from: word.startIndex, to: word.endIndex, by: 2) {
            guard word[index] >= 0xD8, word[index] <= 0xDB else { return false }
            let scalar = UInt32(word[index] & 0x1F) << 6 | UInt32(word[index + 1] & 0x3F)
            guard let sign = signs[scalar] else { return false }
            Sign.append(sign, to: &elements)
        }
        return true
    }

    private static let signs: [UInt32: UInt8] = {
        let pairs: [(String, Character)] = [
            ("ا", "A"), ("و", "W"), ("ي", "Y"), ("ع", "C"), ("ب", "b"), ("تثط", "t"), ("جژ", "j"), ("شچ", "$"),
            ("ح", "7"), ("ه", "8"), ("خ", "x"), ("دذضظ", "d"), ("ر", "r"), ("ز", "z"), ("سص", "s"), ("غ", "G"),
            ("ف", "f"), ("ق", "9"), ("ك", "K"), ("گ", "g"), ("ل", "l"), ("م", "m"), ("ن", "n"),
        ]
        var table: [UInt32: UInt8] = [:]
        for (letters, sign) in pairs {
            for scalar in letters.unicodeScalars { table[scalar.value] = sign.asciiValue }
        }
        return table
    }()
}
