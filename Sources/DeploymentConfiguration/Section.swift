import Yams

/// Collects problems while a file is read, so that all are told at once.
final class ProblemList {
    private(set) var problems: [ConfigurationError.Problem] = []

    func add(_ line: Int?, _ message: String) {
        problems.append(.init(line: line, message: message))
    }
}

/// One mapping of the file: hands out values of the right type, and notes what is wrong.
///
/// A getter that finds a problem notes it and returns `nil`; the caller goes on, and the whole is
/// refused at the end.
struct Section {
    /// The keys from the top to here, empty at the top.
    let path: [String]
    let line: Int?
    private let values: [String: Node]
    private let problems: ProblemList

    /// `schema` maps each section's path, joined by dots, to the keys allowed in it.
    init(_ mapping: Node.Mapping?, path: [String], line: Int?, schema: [String: [String]], problems: ProblemList) {
        self.path = path
        self.line = line
        self.problems = problems
        let allowed = schema[path.joined(separator: ".")] ?? []
        var values: [String: Node] = [:]
        for (key, value) in mapping ?? Node.Mapping([]) {
            guard let name = key.scalar?.string, allowed.contains(name) else {
                let name = key.scalar?.string ?? "(not a word)"
                problems.add(key.mark?.line, Self.unknown(name, path: path, allowed: allowed, schema: schema))
                continue
            }
            values[name] = value
        }
        self.values = values
    }

    private static func unknown(
        _ name: String, path: [String], allowed: [String], schema: [String: [String]]
    ) -> String {
        let full = (path + [String(name.prefix(64))]).joined(separator: ".")
        if let near = Suggestion.nearest(to: name, in: allowed) {
            return "unknown key '\(full)'; did you mean '\(near)'?"
        }
        // Perhaps the right key stands in the wrong section.
        for (section, keys) in schema.sorted(by: { $0.key < $1.key }) where keys.contains(name) {
            return "unknown key '\(full)'; did you mean '\(section.isEmpty ? name : section + "." + name)'?"
        }
        return "unknown key '\(full)'; known here: \(allowed.joined(separator: ", "))"
    }

    func name(_ key: String) -> String { (path + [key]).joined(separator: ".") }

    func fail(_ key: String, _ message: String) {
        problems.add(values[key]?.mark?.line ?? line, "'\(name(key))' \(message)")
    }

    func has(_ key: String) -> Bool { values[key] != nil }

    /// A section inside this one; empty when it is absent.
    func section(_ key: String, schema: [String: [String]]) -> Section {
        guard let node = values[key], !node.isEmptyValue else {
            return Section(nil, path: path + [key], line: values[key]?.mark?.line, schema: schema, problems: problems)
        }
        if node.mapping == nil { fail(key, "must hold keys of its own, indented below it") }
        return Section(
            node.mapping, path: path + [key], line: node.mark?.line, schema: schema, problems: problems)
    }

    /// A text; `nil` when it is absent or empty-valued.
    func string(_ key: String) -> String? {
        guard let node = values[key] else { return nil }
        guard let scalar = node.scalar else {
            fail(key, "must be a text, not a list or a section")
            return nil
        }
        guard !node.isEmptyValue, !scalar.string.isEmpty else {
            fail(key, "has no value; write one, or remove the line")
            return nil
        }
        return scalar.string
    }

    /// A text that must be there.
    func requiredString(_ key: String, example: String) -> String? {
        if !has(key) { fail(key, "is missing; for example: \(name(key)): \(example)") }
        return string(key)
    }

    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = string(key) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            fail(key, "is '\(text.prefix(40))', but must be a number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    func bool(_ key: String) -> Bool? {
        guard let text = string(key) else { return nil }
        switch text {
        case "true": return true
        case "false": return false
        default:
            fail(key, "is '\(text.prefix(40))', but must be true or false")
            return nil
        }
    }

    /// One of a few words.
    func choice(_ key: String, of choices: [String]) -> String? {
        guard let text = string(key) else { return nil }
        guard choices.contains(text) else {
            let near = Suggestion.nearest(to: text, in: choices).map { "; did you mean '\($0)'?" } ?? ""
            fail(key, "is '\(text.prefix(40))', but must be one of \(choices.joined(separator: ", "))\(near)")
            return nil
        }
        return text
    }
}

extension Node {
    /// `key:` with nothing behind it, `null` or `~`.
    var isEmptyValue: Bool {
        guard let scalar else { return false }
        return scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
    }
}
