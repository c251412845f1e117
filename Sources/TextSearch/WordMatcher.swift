/// One word of a query: which words of a text it finds.
struct WordMatcher: Sendable, Equatable {
    /// The folded word, UTF-8.
    let folded: [UInt8]
    /// Whether the word may go on: the one being typed.
    let isPrefix: Bool
    /// The word with and without what may be left out at its start.
    let forms: [ArraySlice<UInt8>]
    /// How the word sounds, if that is compared, each with whether it stands for a prefix.
    let sounds: [Sound]

    /// A sound to look for.
    struct Sound: Sendable, Equatable {
        let form: SoundForm
        let isPrefix: Bool
    }

    init(folded: [UInt8], isPrefix: Bool) {
        self.folded = folded
        self.isPrefix = isPrefix
        let word = folded[...]
        forms = WordForms.starts(of: word).map { word[$0...] }
        var sounds: [Sound] = []
        for start in WordSounds.starts(of: word) {
            if let form = SoundForm(word[start...]) { sounds.append(Sound(form: form, isPrefix: false)) }
            // Half a word of little substance would find too much by sound.
            if isPrefix, let open = SoundForm(word[start...], isOpen: true), Self.saysEnough(open) {
                sounds.append(Sound(form: open, isPrefix: true))
            }
        }
        self.sounds = sounds
    }

    /// Whether the word finds the folded word `word`.
    func matches(_ word: ArraySlice<UInt8>) -> Bool {
        for start in WordForms.starts(of: word) {
            let form = word[(word.startIndex + start)...]
            if forms.contains(where: { isPrefix ? form.starts(with: $0) : form == $0 }) { return true }
        }
        if sounds.isEmpty { return false }
        return WordSounds.starts(of: word).contains { start in
            guard let form = SoundForm(word[(word.startIndex + start)...]) else { return false }
            return matchesSound(form)
        }
    }

    /// Whether one of the word's sounds agrees with that of a word of a text.
    func matchesSound(_ form: SoundForm) -> Bool {
        sounds.contains { SoundAgreement.holds($0.form, form, isPrefix: $0.isPrefix) }
    }

    private static func saysEnough(_ form: SoundForm) -> Bool {
        let consonants = form.elements.count { !Sign.isWeak($0) }
        return consonants >= 3 || (consonants == 2 && form.elements.last.map(Sign.isWeak) == true)
    }
}

/// Where the forms of a word start that are compared by sound.
enum WordSounds {
    /// Offsets in bytes; none for words compared by spelling alone.
    static func starts(of word: ArraySlice<UInt8>) -> [Int] {
        guard let first = word.first, word.count <= 2 * SoundForm.longest else { return [] }
        if first >= 0xD8, first <= 0xDB { return WordForms.starts(of: word) }
        guard first < 0x80, !EuropeanWords.contains(word) else { return [] }
        return WordForms.latinStarts(of: word)
    }
}
