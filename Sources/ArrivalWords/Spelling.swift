import Foundation

/// What remains of a spelling when case, accents, vowel marks and shapes of letters are taken as one.
enum Spelling {
    /// The words of a text, folded. Anything that is neither letter nor digit separates them.
    static func tokens(_ text: String) -> [String] {
        var tokens: [String] = []
        var token = String.UnicodeScalarView()
        func close() {
            if !token.isEmpty { tokens.append(String(token)) }
            token = String.UnicodeScalarView()
        }
        // Ligatures, presentation forms and wide letters come apart (Unicode TR15, form KD).
        for scalar in text.lowercased().decomposedStringWithCompatibilityMapping.unicodeScalars {
            if isIgnored(scalar) { continue }
            if let digit = digit(scalar) {
                token.append(contentsOf: String(digit).unicodeScalars)
            } else if scalar.properties.isAlphabetic {
                token.append(contentsOf: (letters[scalar] ?? String(scalar)).unicodeScalars)
            } else {
                close()
            }
        }
        close()
        return tokens
    }

    static func fold(_ word: String) -> String { tokens(word).joined() }

    /// The digits of a text that has nothing else but what stands between digits; `nil` for any other text.
    static func digits(_ text: String) -> [Int]? {
        var digits: [Int] = []
        for scalar in text.unicodeScalars {
            if let digit = digit(scalar) {
                digits.append(digit)
            } else if !isIgnored(scalar), !scalar.properties.isWhitespace, !separators.contains(scalar) {
                return nil
            }
        }
        return digits
    }

    /// A decimal digit of any script: Latin, Arabic-Indic, Persian.
    private static func digit(_ scalar: Unicode.Scalar) -> Int? {
        guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else { return nil }
        return Int(value)
    }

    /// Accents and vowel marks, the stretch of Arabic, and what is not seen.
    private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: true
        default: scalar.value == 0x640
        }
    }

    private static let separators: Set<Unicode.Scalar> = [".", "-", "/", ",", "_", "\u{2010}", "\u{2011}", "\u{2013}"]

    /// Letters that no decomposition brings to those of the list.
    private static let letters: [Unicode.Scalar: String] = [
        "œ": "oe", "æ": "ae", "ø": "o", "ß": "ss", "ı": "i", "ł": "l",
        "\u{671}": "\u{627}", "\u{649}": "\u{64A}", "\u{6CC}": "\u{64A}", "\u{6A9}": "\u{643}", "\u{6AA}": "\u{643}",
        "\u{6BE}": "\u{647}", "\u{6C1}": "\u{647}", "\u{6D5}": "\u{647}",
    ]
}
