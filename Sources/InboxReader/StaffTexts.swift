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
    public init(po source: String) throws(Problem) { try self.init(try StaffPO.read(source)) }

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

/// Reads the few forms of PO that `staff.po` has.
enum StaffPO {
    static func read(_ source: String) throws(StaffTexts.Problem) -> [String: String] {
        var texts: [String: String] = [:]
        var key: String?
        var text: String?
        func close(_ line: Int) throws(StaffTexts.Problem) {
            defer { (key, text) = (nil, nil) }
            guard let key else { return }
            guard let text else { throw problem(line, "msgid \"\(key)\" has no msgstr") }
            guard texts.updateValue(text, forKey: key) == nil else {
                throw problem(line, "msgid \"\(key)\" stands twice")
            }
        }
        var number = 0
        for raw in source.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            let line = String(raw).trimmed
            if line.isEmpty || line.hasPrefix("#") {
                try close(number)
            } else if line.hasPrefix("msgid ") {
                try close(number)
                key = try string(line.dropFirst(6), number)
            } else if line.hasPrefix("msgstr "), key != nil, text == nil {
                text = try string(line.dropFirst(7), number)
            } else if line.hasPrefix("\""), key != nil {
                let more = try string(line[...], number)
                if let before = text { text = before + more } else { key = (key ?? "") + more }
            } else {
                throw problem(number, "is no line of a PO file without plural forms")
            }
        }
        try close(number)
        // The header.
        texts[""] = nil
        return texts
    }

    private static func problem(_ line: Int, _ what: String) -> StaffTexts.Problem {
        StaffTexts.Problem(description: "staff.po, line \(line): \(what)")
    }

    private static func string(_ source: Substring, _ line: Int) throws(StaffTexts.Problem) -> String {
        let source = String(source).trimmed
        guard source.count >= 2, source.first == "\"", source.last == "\"" else {
            throw problem(line, "expected a text in double quotes")
        }
        var result = ""
        var inner = source.dropFirst().dropLast()
        while let character = inner.popFirst() {
            guard character == "\\" else {
                guard character != "\"" else { throw problem(line, "write \\\" for a quote inside") }
                result.append(character)
                continue
            }
            switch inner.popFirst() {
            case "n": result.append("\n")
            case "t": result.append("\t")
            case "\"": result.append("\"")
            case "\\": result.append("\\")
            default: throw problem(line, "unknown escape after \\; known are \\n \\t \\\" \\\\")
            }
        }
        return result
    }
}
