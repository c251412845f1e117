import Yams

/// A YAML file that is one mapping.
package enum YAMLDocument {
    /// Reads the text of a file; `nil` with the problem, and its line, when it is no YAML or no mapping.
    package static func read(_ text: String, file: String) -> (Node.Mapping?, [Problem]) {
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            let line = (error as? YamlError).flatMap(lineNumber)
            return (nil, [Problem(file: file, line: line, "is no valid YAML: \(String(describing: error))")])
        }
        guard let root, case .mapping(let mapping) = root else {
            return (nil, [Problem(file: file, line: 1, "must be a list of \"key: value\" lines")])
        }
        return (mapping, [])
    }

    private static func lineNumber(_ error: YamlError) -> Int? {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        default: nil
        }
    }
}

extension YAMLFields {
    /// Whether the mapping has the key.
    package func has(_ key: String) -> Bool { node(at: key) != nil }

    /// The line of a key's value, else of the mapping.
    package func line(of key: String) -> Int? { node(at: key)?.mark?.line ?? line }

    /// A list of texts that are not empty; one text alone counts as a list of one.
    package mutating func strings(_ key: String) -> [String]? {
        guard let node = node(at: key) else {
            report(key, "key \"\(key)\" is missing")
            return nil
        }
        if let text = node.scalar?.string, !text.isEmpty { return [text] }
        guard let sequence = node.sequence, !sequence.isEmpty else {
            report(key, "\"\(key)\" must be a text or a list of texts")
            return nil
        }
        var texts: [String] = []
        for entry in sequence {
            guard let text = entry.scalar?.string, !text.isEmpty else {
                report(key, "each entry of \"\(key)\" must be a text that is not empty")
                return nil
            }
            texts.append(text)
        }
        return texts
    }

    /// A mapping below a key.
    package mutating func mapping(_ key: String) -> Node.Mapping? {
        guard let node = node(at: key) else {
            report(key, "key \"\(key)\" is missing")
            return nil
        }
        guard let mapping = node.mapping else {
            report(key, "\"\(key)\" must have \"key: value\" lines")
            return nil
        }
        return mapping
    }
}
