import PlainPO

/// A language and script in which a card can be printed: those of contacts, by BCP 47 tag.
public enum CardLanguage: String, Sendable, CaseIterable {
    case arabic = "ar"
    case darija = "ary"
    case darijaInLatin = "ary-Latn"
    case english = "en"
    case french = "fr"
    case dutch = "nl"

    var isRightToLeft: Bool { self == .arabic || self == .darija }
}

/// A sentence of the card: the raw value is its `msgid` in `Translations/<language>/card.po`.
enum CardText: String, CaseIterable {
    case title = "card.title"
    case apps = "card.apps"
    case scan = "card.scan"
    case scanBoth = "card.scan-both"
    case type = "card.type"
    case password = "card.password"
    case until = "card.until"
    case write = "card.write"
    case other = "card.other"
    case yours = "card.yours"
}

/// What the card says in one language. A staff machine has the program and no other file: the texts are part of it.
struct CardTexts {
    private let texts: [String: String]

    /// Throws `CardProblem.texts` when the program was built with a damaged `card.po`.
    init(_ language: CardLanguage) throws(CardProblem) {
        let bytes =
            switch language {
            case .arabic: PackageResources.card_ar_po
            case .darija: PackageResources.card_ary_po
            case .darijaInLatin: PackageResources.card_ary_Latn_po
            case .english: PackageResources.card_en_po
            case .french: PackageResources.card_fr_po
            case .dutch: PackageResources.card_nl_po
            }
        do {
            texts = try PlainPO.read(String(decoding: bytes, as: UTF8.self))
        } catch {
            throw .texts("card.po of \(language.rawValue), \(error.description)")
        }
        let missing = CardText.allCases.map(\.rawValue).filter { texts[$0, default: ""].isEmpty }
        guard missing.isEmpty else {
            throw .texts("card.po of \(language.rawValue) has no text for: \(missing.joined(separator: ", "))")
        }
    }

    subscript(key: CardText) -> String { texts[key.rawValue] ?? key.rawValue }

    /// The sentence with a day in it.
    func until(_ day: String) -> String {
        let text = self[.until]
        guard let place = text.firstRange(of: "{date}") else { return text + " " + day }
        return text.replacingCharacters(in: place, day)
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, _ text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}

/// Why no card was drawn.
public enum CardProblem: Error, Sendable, Equatable, CustomStringConvertible {
    case texts(String)
    /// No font of this machine has the letters of a text.
    case noFont(CardLanguage)
    /// Texts of the deployment are too long for the sheet.
    case doesNotFit
    /// What cairo says.
    case drawing(String)

    public var description: String {
        switch self {
        case .texts(let what): "This program's texts are damaged: \(what). Build it anew."
        case .noFont(let language):
            "No font on this machine has the letters of '\(language.rawValue)'. "
                + "Run: sudo apt-get install fonts-noto-core"
        case .doesNotFit:
            "The texts do not fit on the card: 'invitation' in the bridge's configuration has lines that are too long."
        case .drawing(let what): "The card could not be drawn: \(what)."
        }
    }
}
