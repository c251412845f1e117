/// Reads PO files with keys and without plural forms: the texts that programs carry in themselves.
///
/// Their form is that of GNU gettext (manual, "The Format of PO Files"); `msgid` is a key.
public enum PlainPO {
    /// A line that cannot be read.
    public struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        public let line: Int
        let what: String
        public var description: String { "line \(line): \(what)" }
    }

    /// The text of each key. Throws `Problem`.
    public static func read(_ source: String) throws(Problem) -> [String: String] {
        var texts: [String: String] = [:]
        var key: String?
        var text: String?
        func close(_ line: Int) throws(Problem) {
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

    private static func problem(_ line: Int, _ what: String) -> Problem {
        Problem(line: line, what: what)
    }

    private static func string(_ source: Substring, _ line: Int) throws(Problem) -> String {
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

extension String {
    /// Without blanks at both ends.
    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
