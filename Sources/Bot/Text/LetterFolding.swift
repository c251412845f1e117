/// Letters that count as one for matching: case, accents, the forms of alif, foreign digits.
enum LetterFolding {
    /// Folds one scalar and appends what remains: nothing for marks, two letters for ligatures.
    /// Anything that is neither letter nor digit becomes a space.
    @inline(__always)
    static func fold(_ scalar: UInt32, into out: inout [UInt32]) {
        switch scalar {
        case 0x61...0x7A, 0x30...0x39: out.append(scalar)
        case 0x41...0x5A: out.append(scalar + 32)
        case 0..<0xC0: if scalar != 0xAD { out.append(0x20) }  // soft hyphen vanishes
        case 0xC0...0x17F:
            if let base = latin[scalar] { out.append(contentsOf: base) } else { out.append(0x20) }
        case 0x300...0x36F: break  // combining accents
        case 0x600...0x6FF, 0x750...0x77F: foldArabic(scalar, into: &out)
        case 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFE00...0xFE0F, 0xFEFF: break
        case 0xFE70...0xFEFC: foldPresentationForm(scalar, into: &out)
        case 0xFF10...0xFF19: out.append(scalar - 0xFF10 + 0x30)
        case 0xFF21...0xFF3A: out.append(scalar - 0xFF21 + 0x61)
        case 0xFF41...0xFF5A: out.append(scalar - 0xFF41 + 0x61)
        case 0x1D400...0x1D6A3: out.append(0x61 + (scalar - 0x1D400) % 26)  // "mathematical" fancy letters
        default:
            guard let unicode = Unicode.Scalar(scalar), unicode.properties.isAlphabetic else {
                out.append(0x20)
                return
            }
            let lower = unicode.properties.lowercaseMapping.unicodeScalars.first ?? unicode
            out.append(lower.value)
        }
    }

    private static func foldArabic(_ scalar: UInt32, into out: inout [UInt32]) {
        switch scalar {
        case 0x621: break  // hamza alone: often left out
        case 0x622, 0x623, 0x625, 0x671...0x673: out.append(0x627)
        case 0x624: out.append(0x648)
        case 0x626, 0x649, 0x6CC, 0x6D2: out.append(0x64A)
        case 0x629, 0x6C0...0x6C3, 0x6D5: out.append(0x647)
        case 0x640, 0x610...0x61A, 0x64B...0x65F, 0x670, 0x6D6...0x6ED: break  // stretch and vowel marks
        case 0x6A9, 0x6AA: out.append(0x643)
        case 0x6AF, 0x6AD, 0x763, 0x6A8, 0x6AC: out.append(0x6AF)  // g of Darija, four ways to write it
        case 0x67E: out.append(0x628)
        case 0x6A4, 0x6A5: out.append(0x641)
        case 0x686: out.append(0x686)
        case 0x660...0x669: out.append(scalar - 0x660 + 0x30)
        case 0x6F0...0x6F9: out.append(scalar - 0x6F0 + 0x30)
        case 0x620...0x64A, 0x66E...0x6D3, 0x6FA...0x6FF, 0x750...0x77F: out.append(scalar)
        default: out.append(0x20)
        }
    }

    /// Arabic presentation forms B stand in a fixed order: two or four shapes a letter.
    private static func foldPresentationForm(_ scalar: UInt32, into out: inout [UInt32]) {
        if scalar >= 0xFEF5 {
            out.append(contentsOf: [0x644, 0x627])
            return
        }
        var start: UInt32 = 0xFE80
        for (letter, shapes) in presentationOrder {
            if scalar < start + shapes {
                if scalar >= start { foldArabic(letter, into: &out) }
                return
            }
            start += shapes
        }
    }

    private static let presentationOrder: [(UInt32, UInt32)] = [
        (0x621, 1), (0x622, 2), (0x623, 2), (0x624, 2), (0x625, 2), (0x626, 4), (0x627, 2), (0x628, 4),
        (0x629, 2), (0x62A, 4), (0x62B, 4), (0x62C, 4), (0x62D, 4), (0x62E, 4), (0x62F, 2), (0x630, 2),
        (0x631, 2), (0x632, 2), (0x633, 4), (0x634, 4), (0x635, 4), (0x636, 4), (0x637, 4), (0x638, 4),
        (0x639, 4), (0x63A, 4), (0x641, 4), (0x642, 4), (0x643, 4), (0x644, 4), (0x645, 4), (0x646, 4),
        (0x647, 4), (0x648, 2), (0x649, 2), (0x64A, 4),
    ]

    /// Latin letters with marks, without them.
    private static let latin: [UInt32: [UInt32]] = {
        let groups: [(String, String)] = [
            ("a", "àáâãäåāăąÀÁÂÃÄÅĀĂĄ"), ("c", "çćĉċčÇĆĈĊČ"), ("d", "ðďđÐĎĐ"),
            ("e", "èéêëēĕėęěÈÉÊËĒĔĖĘĚ"), ("g", "ĝğġģĜĞĠĢ"), ("h", "ĥħĤĦ"), ("i", "ìíîïĩīĭįıÌÍÎÏĨĪĬĮİ"),
            ("j", "ĵĴ"), ("k", "ķĸĶ"), ("l", "ĺļľŀłĹĻĽĿŁ"), ("n", "ñńņňŉŋÑŃŅŇŊ"),
            ("o", "òóôõöøōŏőÒÓÔÕÖØŌŎŐ"), ("r", "ŕŗřŔŖŘ"), ("s", "śŝşšſŚŜŞŠ"), ("t", "ţťŧŢŤŦ"),
            ("u", "ùúûüũūŭůűųÙÚÛÜŨŪŬŮŰŲ"), ("w", "ŵŴ"), ("y", "ýÿŷÝŶŸ"), ("z", "źżžŹŻŽ"),
            ("ss", "ß"), ("ae", "æÆ"), ("oe", "œŒ"), ("th", "þÞ"), ("ij", "ĳĲ"),
        ]
        var table: [UInt32: [UInt32]] = [:]
        for (base, marked) in groups {
            for scalar in marked.unicodeScalars { table[scalar.value] = base.unicodeScalars.map(\.value) }
        }
        return table
    }()
}
