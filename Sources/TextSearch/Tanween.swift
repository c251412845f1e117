/// The ending -an: شكرا (an n that Arabic letters leave out) is "choukran" in Latin ones.
enum Tanween {
    /// The folded word with the ending as the other script has it; none if it has no such ending.
    static func others(of word: ArraySlice<UInt8>) -> [[UInt8]] {
        guard let first = word.first else { return [] }
        if first >= 0xD8, first <= 0xDB {
            // Four letters at least: "انا" is no "anan".
            return word.count >= 8 && word.suffix(2) == alef ? [word + noon] : []
        }
        guard word.count >= 6, word.suffix(2) == [0x61, 0x6E], !WordSounds.starts(of: word).isEmpty else { return [] }
        let stem = word.dropLast()
        // "chitan" would find الشتا.
        return (SoundForm(stem)?.strength ?? 0) >= 3 ? [Array(stem)] : []
    }

    private static let alef: ArraySlice<UInt8> = [0xD8, 0xA7]
    private static let noon: [UInt8] = [0xD9, 0x86]
}
