import CFriBidi

/// The direction a letter is written in.
enum Direction {
    case leftToRight, rightToLeft

    /// `nil` for digits, punctuation and all else without a strong direction (UAX #9, table 4).
    init?(of scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x41...0x5A, 0x61...0x7A: self = .leftToRight
        case 0x621...0x64A: self = .rightToLeft
        case 0..<0xAA: return nil
        default:
            switch sila_fribidi_strong_direction(scalar.value) {
            case 1: self = .leftToRight
            case 2: self = .rightToLeft
            default: return nil
            }
        }
    }
}
