/// What stands on the card that somebody was given before their removal: six words of the list, or ten digits.
///
/// It has no language: a word is its number in the list, so a card may be repeated in any of its languages. Never
/// logged and never stored: the bridge keeps a keyed hash of `canonical`.
public struct ArrivalCode: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    public enum Form: String, Sendable, CaseIterable { case words, digits }

    /// Six of 128 different words are 41 bits.
    public static let wordCount = 6
    /// Nine that are drawn and a check digit: 29 bits.
    public static let digitCount = 10

    public let form: Form
    /// Numbers of words in the list, from 0; or digits.
    public let parts: [Int]

    /// `nil` unless there are six numbers of the list.
    public init?(words: [Int]) {
        guard words.count == Self.wordCount, words.allSatisfy({ (0..<ArrivalWordList.count).contains($0) }) else {
            return nil
        }
        form = .words
        parts = words
    }

    /// `nil` unless there are ten digits, the first is not 0 (so begin telephone numbers) and the last is the check
    /// digit of the others: other numbers of ten digits, such as that of a person's file, hardly ever fit.
    public init?(digits: [Int]) {
        guard digits.count == Self.digitCount, digits.allSatisfy({ (0...9).contains($0) }), digits[0] != 0,
            Self.checkDigit(of: digits.dropLast()) == digits[Self.digitCount - 1]
        else { return nil }
        form = .digits
        parts = digits
    }

    /// Draws a new one. Words are all different.
    public static func random(_ form: Form, using generator: inout some RandomNumberGenerator) -> ArrivalCode? {
        switch form {
        case .words:
            return ArrivalCode(
                words: Array((0..<ArrivalWordList.count).shuffled(using: &generator).prefix(wordCount)))
        case .digits:
            var digits = [Int.random(in: 1...9, using: &generator)]
            while digits.count < digitCount - 1 { digits.append(Int.random(in: 0...9, using: &generator)) }
            return ArrivalCode(digits: digits + [checkDigit(of: digits[...])])
        }
    }

    /// As it goes to the bridge: `words-12-3-100-7-8-9`, `digits-4-…`.
    public var canonical: String { ([form.rawValue] + parts.map(String.init)).joined(separator: "-") }

    /// Reads what `canonical` wrote; `nil` for anything else.
    public init?(canonical: String) {
        let fields = canonical.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = fields.dropFirst().compactMap { Int($0) }
        guard let form = fields.first.flatMap({ Form(rawValue: String($0)) }), numbers.count == fields.count - 1 else {
            return nil
        }
        let read: ArrivalCode? =
            switch form {
            case .words: ArrivalCode(words: numbers)
            case .digits: ArrivalCode(digits: numbers)
            }
        guard let read, read.canonical == canonical else { return nil }
        self = read
    }

    /// The digit by which a mistyped one shows (ISO/IEC 7812-1, annex B: the Luhn formula).
    private static func checkDigit(of digits: ArraySlice<Int>) -> Int {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let doubled = digit * 2
            sum += place.isMultiple(of: 2) ? (doubled > 9 ? doubled - 9 : doubled) : digit
        }
        return (10 - sum % 10) % 10
    }

    /// Nothing of what it is.
    public var description: String { "<arrival \(form.rawValue)>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
