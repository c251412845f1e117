/// Arabic Presentation Forms-B (The Unicode Standard, block U+FE70 to U+FEFC): shapes of letters that old
/// programs write instead of the letters.
enum PresentationForms {
    /// Folds a scalar of the block.
    static func fold(_ scalar: UInt32) -> LetterFolding.Folded {
        if scalar < 0xFE80 { return .nothing }  // shapes of vowel marks
        if scalar >= 0xFEF5 { return .pair(0x644, 0x627) }  // lam with alef
        var start: UInt32 = 0xFE80
        for (letter, shapes) in order {
            if scalar < start + shapes { return LetterFolding.arabic(letter) }
            start += shapes
        }
        return .separator
    }

    /// The letters in the order of the block, with their number of shapes.
    private static let order: [(UInt32, UInt32)] = [
        (0x621, 1), (0x622, 2), (0x623, 2), (0x624, 2), (0x625, 2), (0x626, 4), (0x627, 2), (0x628, 4),
        (0x629, 2), (0x62A, 4), (0x62B, 4), (0x62C, 4), (0x62D, 4), (0x62E, 4), (0x62F, 2), (0x630, 2),
        (0x631, 2), (0x632, 2), (0x633, 4), (0x634, 4), (0x635, 4), (0x636, 4), (0x637, 4), (0x638, 4),
        (0x639, 4), (0x63A, 4), (0x641, 4), (0x642, 4), (0x643, 4), (0x644, 4), (0x645, 4), (0x646, 4),
        (0x647, 4), (0x648, 2), (0x649, 2), (0x64A, 4),
    ]
}
