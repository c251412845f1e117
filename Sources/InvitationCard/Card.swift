/// A card of the size A6 that somebody takes along: how to write to us from a phone, and two other ways.
///
/// Whoever finds it must not learn who carries it or whom it leads to: no name, no organisation, no purpose.
public struct Card: Sendable, Equatable {
    /// How the person comes to an account.
    public enum Way: Sendable, Equatable {
        /// Their app makes it with what it reads in the code, until a day if there is an end.
        case invitation(code: QRModules, until: String?)
        /// It is there: the first code logs in, the second leads to us.
        case account(login: QRModules, us: QRModules, address: String, password: String)
    }

    public var language: CardLanguage
    public var way: Way
    /// Where to write to.
    public var address: String
    public var telephone: String
    public var secondWay: String
    public var android: String
    public var iPhone: String

    public init(
        language: CardLanguage, way: Way, address: String, telephone: String, secondWay: String, android: String,
        iPhone: String
    ) {
        self.language = language
        self.way = way
        self.address = address
        self.telephone = telephone
        self.secondWay = secondWay
        self.android = android
        self.iPhone = iPhone
    }

    /// The sheet from top to bottom.
    func rows() throws(CardProblem) -> [CardRow] {
        let texts = try CardTexts(language)
        var rows: [CardRow] = [
            .text(texts[.title], .title), .space(6), .text(texts[.apps], .step),
            .plain("Android: \(android)", .value), .plain("iPhone: \(iPhone)", .value), .space(7),
        ]
        switch way {
        case .invitation(let code, let until):
            rows += [.text(texts[.scan], .step), .codes([code], side: 176)]
            if let until { rows.append(.text(texts.until(until), .note)) }
        case .account(let login, let us, let account, let password):
            rows += [
                .text(texts[.scanBoth], .step), .codes([login, us], side: 116), .text(texts[.type], .note),
                .plain(account, .value), .text(texts[.password], .note),
                .plain(Self.groups(password), .letters),
            ]
        }
        return rows + [
            .space(7), .text(texts[.write], .step), .plain(address, .value), .space(7), .text(texts[.other], .step),
            .plain(telephone, .value), .plain(secondWay, .value), .space(7), .text(texts[.yours], .note),
        ]
    }

    /// `abcd efgh`: as it is copied letter by letter.
    public static func groups(_ password: String) -> String {
        let letters = Array(password)
        return stride(from: 0, to: letters.count, by: 4)
            .map { String(letters[$0..<min($0 + 4, letters.count)]) }.joined(separator: "  ")
    }
}

/// A part of the sheet over its whole width.
enum CardRow: Equatable {
    /// In the card's language, and in its direction.
    case text(String, CardStyle)
    /// From left to right in every language: addresses, numbers, names of apps.
    case plain(String, CardStyle)
    /// Beside each other; more than one with the letters A, B.
    case codes([QRModules], side: Double)
    case space(Double)
}

/// How letters look; sizes in points.
enum CardStyle: Equatable {
    case title, step, value, note
    /// To be copied: each letter surely told from others.
    case letters

    var size: Double {
        switch self {
        case .title: 15
        case .step: 10
        case .value: 10.5
        case .note: 9
        case .letters: 13
        }
    }

    /// What can still be read on paper.
    static let smallest = 7.0

    var isBold: Bool { self == .title || self == .value || self == .letters }

    /// Families, the first that is there counts; what a family lacks comes from any other (fontconfig).
    var families: String { self == .letters ? "DejaVu Sans Mono, monospace" : "Noto Sans, DejaVu Sans, sans-serif" }
}
