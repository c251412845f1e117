/// Latin letters with marks, without them.
enum LatinLetters {
    /// Folds a scalar of Latin-1 Supplement, Latin Extended-A and -B or Additional; `nil` if it is not in the table.
    static func fold(_ scalar: UInt32) -> LetterFolding.Folded? {
        if scalar < 0x180 {
            let packed = table[Int(scalar) - 0xC0]
            guard packed != 0 else { return nil }
            return packed < 0x100 ? .letter(UInt32(packed)) : .pair(UInt32(packed >> 8), UInt32(packed & 0xFF))
        }
        return rare[scalar].map { .letter($0) }
    }

    private static let groups: [(String, String)] = [
        ("a", "àáâãäåāăąÀÁÂÃÄÅĀĂĄ"), ("c", "çćĉċčÇĆĈĊČ"), ("d", "ðďđÐĎĐ"),
        ("e", "èéêëēĕėęěÈÉÊËĒĔĖĘĚ"), ("g", "ĝğġģĜĞĠĢ"), ("h", "ĥħĤĦ"), ("i", "ìíîïĩīĭįıÌÍÎÏĨĪĬĮİ"),
        ("j", "ĵĴ"), ("k", "ķĸĶ"), ("l", "ĺļľŀłĹĻĽĿŁ"), ("n", "ñńņňŉŋÑŃŅŇŊ"),
        ("o", "òóôõöøōŏőÒÓÔÕÖØŌŎŐ"), ("r", "ŕŗřŔŖŘ"), ("s", "śŝşšſŚŜŞŠ"), ("t", "ţťŧŢŤŦ"),
        ("u", "ùúûüũūŭůűųÙÚÛÜŨŪŬŮŰŲ"), ("w", "ŵŴ"), ("y", "ýÿŷÝŶŸ"), ("z", "źżžŹŻŽ"),
        ("ss", "ß"), ("ae", "æÆ"), ("oe", "œŒ"), ("th", "þÞ"), ("ij", "ĳĲ"),
    ]

    /// One or two ASCII letters for each scalar from U+00C0 to U+017F; 0 for none.
    private static let table: [UInt16] = {
        var table = [UInt16](repeating: 0, count: 0x180 - 0xC0)
        for (base, marked) in groups {
            let packed = base.utf8.reduce(UInt16(0)) { $0 << 8 | UInt16($1) }
            for scalar in marked.unicodeScalars { table[Int(scalar.value) - 0xC0] = packed }
        }
        return table
    }()

    /// Letters of transcribed Arabic, of Romanian and of Turkish outside the two blocks above.
    private static let rare: [UInt32: UInt32] = {
        let groups: [(UInt32, String)] = [
            (0x61, "ạẠ"), (0x62, "ḇḄ"), (0x64, "ḍḌḏḎ"), (0x65, "ẽẼẹẸ"), (0x67, "ǧǦ"), (0x68, "ḥḤḫḪẖ"),
            (0x6A, "ǰ"), (0x6B, "ḳḲ"), (0x6F, "ọỌ"), (0x72, "ṛṚ"), (0x73, "ṣṢșȘ"), (0x74, "ṭṬțȚṯṮ"),
            (0x75, "ụỤ"), (0x79, "ẏẎ"), (0x7A, "ẓẒẕẔ"), (0x73, "ẞ"),
        ]
        var table: [UInt32: UInt32] = [:]
        for (base, marked) in groups {
            for scalar in marked.unicodeScalars { table[scalar.value] = base }
        }
        return table
    }()
}
