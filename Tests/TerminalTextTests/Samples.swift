/// What the tests hold against an output, written down apart from the code that makes it.
enum Rules {
    static let isolateStarts: Set<Unicode.Scalar> = ["\u{2066}", "\u{2067}", "\u{2068}"]

    /// Why a scalar may not reach a terminal; `nil` when it may. Isolates are judged by `isolatesAreBalanced`.
    static func complaint(about scalar: Unicode.Scalar) -> String? {
        let value = scalar.value
        lazy var name = "U+" + String(value, radix: 16, uppercase: true)
        if (0x2066...0x2069).contains(value) { return nil }
        if value < 0x20 || (0x7F...0x9F).contains(value) { return name + " is a control" }
        if scalar.properties.isBidiControl { return name + " is a bidi control" }
        if (0xE0000...0xE0FFF).contains(value) { return name + " is a tag or selector" }
        switch scalar.properties.generalCategory {
        case .control, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            return name + " is of a forbidden category"
        case .format:
            // Joiners, and signs that enclose digits.
            let allowed: Set<UInt32> = [0x200C, 0x200D, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD]
            return allowed.contains(value) || (0x600...0x605).contains(value) ? nil : name + " is invisible"
        default:
            let allowed: Set<UInt32> = [0xFE0E, 0xFE0F]
            return scalar.properties.isDefaultIgnorableCodePoint && !allowed.contains(value)
                ? name + " is ignorable" : nil
        }
    }

    static func complaints(about text: String) -> [String] {
        text.unicodeScalars.compactMap(complaint)
    }

    static func isolatesAreBalanced(_ text: String) -> Bool {
        var depth = 0
        for scalar in text.unicodeScalars {
            if isolateStarts.contains(scalar) { depth += 1 }
            if scalar == "\u{2069}" { depth -= 1 }
            if depth < 0 { return false }
        }
        return depth == 0
    }

    static func longestRunOfMarks(_ text: String) -> Int {
        var longest = 0
        var run = 0
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .spacingMark:
                let isEmojiSelector = scalar.value == 0xFE0E || scalar.value == 0xFE0F
                if !isEmojiSelector { run += 1 }
            default: run = 0
            }
            longest = max(longest, run)
        }
        return longest
    }

    /// Without the isolate that the text is in.
    static func inner(_ text: String) -> String {
        var scalars = text.unicodeScalars
        if scalars.first == "\u{2068}", scalars.last == "\u{2069}" {
            scalars.removeFirst()
            scalars.removeLast()
        }
        return String(scalars)
    }
}

/// The same numbers on every run (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension SeededGenerator {
    /// A text of up to 24 scalars: any of Unicode, with those that do harm far more often than by chance.
    mutating func text() -> String {
        let harmful: [ClosedRange<UInt32>] = [
            0x00...0x1F, 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x300...0x36F,
            0xFE00...0xFE0F, 0xE0000...0xE007F, 0x1F3FB...0x1F3FF, 0x1F466...0x1F469, 0x1F1E6...0x1F1FF,
            0x627...0x652, 0x600...0x605, 0x1100...0x11FF, 0xAC00...0xAC10, 0x30...0x3A, 0x20...0x7E, 0x915...0x94D,
            0xE100...0xE110, 0xFEFF...0xFEFF, 0x28...0x29,
        ]
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...24, using: &self) {
            let range = Bool.random(using: &self) ? harmful.randomElement(using: &self) : nil
            let value = UInt32.random(in: range ?? 0...0x10FFFF, using: &self)
            if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
        }
        return String(scalars)
    }
}
