/// The sounds of Latin letters as Darija is written with them: 3 is ع, 7 ح, 9 ق, 5 and kh خ, ch and sh ش.
enum LatinSounds {
    /// Appends the sounds of a folded word. Returns false if it is not a word in Latin letters.
    static func append(_ word: ArraySlice<UInt8>, to elements: inout [UInt8]) -> Bool {
        var index = word.startIndex
        var letters = 0
        while index < word.endIndex {
            let byte = word[index]
            let next = index + 1 < word.endIndex ? word[index + 1] : 0
            if isDigit(byte) {
                // A number with letters ("11u", "b12") is no word.
                guard let sign = digits[byte], !isDigit(next) else { return false }
                if sign != 0 { Sign.append(sign, to: &elements) }
                index += 1
                continue
            }
            guard byte >= 0x61, byte <= 0x7A else { return false }
            letters += 1
            if next == Sign.h, let sign = digraphs[byte] {
                Sign.append(sign, to: &elements)
                index += 2
                continue
            }
            if byte == UInt8(ascii: "d"), next == UInt8(ascii: "j") {
                Sign.append(next, to: &elements)
                index += 2
                continue
            }
            // "ouakha", "doua": French spelling of w.
            if byte == UInt8(ascii: "o"), next == UInt8(ascii: "u"), index + 2 < word.endIndex,
                [0x61, 0x65, 0x69].contains(word[index + 2])
            {
                Sign.append(Sign.w, to: &elements)
                index += 2
                continue
            }
            let soft = byte == UInt8(ascii: "c") && (next == 0x65 || next == 0x69 || next == 0x79)
            Sign.append(soft ? UInt8(ascii: "s") : single(byte), to: &elements)
            index += 1
        }
        return letters > 0
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func single(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "a"): Sign.a
        case UInt8(ascii: "e"): Sign.e
        case UInt8(ascii: "i"): Sign.i
        case UInt8(ascii: "o"), UInt8(ascii: "u"): Sign.u
        case UInt8(ascii: "w"): Sign.w
        case UInt8(ascii: "y"): Sign.y
        case UInt8(ascii: "c"): UInt8(ascii: "k")
        case UInt8(ascii: "q"): UInt8(ascii: "9")
        default: byte
        }
    }

    private static let digraphs: [UInt8: UInt8] = [
        UInt8(ascii: "c"): UInt8(ascii: "$"), UInt8(ascii: "s"): UInt8(ascii: "$"),
        UInt8(ascii: "k"): UInt8(ascii: "x"), UInt8(ascii: "g"): UInt8(ascii: "G"),
        UInt8(ascii: "t"): UInt8(ascii: "t"), UInt8(ascii: "d"): UInt8(ascii: "d"),
        UInt8(ascii: "p"): UInt8(ascii: "f"),
    ]

    /// Digits that stand for letters; 2 is the hamza, which has no sign.
    private static let digits: [UInt8: UInt8] = [
        UInt8(ascii: "2"): 0, UInt8(ascii: "3"): Sign.ain, UInt8(ascii: "5"): UInt8(ascii: "x"),
        UInt8(ascii: "6"): UInt8(ascii: "t"), UInt8(ascii: "7"): Sign.hah, UInt8(ascii: "8"): UInt8(ascii: "8"),
        UInt8(ascii: "9"): UInt8(ascii: "9"),
    ]
}
