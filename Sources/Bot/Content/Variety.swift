/// A language and script in which the bot understands and writes.
///
/// Standard Arabic and Darija are varieties of their own, and so are the two scripts of Darija,
/// because a reply comes in the language and script of the message (design, "Language").
public enum Variety: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    case nl
    case en
    case fr
    /// Simple standard Arabic.
    case ar
    /// Darija in Arabic letters.
    case ary
    /// Darija in Latin letters, with digits for the letters that Latin lacks.
    case aryLatn = "ary-Latn"
    /// Any other language: the bot does not answer it, a person does.
    case other

    /// The varieties that content is written in.
    public static let written: [Variety] = [.nl, .en, .fr, .ar, .ary, .aryLatn]

    /// Whether the variety is written in Arabic letters.
    public var isArabicScript: Bool { self == .ar || self == .ary }
}
