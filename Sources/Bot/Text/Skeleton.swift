/// The consonant skeleton of a word: what Darija in Arabic letters and in Latin letters share.
///
/// `شكاية` and `chikaya` both become `$ky` less the weak letters: vowels and the letters that
/// people write as vowels (ا و ي) go, doubled letters count once, and letters that are written
/// in several ways (ق as 9, q or k; خ as kh, 5 or x) meet in one code.
enum Skeleton {
    /// Appends the skeleton of `word`. Codes are ASCII letters and signs of our own.
    static func append(_ word: ArraySlice<UInt32>, to out: inout [UInt32]) {
        let first = out.count
        var index = word.startIndex
        while index < word.endIndex {
            let scalar = word[index]
            let next = index + 1 < word.endIndex ? word[index + 1] : 0
            let (code, length) = scalar < 0x80 ? latin(scalar, next) : (arabic(scalar), 1)
            index += length
            if code != 0 && !(out.count > first && out[out.count - 1] == code) { out.append(code) }
        }
        // A final h is the silent ending of Arabic feminine words; Latin writers leave it out.
        if out.count > first + 1, out[out.count - 1] == h { out.removeLast() }
    }

    private static let h: UInt32 = 0x68

    private static func latin(_ scalar: UInt32, _ next: UInt32) -> (code: UInt32, length: Int) {
        if next == 0x68 {  // digraphs with h
            switch scalar {
            case 0x63, 0x73: return (0x24, 2)  // ch sh: ش
            case 0x6B: return (0x78, 2)  // kh: خ
            case 0x67: return (0x47, 2)  // gh: غ
            case 0x74: return (0x74, 2)  // th
            case 0x64: return (0x64, 2)  // dh
            case 0x70: return (0x66, 2)  // ph
            default: break
            }
        }
        if scalar == 0x64 && next == 0x6A { return (0x6A, 2) }  // dj: ج
        switch scalar {
        case 0x61, 0x65, 0x69, 0x6F, 0x75, 0x77, 0x79, 0x32: return (0, 1)  // vowels, w, y, 2 (hamza)
        case 0x33: return (0x33, 1)  // 3: ع
        case 0x37, 0x38: return (h, 1)  // 7: ح, 8: ه
        case 0x39, 0x71, 0x63: return (0x6B, 1)  // 9, q, c: ق and ك
        case 0x35: return (0x78, 1)  // 5: خ
        case 0x36: return (0x74, 1)  // 6: ط
        case 0x70: return (0x62, 1)  // p: ب
        case 0x76: return (0x66, 1)  // v: ف
        default: return (scalar, 1)
        }
    }

    private static func arabic(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case 0x627, 0x648, 0x64A: 0
        case 0x628: 0x62
        case 0x62A, 0x62B, 0x637: 0x74
        case 0x62C, 0x698: 0x6A
        case 0x686: 0x24
        case 0x62D, 0x647: h
        case 0x62E: 0x78
        case 0x62F, 0x630, 0x636, 0x638: 0x64
        case 0x631: 0x72
        case 0x632: 0x7A
        case 0x633, 0x635: 0x73
        case 0x634: 0x24
        case 0x639: 0x33
        case 0x63A: 0x47
        case 0x641: 0x66
        case 0x642, 0x643: 0x6B
        case 0x6AF: 0x67
        case 0x644: 0x6C
        case 0x645: 0x6D
        case 0x646: 0x6E
        default: scalar
        }
    }
}
