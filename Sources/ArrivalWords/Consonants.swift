/// What the spellings of a word of Darija share: its consonants. People write `b7er`, `bhar`, `بحر`, and mean one word.
enum Consonants {
    /// The skeletons that a folded word may have: one, or two when a final h may be silent.
    static func skeletons(of word: String) -> Set<String> {
        let codes = codes(of: Array(word.unicodeScalars))
        var found: Set<String> = [String(codes)]
        // The final h of a feminine word (ة) is not heard, and Latin writers leave it out. 7 and ح are heard.
        if codes.last == "h", codes.count > 1, let last = word.unicodeScalars.last, !["7", "\u{62D}"].contains(last) {
            found.insert(String(codes.dropLast()))
            if last == "\u{629}" || last == "\u{647}" { found.remove(String(codes)) }
        }
        return found.filter { $0.count > 1 }
    }

    private static func codes(of word: [Unicode.Scalar]) -> [Character] {
        var codes: [Character] = []
        var index = 0
        while index < word.count {
            let next: Unicode.Scalar? = index + 1 < word.count ? word[index + 1] : nil
            var (code, length): (Character?, Int) = (nil, 1)
            if let pair = next.flatMap({ pairs[[word[index], $0]] }) {
                (code, length) = (pair, 2)
            } else if !silent.contains(word[index]) {
                code = single[word[index]] ?? Character(word[index])
            }
            // A doubled letter counts once.
            if let code, codes.last != code { codes.append(code) }
            index += length
        }
        return codes
    }

    /// Vowels and the letters that are written as vowels; 2 and ء.
    private static let silent = Set("aeiouwy2\u{621}\u{627}\u{648}\u{64A}".unicodeScalars)

    /// Two letters for one sound.
    private static let pairs: [[Unicode.Scalar]: Character] = [
        ["c", "h"]: "$", ["s", "h"]: "$", ["k", "h"]: "x", ["g", "h"]: "G", ["t", "h"]: "t", ["d", "h"]: "d",
        ["p", "h"]: "f", ["d", "j"]: "j",
    ]

    /// Letters that are written in several ways meet in one code.
    private static let single: [Unicode.Scalar: Character] = [
        "7": "h", "8": "h", "9": "k", "q": "k", "c": "k", "g": "k", "5": "x", "6": "t", "p": "b", "v": "f",
        "\u{628}": "b", "\u{62A}": "t", "\u{62B}": "t", "\u{637}": "t", "\u{62C}": "j", "\u{62D}": "h",
        "\u{647}": "h", "\u{629}": "h", "\u{62E}": "x", "\u{62F}": "d", "\u{630}": "d", "\u{636}": "d",
        "\u{638}": "d", "\u{631}": "r", "\u{632}": "z", "\u{633}": "s", "\u{635}": "s", "\u{634}": "$",
        "\u{639}": "3", "\u{63A}": "G", "\u{641}": "f", "\u{6A4}": "f", "\u{642}": "k", "\u{643}": "k",
        "\u{6AF}": "k", "\u{6AD}": "k", "\u{763}": "k", "\u{644}": "l", "\u{645}": "m", "\u{646}": "n",
        "\u{67E}": "b",
    ]
}
