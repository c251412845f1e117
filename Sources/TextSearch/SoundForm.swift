/// How a word sounds: what Darija in Arabic letters and in Latin letters share.
///
/// Consonants that are written in several ways have one sign (ch, sh, ش: `$`; kh, 5, خ: `x`); vowels and the
/// letters that stand for vowels too (ا و ي ع) are kept apart from them, as they are often left out.
struct SoundForm: Equatable {
    /// Consonant signs (lower case, digits, `$`, `G`, `K`) and weak signs (`A E I U W Y C T X`) in order.
    let elements: [UInt8]
    /// The consonants alone, coarse: `k` for all of k q g gh, `h` for h and 7, without repetition. Words
    /// that may sound alike have the same key.
    let key: [UInt8]
    /// Whether the word is in Arabic letters.
    let isArabic: Bool
    /// Whether the spelling is of Darija in Latin letters and of no European language.
    let looksDarija: Bool
    /// Whether it is one of the frequent words of Darija in Latin letters.
    let isFrequent: Bool
    /// How much the word says: its consonants and half-vowels.
    let strength: Int

    /// The sound of a folded word, or `nil` if it has none that says enough: other scripts, numbers, words
    /// with less than two consonants or half-vowels, over-long words.
    ///
    /// - Parameter isOpen: The word may go on (a prefix), so its last h is not taken for the silent ending.
    init?(_ word: ArraySlice<UInt8>, isOpen: Bool = false) {
        guard let first = word.first, word.count <= SoundForm.longest else { return nil }
        isArabic = first >= 0xD8 && first <= 0xDB
        isFrequent = !isArabic && DarijaSpelling.isFrequent(word)
        looksDarija = isFrequent || (!isArabic && DarijaSpelling.marks(word))
        var elements: [UInt8] = []
        elements.reserveCapacity(word.count)
        let complete = isArabic ? ArabicSounds.append(word, to: &elements) : LatinSounds.append(word, to: &elements)
        guard complete else { return nil }
        if !isOpen { SoundForm.softenEnd(&elements) }
        var key: [UInt8] = []
        var strength = 0
        for element in elements {
            if Sign.isWeak(element) {
                if [Sign.w, Sign.y, Sign.ain, Sign.finalHah].contains(element) { strength += 1 }
                continue
            }
            strength += 1
            let coarse = Sign.coarse(element)
            if key.last != coarse { key.append(coarse) }
        }
        guard !key.isEmpty, strength >= 2 else { return nil }
        self.elements = elements
        self.key = key
        self.strength = strength
    }

    /// Bytes of the longest word whose sound is compared.
    static let longest = 40

    /// The last h of a word is often silent (ة) or left out.
    private static func softenEnd(_ elements: inout [UInt8]) {
        guard let last = elements.last, Sign.coarse(last) == Sign.h,
            elements.dropLast().contains(where: { !Sign.isWeak($0) })
        else { return }
        elements[elements.count - 1] = last == Sign.hah ? Sign.finalHah : Sign.silentH
    }
}

/// The signs of a sound form.
enum Sign {
    static let a = UInt8(ascii: "A")
    static let e = UInt8(ascii: "E")
    static let i = UInt8(ascii: "I")
    /// o, u, ou.
    static let u = UInt8(ascii: "U")
    /// w and و: half-vowel or vowel.
    static let w = UInt8(ascii: "W")
    /// y and ي.
    static let y = UInt8(ascii: "Y")
    /// 3 and ع.
    static let ain = UInt8(ascii: "C")
    /// ة, or h at the end.
    static let silentH = UInt8(ascii: "T")
    /// ح at the end.
    static let finalHah = UInt8(ascii: "X")
    /// ح, 7.
    static let hah = UInt8(ascii: "7")
    /// Latin h: ح or ه.
    static let h = UInt8(ascii: "h")

    static func isWeak(_ sign: UInt8) -> Bool {
        switch sign {
        case a, e, i, u, w, y, ain, silentH, finalHah: true
        default: false
        }
    }

    /// The sign that stands for a consonant in keys.
    static func coarse(_ sign: UInt8) -> UInt8 {
        switch sign {
        case hah, UInt8(ascii: "8"): h
        case UInt8(ascii: "p"): UInt8(ascii: "b")
        case UInt8(ascii: "v"): UInt8(ascii: "f")
        case UInt8(ascii: "9"), UInt8(ascii: "K"), UInt8(ascii: "g"), UInt8(ascii: "G"): UInt8(ascii: "k")
        default: sign
        }
    }

    /// Whether two consonants may be the same sound: Latin k is ك or ق, Latin g is گ, ق or غ. In Arabic letters p and v
    /// are written ب and ف.
    static func agree(_ one: UInt8, _ two: UInt8, crossing: Bool) -> Bool {
        if one == two { return true }
        switch (min(one, two), max(one, two)) {
        case (UInt8(ascii: "b"), UInt8(ascii: "p")), (UInt8(ascii: "f"), UInt8(ascii: "v")): return crossing
        case (UInt8(ascii: "8"), h), (hah, h): return true
        case (UInt8(ascii: "9"), UInt8(ascii: "k")), (UInt8(ascii: "9"), UInt8(ascii: "g")): return true
        case (UInt8(ascii: "K"), UInt8(ascii: "k")), (UInt8(ascii: "K"), UInt8(ascii: "g")): return true
        case (UInt8(ascii: "G"), UInt8(ascii: "g")): return true
        default: return false
        }
    }

    /// Adds a sign: a letter twice in a row is one sound, i and y next to each other are one, so are u and w.
    static func append(_ sign: UInt8, to elements: inout [UInt8]) {
        guard let last = elements.last else {
            elements.append(sign)
            return
        }
        if last == sign || (sign == i && last == y) || (sign == u && last == w) { return }
        if (sign == y && last == i) || (sign == w && last == u) {
            elements[elements.count - 1] = sign
            return
        }
        elements.append(sign)
    }
}
