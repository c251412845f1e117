/// The languages in which a learner is coached.
public enum CoachLanguage: String, Sendable, Codable, CaseIterable {
    case nl, en
}

/// A text for staff in both languages of the interface.
public struct Words: Sendable, Equatable {
    public let nl: String
    public let en: String

    public init(nl: String, en: String) {
        self.nl = nl
        self.en = en
    }

    public subscript(language: CoachLanguage) -> String {
        switch language {
        case .nl: nl
        case .en: en
        }
    }
}
