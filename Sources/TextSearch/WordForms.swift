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
        // "دالمغرب", "عالشكاية", "مالمطار": of, on, from the, in Darija. Not "مالك", "عالمية".
        if beforeArticle.contains(letters[0]), letters[1] == alef, letters[2] == lam, add(3, leaving: 4) {
            _ = add(1, leaving: 6)
        }
        return starts
    }

    /// The offsets at which a Latin word may start for the comparison by sound: "lmo7ami", "flmaghrib", "almaghrib",
    /// "fel7abs", "essijn" and "fddar" without preposition and article.
    static func latinStarts(of word: ArraySlice<UInt8>) -> [Int] {
        var starts = [0]
        guard word.count >= 4 else { return starts }
        let base = word.startIndex
        func byte(_ offset: Int) -> UInt8 { offset < word.count ? word[base + offset] : 0 }
        /// The article at an offset: l before a consonant, or the consonant doubled that took its place.
        func article(at offset: Int, leaving least: Int) {
            let after = byte(offset + 1)
            // "lyoum": y before a vowel is a consonant.
            let isConsonant = !vowels.contains(after) || (after == y && vowels.contains(byte(offset + 2)))
            guard word.count - offset - 1 >= least, isConsonant, !starts.contains(offset + 1) else { return }
            if byte(offset) == l {
                if after != l { starts.append(offset + 1) }
            } else if offset > 0, sun.contains(after), byte(offset) == after {
                // "assign" and "bassin" have no article.
                let stem = word[(base + offset + 1)...]
                if !vowels.contains(byte(offset - 1)) || DarijaSpelling.isFrequent(stem) || DarijaSpelling.marks(stem) {
                    starts.append(offset + 1)
                }
            }
        }
        article(at: 0, leaving: 2)
        let first = byte(0)
        // "el7abs"; "il" only before longer words: it is the start of too many others.
        if [a, e, i].contains(first) { article(at: 1, leaving: first == i ? 4 : 2) }
        guard latinAttached.contains(first) || first == l else { return starts }
        if first != l { article(at: 1, leaving: byte(1) == l ? 2 : 3) }
        if [a, e, i].contains(byte(1)) { article(at: 2, leaving: 4) }
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
    // د ع م
    private static let beforeArticle: [UInt16] = [0xD8AF, 0xD8B9, 0xD985]
    private static let attached: [UInt16] = [0xD8A8, lam, 0xD981, 0xD983]

    private static let l: UInt8 = 0x6C
    private static let a: UInt8 = 0x61
    private static let e: UInt8 = 0x65
    private static let i: UInt8 = 0x69
    private static let y: UInt8 = 0x79
    /// Letters that the article becomes.
    private static let sun = Array("sdtrzn".utf8)
    private static let vowels = Array("aeiouy".utf8)
    private static let latinAttached = Array("wbfk".utf8)
}
