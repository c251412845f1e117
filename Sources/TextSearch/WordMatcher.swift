/// One word of a query: which words of a text it finds.
struct WordMatcher: Sendable, Equatable {
    /// The folded word, UTF-8.
    let folded: [UInt8]
    /// Whether the word may go on: the one being typed.
    let isPrefix: Bool
    /// The word with and without what may be left out at its start; after `typedForms` those of other spellings.
    let forms: [ArraySlice<UInt8>]
    /// How many of `forms` are of the word as it was typed.
    let typedForms: Int
    /// How the word sounds, if that is compared, each with whether it stands for a prefix.
    let sounds: [Sound]

    /// A sound to look for.
    struct Sound: Sendable, Equatable {
        let form: SoundForm
        let isPrefix: Bool
        /// Whether it finds words of the other script only.
        var isCrossing = false
    }

    /// Takes the folded word and other spellings of it, folded.
    init(folded: [UInt8], others: [[UInt8]] = [], isPrefix: Bool) {
        self.folded = folded
        self.isPrefix = isPrefix
        let word = folded[...]
        var forms: [ArraySlice<UInt8>] = []
        var typedForms = 0
        for spelling in [folded] + others {
            for start in WordForms.starts(of: spelling[...]) where !forms.contains(spelling[start...]) {
                forms.append(spelling[start...])
            }
            if typedForms == 0 { typedForms = forms.count }
        }
        self.forms = forms
        self.typedForms = typedForms
        var sounds: [Sound] = []
        for start in WordSounds.starts(of: word) {
            if let form = SoundForm(word[start...]) { sounds.append(Sound(form: form, isPrefix: false)) }
            // Half a word of little substance would find too much by sound.
            if isPrefix, let open = SoundForm(word[start...], isOpen: true), Self.saysEnough(open) {
                sounds.append(Sound(form: open, isPrefix: true))
            }
        }
        for other in Tanween.others(of: word) {
            if let form = SoundForm(other[...]) { sounds.append(Sound(form: form, isPrefix: false, isCrossing: true)) }
        }
        self.sounds = sounds
    }

    /// Whether the word finds the folded word `word`.
    func matches(_ word: ArraySlice<UInt8>) -> Bool {
        if matches(word, forms: forms[...]) { return true }
        if sounds.isEmpty { return false }
        return WordSounds.starts(of: word).contains { start in
            guard let form = SoundForm(word[(word.startIndex + start)...]) else { return false }
            return matchesSound(form)
        }
    }

    /// Whether the word finds the folded word `word` in the spelling that was typed.
    func matchesAsTyped(_ word: ArraySlice<UInt8>) -> Bool { matches(word, forms: forms[..<typedForms]) }

    private func matches(_ word: ArraySlice<UInt8>, forms: ArraySlice<ArraySlice<UInt8>>) -> Bool {
        WordForms.starts(of: word).contains { start in
            let form = word[(word.startIndex + start)...]
            return forms.contains { isPrefix ? form.starts(with: $0) : form == $0 }
        }
    }

    /// Whether one of the word's sounds agrees with that of a word of a text.
    func matchesSound(_ form: SoundForm) -> Bool {
        sounds.contains { sound in
            if sound.isCrossing {
                guard sound.form.isArabic != form.isArabic else { return false }
                // What "choukran" finds ends in the alef that carries the -an: not شكري.
                if form.isArabic, form.elements.last != Sign.a { return false }
            }
            return SoundAgreement.holds(sound.form, form, isPrefix: sound.isPrefix)
        }
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
