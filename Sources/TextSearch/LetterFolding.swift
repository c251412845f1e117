/// Letters that count as one for searching: case, accents, the forms of alef, foreign digits.
enum LetterFolding {
    /// What one scalar becomes.
    enum Folded: Equatable {
        /// Ends a word.
        case separator
        /// Vanishes inside a word: vowel marks, tatweel, joiners.
        case nothing
        /// One letter or digit.
        case letter(UInt32)
        /// A ligature: two letters.
        case pair(UInt32, UInt32)
        /// A ligature of more: "الله" as one sign.
        case word([UInt32])
    }

    /// Folds a scalar that is not ASCII; ASCII goes through `ascii`.
    static func fold(_ scalar: UInt32) -> Folded {
        switch scalar {
        case 0xAD: .nothing  // soft hyphen
        case 0xAA: .letter(0x61)
        case 0xBA: .letter(0x6F)
        case 0..<0xC0: .separator
        case 0xC0...0x24F, 0x1E00...0x1EFF: LatinLetters.fold(scalar) ?? other(scalar)
        case 0x2BB...0x2BF: .nothing  // half rings of transcribed Arabic
        case 0x300...0x36F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF: .nothing  // combining accents
        case 0x600...0x6FF: arabic(scalar)
        case 0x763: .letter(0x6AF)
        // Joiners, marks of direction, variation selectors, byte order mark.
        case 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFE00...0xFE0F, 0xFEFF: .nothing
        case 0xFB50...0xFDFB: LigatureForms.fold(scalar)
        case 0xFE70...0xFEFC: PresentationForms.fold(scalar)
        case 0xFF10...0xFF19: .letter(scalar - 0xFF10 + 0x30)
        case 0xFF21...0xFF3A: .letter(scalar - 0xFF21 + 0x61)
        case 0xFF41...0xFF5A: .letter(scalar - 0xFF41 + 0x61)
        case 0x1D400...0x1D6A3: .letter(0x61 + (scalar - 0x1D400) % 52 % 26)  // "mathematical" fancy letters
        default: other(scalar)
        }
    }

    /// Folded ASCII by code: 0 for what ends a word.
    static let ascii: [UInt8] = (0..<128).map { code in
        switch UInt8(code) {
        case 0x30...0x39, 0x61...0x7A: UInt8(code)
        case 0x41...0x5A: UInt8(code) + 32
        default: 0
        }
    }

    /// Folds a scalar of the Arabic block.
    static func arabic(_ scalar: UInt32) -> Folded {
        switch scalar {
        case 0x621, 0x674: .nothing  // hamza alone: often left out
        case 0x622, 0x623, 0x625, 0x671...0x673, 0x675: .letter(0x627)
        case 0x624, 0x676: .letter(0x648)
        case 0x626, 0x649, 0x678, 0x6CC, 0x6CD, 0x6D0...0x6D3: .letter(0x64A)
        case 0x629, 0x6BE, 0x6C0...0x6C3, 0x6D5: .letter(0x647)
        case 0x640, 0x610...0x61A, 0x61C, 0x64B...0x65F, 0x670, 0x6D6...0x6DC, 0x6DF...0x6E4, 0x6E7, 0x6E8,
            0x6EA...0x6ED:
            .nothing  // tatweel and vowel marks
        case 0x6A9, 0x6AA: .letter(0x643)
        case 0x6AF, 0x6AD, 0x6A8, 0x6AC: .letter(0x6AF)  // g of Darija, several ways to write it
        case 0x67E: .letter(0x628)
        case 0x6A4, 0x6A5: .letter(0x641)
        case 0x660...0x669: .letter(scalar - 0x660 + 0x30)
        case 0x6F0...0x6F9: .letter(scalar - 0x6F0 + 0x30)
        case 0x620...0x64A, 0x66E...0x6D3, 0x6FA...0x6FC, 0x6FF: .letter(scalar)
        default: .separator
        }
    }

    /// Letters of all other scripts: lower case, no more.
    private static func other(_ scalar: UInt32) -> Folded {
        guard let unicode = Unicode.Scalar(scalar) else { return .separator }
        let properties = unicode.properties
        if properties.isAlphabetic || properties.numericType == .decimal {
            return .letter((properties.lowercaseMapping.unicodeScalars.first ?? unicode).value)
        }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return .nothing
        default: return .separator
        }
    }
}
