import Foundation
import Messaging
import Sealing

/// Milliseconds since 1970-01-01 UTC: how every time stands in the staff API.
public typealias Milliseconds = Int64

/// What a person types for a conversation or an item: a letter and the row number, `c12`, `m345`.
///
/// The letter says what kind it is, so that a number cannot be taken for another thing's.
public struct ShortID: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Character, Sendable, CaseIterable {
        case conversation = "c"
        case message = "m"
        /// Something set aside: a message that could not be opened.
        case unreadable = "u"
        case note = "n"
        case tag = "g"
        case task = "t"
        /// A reply that waits for a second person.
        case proposal = "p"
        /// A file that belongs to a message.
        case attachment = "a"
    }

    public let kind: Kind
    public let number: Int64

    public init(_ kind: Kind, _ number: Int64) {
        self.kind = kind
        self.number = number
    }

    /// Reads `c12` or `C12`; a bare number is of the kind `assuming`. `nil` for anything else.
    public init?(_ text: String, assuming: Kind? = nil) {
        let text = text.lowercased()
        let kind: Kind
        let digits: Substring
        if let first = text.first, let named = Kind(rawValue: first) {
            kind = named
            digits = text.dropFirst()
        } else if let assuming {
            kind = assuming
            digits = text[...]
        } else {
            return nil
        }
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int64(digits), number > 0
        else { return nil }
        self.init(kind, number)
    }

    public var description: String { "\(kind.rawValue)\(number)" }
}

/// What a client chooses for one intended change, so that sending it again changes nothing more:
/// 8 to 64 letters, digits, hyphens.
public struct IdempotencyKey: RawRepresentable, Hashable, Sendable {
    public static let header = "Idempotency-Key"
    public let rawValue: String

    /// `nil` when the text is not a key.
    public init?(rawValue: String) {
        let allowed = rawValue.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d
        }
        guard allowed, (8...64).contains(rawValue.utf8.count) else { return nil }
        self.rawValue = rawValue
    }

    /// A new random key.
    public static func random() -> IdempotencyKey {
        // A UUID is 36 letters, digits and hyphens, which the check above lets through.
        IdempotencyKey(unchecked: UUID().uuidString.lowercased())
    }

    private init(unchecked text: String) { rawValue = text }
}
