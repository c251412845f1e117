/// Spellings that Darija in Latin letters has and Dutch, English and French do not.
enum DarijaSpelling {
    /// Whether a folded Latin word shows one: a digit for a letter, no vowel at all, kh or dj, or a start such as
    /// "chk", "bgh", "nkt".
    static func marks(_ word: ArraySlice<UInt8>) -> Bool {
        if word.contains(where: { $0 < 0x61 }) { return true }
        // "tariq"; the q of French has a u.
        for index in word.indices where word[index] == 0x71 {
            if index + 1 == word.endIndex || word[index + 1] != 0x75 { return true }
        }
        guard let vowel = word.firstIndex(where: { vowels.contains($0) }) else { return word.count >= 3 }
        let onset = word[word.startIndex..<vowel]
        if onset.count >= 2, !onsets.contains(String(decoding: onset, as: UTF8.self)) { return true }
        for index in word.indices.dropFirst() {
            let pair = (word[index - 1], word[index])
            if pair == (0x6B, 0x68) || pair == (0x64, 0x6A) { return true }
            if index - 2 >= word.startIndex, pair == (0x79, 0x61), word[index - 2] == 0x61 || word[index - 2] == 0x69 {
                return true
            }
        }
        return false
    }

    /// Whether a folded word is one of the frequent ones that might be European by their spelling.
    static func isFrequent(_ word: ArraySlice<UInt8>) -> Bool {
        word.count <= 10 && frequent.contains(String(decoding: word, as: UTF8.self))
    }

    private static let frequent: Set<String> = Set(
        """
        afak alach alash allah andi bach bash bezaf bezzaf bolis boulis choukran chokran daba deba fabor fayn fin \
        flos floss flous fluss habs hada hadchi hadi hebs inchallah kifach kifash kifech kefach kifesh labas labass \
        lbas mahkama mektoub mohami mouhami muhami mochkil mouchkil moshkil rajel safara salam sifara sijen sijn \
        sbitar slam shukran telefoun tilifon tilifoun tomobil tomobile trik walo walou wach wash wech wesh welo weld \
        weldi wlad wled
        """.split(separator: " ").map(String.init))

    private static let vowels = Array("aeiouy".utf8)

    /// What words of the three European languages start with before their first vowel.
    private static let onsets: Set<String> = Set(
        """
        bl br ch chl chr cl cr dr dw fj fl fr gh gl gn gr kl kn kr kw ph phr pl pr ps pt qu rh sc sch schr scr sh shr sj sk \
        sl sm sn sp sph spl spr sq st str sv sw th thr tj tr ts tw vl vr wh wr zw ll mm nn rr ss tt dd
        """.split(separator: " ").map(String.init))
}
