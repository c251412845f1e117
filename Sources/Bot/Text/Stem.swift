/// Light stems: the word without the commonest endings and attached particles. Crude on
/// purpose; it only has to map forms of one word to one key, right or wrong.
enum Stem {
    /// Returns the part of `word` that is kept.
    static func range(of word: ArraySlice<UInt32>) -> Range<Int> {
        guard let first = word.first else { return word.startIndex..<word.endIndex }
        return first >= 0x600 && first <= 0x6FF ? arabic(word) : latin(word)
    }

    private static func arabic(_ word: ArraySlice<UInt32>) -> Range<Int> {
        var start = word.startIndex
        var end = word.endIndex
        for prefix in arabicPrefixes
        where end - start >= prefix.count + 3 && word[start..<start + prefix.count].elementsEqual(prefix) {
            start += prefix.count
            break
        }
        for suffix in arabicSuffixes
        where end - start >= suffix.count + 3 && word[end - suffix.count..<end].elementsEqual(suffix) {
            end -= suffix.count
            break
        }
        return start..<end
    }

    private static func latin(_ word: ArraySlice<UInt32>) -> Range<Int> {
        let start = word.startIndex
        var end = word.endIndex
        for suffix in latinSuffixes
        where end - start >= suffix.count + 3 && word[end - suffix.count..<end].elementsEqual(suffix) {
            end -= suffix.count
            break
        }
        return start..<end
    }

    private static func table(_ words: [String]) -> [[UInt32]] {
        words.map { $0.unicodeScalars.map(\.value) }.sorted { $0.count > $1.count }
    }

    private static let arabicPrefixes = table([
        "وال", "بال", "فال", "كال", "لل", "ال", "و", "ف", "ب", "ل", "س", "ك", "كا", "كن", "كت", "كي", "غا", "ن", "ي",
        "ت",
    ])
    private static let arabicSuffixes = table([
        "هم", "هن", "كم", "نا", "ني", "ها", "تي", "ون", "ين", "ات", "ان", "وا", "يه", "تك", "ه", "ي", "ك", "ت", "و",
        "ش", "ا",
    ])
    private static let latinSuffixes = table([
        "ations", "ation", "ements", "ement", "ing", "ings", "ed", "es", "s", "er", "ers", "en", "e", "ees", "ee",
        "tje", "tjes", "je", "ly", "ment", "ments", "ions", "ion", "ant", "ent", "ait", "ais", "aient", "ez", "ons",
        "i", "ek", "ha", "hom", "na", "ou", "t", "d",
    ])
}
