import Yams

/// The fields of one YAML mapping, read one by one; each error has its line.
package struct YAMLFields {
    package let file: String
    let line: Int?
    private var values: [String: Node] = [:]
    package private(set) var problems: [Problem] = []

    package init(_ mapping: Node.Mapping, file: String, known: [String]) {
        self.file = file
        line = mapping.mark?.line
        for (keyNode, value) in mapping {
            let key = keyNode.scalar?.string ?? ""
            if !known.contains(key) {
                let hint = Suggestion.nearest(to: key, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
                problems.append(Problem(file: file, line: keyNode.mark?.line, "unknown key \"\(key)\"\(hint)"))
            }
            values[key] = value
        }
    }

    /// What stands under a key, as it is.
    func node(at key: String) -> Node? { values[key] }

    package mutating func report(_ key: String, _ message: String) {
        problems.append(Problem(file: file, line: values[key]?.mark?.line ?? line, message))
    }

    package mutating func adopt(_ others: [Problem]) { problems += others }

    private mutating func node(_ key: String) -> Node? {
        guard let node = values[key] else {
            report(key, "key \"\(key)\" is missing")
            return nil
        }
        return node
    }

    /// A text that is not empty.
    package mutating func string(_ key: String) -> String? {
        guard let node = node(key) else { return nil }
        guard let text = node.scalar?.string, !text.isEmpty else {
            report(key, "\"\(key)\" must be a text")
            return nil
        }
        return text
    }

    package func optionalString(_ key: String) -> String? { values[key]?.scalar?.string }

    package mutating func bool(_ key: String) -> Bool? {
        guard let text = string(key) else { return nil }
        switch text {
        case "true": return true
        case "false": return false
        default:
            report(key, "\"\(key)\" must be true or false, not \"\(text)\"")
            return nil
        }
    }

    mutating func date(_ key: String) -> CalendarDate? {
        guard let text = string(key) else { return nil }
        guard let date = CalendarDate(text) else {
            report(key, "\"\(key)\" must be a day as 2026-11-20, not \"\(text)\"")
            return nil
        }
        return date
    }

    package mutating func choice<Value: RawRepresentable & CaseIterable>(_ key: String, of type: Value.Type) -> Value?
    where Value.RawValue == String {
        guard let text = string(key) else { return nil }
        return value(text, key, type)
    }

    package mutating func list<Value: RawRepresentable & CaseIterable>(_ key: String, of type: Value.Type) -> [Value]?
    where Value.RawValue == String {
        guard let node = node(key) else { return nil }
        guard let sequence = node.sequence, !sequence.isEmpty else {
            report(
                key,
                "\"\(key)\" must be a list such as [\(type.allCases.prefix(2).map(\.rawValue).joined(separator: ", "))]"
            )
            return nil
        }
        return sequence.compactMap { value($0.scalar?.string ?? "", key, type) }
    }

    private mutating func value<Value: RawRepresentable & CaseIterable>(
        _ text: String, _ key: String, _ type: Value.Type
    ) -> Value? where Value.RawValue == String {
        if let value = Value(rawValue: text) { return value }
        let known = type.allCases.map(\.rawValue).joined(separator: ", ")
        report(key, "\"\(key)\" cannot be \"\(text)\"; it is one of \(known)")
        return nil
    }

    /// A list of mappings; `[]` is one too.
    package mutating func mappings(_ key: String, required: Bool) -> [Node.Mapping] {
        guard let node = required ? node(key) : values[key] else { return [] }
        guard let sequence = node.sequence else {
            report(key, "\"\(key)\" must be a list; write [] for none")
            return []
        }
        return sequence.compactMap { entry in
            if let mapping = entry.mapping { return mapping }
            report(key, "each entry of \"\(key)\" must have \"key: value\" lines")
            return nil
        }
    }
}

/// Finds what someone may have meant.
package enum Suggestion {
    /// The known word that differs least, when it differs little.
    package static func nearest(to word: String, in known: [String]) -> String? {
        guard word.count <= 60 else { return nil }
        let ranked = known.map { ($0, distance(Array(word), Array($0))) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(2, word.count / 3) else { return nil }
        return best.0
    }

    /// Levenshtein distance.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}
