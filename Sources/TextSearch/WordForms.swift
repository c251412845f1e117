/// What may be left out at the start of a word: the Arabic article and the one-letter words written onto
/// the next one (و ب ل ف ك), and their Latin spelling in Darija.
enum WordForms {
    /// The offsets in bytes at which a form of the folded word `word` starts; the first is 0.
    static func starts(of word: ArraySlice<UInt8>) -> [Int] {
        guard let first = word.first, first >= 0xD8, first <= 0xDB else { return [0] }
        var starts = [0]
        let letters = Letters(word)
        // "وبالشكاية": and, in, the. At least three letters must remain, two after the article.
        func add(_ index: Int, leaving least: Int) -> Bool {
            guard letters.count - index >= least, !starts.contains(index * 2) else { return false }
            starts.append(index * 2)
            return true
        }
        var heads = [0]
        if letters[0] == waw, add(1, leaving: 3) { heads.append(1) }
        for head in heads where attached.contains(letters[head]) {
            // "للمحامي": to the.
            if letters[head] == lam, letters[head + 1] == lam {
                _ = add(head + 2, leaving: 2)
            } else if add(head + 1, leaving: 3) {
                heads.append(head + 1)
            }
        }
        for head in heads where letters[head] == alef && letters[head + 1] == lam {
            _ = add(head + 2, leaving: 2)
        }
        return starts
    }

    /// The offsets at which a Latin word may start for the comparison by sound: "lmo7ami", "flmaghrib",
    /// "almaghrib" without preposition and article.
    static func latinStarts(of word: ArraySlice<UInt8>) -> [Int] {
        var starts = [0]
        let base = word.startIndex
        func isConsonant(_ offset: Int) -> Bool {
            guard offset + 2 < word.count else { return false }
            let byte = word[base + offset]
            return !vowels.contains(byte) && byte != l
        }
        guard word.count >= 4 else { return starts }
        var head = 0
        if latinAttached.contains(word[base]), word[base + 1] == l { head = 1 }
        if word[base + head] == l, isConsonant(head + 1) { starts.append(head + 1) }
        if word[base] == 0x61 || word[base] == 0x65, word[base + 1] == l, isConsonant(2) { starts.append(2) }
        return starts
    }

    /// The letters of a word in the Arabic block, two bytes each; 0 past the end.
    private struct Letters {
        let word: ArraySlice<UInt8>
        let count: Int
        init(_ word: ArraySlice<UInt8>) {
            self.word = word
            count = word.count / 2
        }
        subscript(index: Int) -> UInt16 {
            guard index < count else { return 0 }
            let start = word.startIndex + index * 2
            return UInt16(word[start]) << 8 | UInt16(word[start + 1])
        }
    }

    // UTF-8 of ا و ب ل ف ك.
    private static let alef: UInt16 = 0xD8A7
    private static let waw: UInt16 = 0xD988
    private static let lam: UInt16 = 0xD984
    private static let attached: [UInt16] = [0xD8A8, lam, 0xD981, 0xD983]

    private static let l: UInt8 = 0x6C
    private static let vowels = Array("aeiouy".utf8)
    private static let latinAttached = Array("wbfk".utf8)
}
