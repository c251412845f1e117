/// One sentence of a PO file.
struct POEntry: Sendable, Equatable {
    let key: String
    let text: String
    /// The line of the `msgid`.
    let line: Int
    /// Not yet read by a native speaker; it is used all the same.
    let isFuzzy: Bool
}

/// A gettext PO file in which the `msgid` is a key and not a sentence.
struct POFile: Sendable, Equatable {
    /// The header's fields, by name.
    var header: [String: String] = [:]
    /// In the order of the file, without the header.
    var entries: [POEntry] = []
}

/// Reads PO files strictly: what it does not know is an error with its line, never skipped.
///
/// Format: GNU gettext manual, "The Format of PO Files". Context and plural forms are refused,
/// because no sentence uses them.
struct POReader {
    private let file: String
    private var problems: [Problem] = []
    private var result = POFile()
    private var seen: [String: Int] = [:]

    private enum Field { case none, key, text }
    private var field = Field.none
    private var key: (text: String, line: Int)?
    private var text: String?
    private var isFuzzy = false
    private var hasHeader = false

    private init(file: String) { self.file = file }

    /// Reads the text of a PO file; what could be read and all that is wrong.
    static func read(_ source: String, file: String) -> (POFile, [Problem]) {
        var reader = POReader(file: file)
        for (number, line) in TextFile.lines(source) { reader.take(line, number) }
        reader.close()
        if !reader.hasHeader {
            reader.report("has no header; the first entry must have an empty msgid and say Language and charset", at: 1)
        }
        return (reader.result, reader.problems)
    }

    private mutating func report(_ message: String, at line: Int) {
        problems.append(Problem(file: file, line: line, message))
    }

    private mutating func take(_ raw: Substring, _ number: Int) {
        let line = raw.drop { $0 == " " || $0 == "\t" }
        if line.isEmpty { return close() }
        if line.hasPrefix("#") { return takeComment(line) }
        if line.hasPrefix("\"") { return takeContinuation(line, number) }
        guard let space = line.firstIndex(where: { $0 == " " || $0 == "\t" }) else {
            return report("is no PO line: \"\(line.prefix(40))\"", at: number)
        }
        let keyword = line[..<space]
        let rest = line[space...].drop { $0 == " " || $0 == "\t" }
        switch keyword {
        case "msgid": takeKey(rest, number)
        case "msgstr": takeText(rest, number)
        case "msgctxt": report("msgctxt is not used here; a key stands for one sentence", at: number)
        case "msgid_plural": report("plural forms are not used yet; write a sentence without a number", at: number)
        default:
            report(
                keyword.hasPrefix("msgstr[")
                    ? "plural forms are not used yet; write msgstr" : "unknown keyword \"\(keyword.prefix(40))\"",
                at: number)
        }
    }

    private mutating func takeComment(_ line: Substring) {
        // Comments stand before an entry: one after a finished entry begins the next.
        if text != nil { close() }
        if line.hasPrefix("#,") {
            let flags = line.dropFirst(2).split(separator: ",").map { $0.filter { $0 != " " } }
            if flags.contains("fuzzy") { isFuzzy = true }
        }
    }

    private mutating func takeKey(_ rest: Substring, _ number: Int) {
        close(keepingFlags: text == nil && key == nil)
        guard let value = string(rest, number) else { return }
        key = (value, number)
        field = .key
    }

    private mutating func takeText(_ rest: Substring, _ number: Int) {
        guard key != nil else { return report("msgstr without a msgid before it", at: number) }
        guard text == nil else { return report("a second msgstr for the same msgid", at: number) }
        text = string(rest, number) ?? ""
        field = .text
    }

    private mutating func takeContinuation(_ line: Substring, _ number: Int) {
        guard let value = string(line, number) else { return }
        switch field {
        case .key: key?.text += value
        case .text: text = (text ?? "") + value
        case .none: report("a string that belongs to no msgid or msgstr", at: number)
        }
    }

    /// Ends the entry that is open.
    private mutating func close(keepingFlags: Bool = false) {
        defer {
            key = nil
            text = nil
            field = .none
            if !keepingFlags { isFuzzy = false }
        }
        guard let key else { return }
        guard let text else { return report("msgid \"\(key.text)\" has no msgstr", at: key.line) }
        if key.text.isEmpty { return takeHeader(text, key.line) }
        if let first = seen[key.text] {
            return report("msgid \"\(key.text)\" stands already on line \(first)", at: key.line)
        }
        seen[key.text] = key.line
        if !hasHeader && result.entries.isEmpty {
            report("the header (an empty msgid) must come first", at: key.line)
            hasHeader = true
        }
        result.entries.append(POEntry(key: key.text, text: text, line: key.line, isFuzzy: isFuzzy))
    }

    private mutating func takeHeader(_ text: String, _ line: Int) {
        if hasHeader { return report("a second header (an empty msgid)", at: line) }
        hasHeader = true
        for field in text.split(separator: "\n") {
            guard let colon = field.firstIndex(of: ":") else {
                report("header line \"\(field.prefix(40))\" has no colon", at: line)
                continue
            }
            let value = field[field.index(after: colon)...].drop { $0 == " " }
            result.header[String(field[..<colon])] = String(value)
        }
        let type = result.header["Content-Type"]?.lowercased() ?? ""
        if !type.contains("charset=utf-8") {
            report("the header must say \"Content-Type: text/plain; charset=UTF-8\"", at: line)
        }
    }

    /// A quoted string with its escapes resolved.
    private mutating func string(_ source: Substring, _ number: Int) -> String? {
        guard source.first == "\"" else {
            report("expected a string in double quotes", at: number)
            return nil
        }
        var result = ""
        var scalars = source.unicodeScalars.dropFirst()
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"":
                guard scalars.allSatisfy({ $0 == " " || $0 == "\t" }) else {
                    report("text after the closing quote; write \\\" for a quote inside", at: number)
                    return nil
                }
                return result
            case "\\":
                guard let escaped = scalars.popFirst(), let value = Self.escapes[escaped] else {
                    report("unknown escape after \\; known are \\n \\t \\\" \\\\", at: number)
                    return nil
                }
                result.unicodeScalars.append(value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        report("the string has no closing quote", at: number)
        return nil
    }

    private static let escapes: [Unicode.Scalar: Unicode.Scalar] = ["n": "\n", "t": "\t", "\"": "\"", "\\": "\\"]
}
