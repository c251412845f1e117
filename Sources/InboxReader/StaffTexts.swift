import PlainPO

/// What the reader says, in one language. The words stand in `Translations/<language>/staff.po`.
public struct StaffTexts: Sendable {
    /// What is wrong with the texts of a language.
    public struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String
    }

    private let texts: [String: String]

    /// - Parameter texts: the sentence of each key. Throws `Problem` when one that is needed is missing.
    public init(_ texts: [String: String]) throws(Problem) {
        let keys = TextKey.allCases.map(\.rawValue) + SessionText.allCases.map(\.rawValue)
        let missing = keys.filter { texts[$0, default: ""].isEmpty }.sorted()
        guard missing.isEmpty else {
            throw Problem(description: "staff.po has no text for: \(missing.joined(separator: ", "))")
        }
        self.texts = texts
    }

    /// Reads the text of a PO file (GNU gettext manual, "The Format of PO Files"; `msgid` is a key). Throws
    /// `Problem` with the line of what it cannot read, or when a text that is needed is missing.
    public init(po source: String) throws(Problem) {
        let texts: [String: String]
        do {
            texts = try PlainPO.read(source)
        } catch {
            throw Problem(description: "staff.po, \(error.description)")
        }
        try self.init(texts)
    }

    subscript(key: TextKey) -> String { text(of: key.rawValue) }

    func text(of key: String) -> String { texts[key] ?? key }

    /// The text with what stands in braces filled in.
    func callAsFunction(_ key: TextKey, _ values: [String: String]) -> String { filled(self[key], values) }

    func filled(_ text: String, _ values: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            let name = String(rest[rest.index(after: open)..<close])
            result += values[name] ?? "{\(name)}"
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
