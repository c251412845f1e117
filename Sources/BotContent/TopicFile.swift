import Bot
import Yams

/// Reads `Bots/topics/<id>.yaml`.
///
/// Keys: `id`, `group`, `audience`, `kind`, `hand-over`, `law-review`, `confidence`, `sources`,
/// `checked`, `expires`, `reviewed`, and `notes` for people. Unknown keys are errors: a misspelt
/// `law-review` must not release an answer.
struct TopicFile {
    let topic: Topic
    let checked: CalendarDate
    let expires: CalendarDate

    /// Reads the text of a topic's file; `nil` when it cannot be used.
    static func read(_ text: String, file: String, name: String) -> (TopicFile?, [Problem]) {
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            let line = (error as? YamlError).flatMap(lineNumber)
            return (nil, [Problem(file: file, line: line, "is no valid YAML: \(String(describing: error))")])
        }
        guard let root, case .mapping(let mapping) = root else {
            return (nil, [Problem(file: file, line: 1, "must be a list of \"key: value\" lines")])
        }
        var fields = YAMLFields(mapping, file: file, known: known)
        let topic = read(&fields, name: name)
        return (fields.problems.contains { $0.severity == .error } ? nil : topic, fields.problems)
    }

    private static let known = [
        "id", "group", "audience", "kind", "hand-over", "law-review", "confidence", "sources", "checked", "expires",
        "reviewed", "notes",
    ]

    private static func read(_ fields: inout YAMLFields, name: String) -> TopicFile? {
        let id = fields.string("id")
        if let id, id != name {
            fields.report("id", "id \"\(id)\" differs from the file's name; both must be the same")
        }
        if let id, !isID(id) { fields.report("id", "id \"\(id)\" must be small letters, digits and hyphens") }
        let group = fields.string("group")
        let audience = fields.list("audience", of: Audience.self)
        let kind = fields.choice("kind", of: Topic.Kind.self)
        let handOver = fields.choice("hand-over", of: HandOverTarget.self)
        let lawReview = fields.bool("law-review")
        let confidence = fields.choice("confidence", of: SourceConfidence.self)
        let checked = fields.date("checked")
        let expires = fields.date("expires")
        if let checked, let expires, expires <= checked {
            fields.report("expires", "expires on \(expires), not after it was checked on \(checked)")
        }
        readSources(&fields)
        let signed = readReviews(&fields)
        if kind == .danger, handOver == HandOverTarget.none {
            fields.report("hand-over", "a topic of danger must name who takes over")
        }
        guard let id, let group, let audience, let kind, let handOver, let lawReview, let confidence, let checked,
            let expires
        else { return nil }
        let topic = Topic(
            id: TopicID(id), group: group, audience: audience, kind: kind, handOver: handOver,
            needsLawReview: lawReview, isLawReviewed: signed, confidence: confidence,
            expiresAt: expires.secondsSince1970)
        return TopicFile(topic: topic, checked: checked, expires: expires)
    }

    private static func isID(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    private static func readSources(_ fields: inout YAMLFields) {
        let sources = fields.mappings("sources", required: true)
        if sources.isEmpty { fields.report("sources", "name at least one source") }
        for source in sources {
            var entry = YAMLFields(source, file: fields.file, known: ["key", "title", "date", "url"])
            for key in ["key", "title", "date"] { _ = entry.string(key) }
            fields.adopt(entry.problems)
        }
    }

    /// Whether a named lawyer has signed.
    private static func readReviews(_ fields: inout YAMLFields) -> Bool {
        var signed = false
        for review in fields.mappings("reviewed", required: true) {
            var entry = YAMLFields(review, file: fields.file, known: ["by", "on", "kind", "variety"])
            let by = entry.string("by")
            let on = entry.date("on")
            let kind = entry.choice("kind", of: ReviewKind.self)
            let variety = entry.optionalString("variety")
            if let variety, Variety(rawValue: variety) == nil || variety == Variety.other.rawValue {
                entry.report("variety", "unknown variety \"\(variety)\"")
            }
            if kind == .nativeSpeaker, variety == nil {
                entry.report("kind", "a native speaker's review must name its variety")
            }
            if kind == .lawyer, by != nil, on != nil { signed = true }
            fields.adopt(entry.problems)
        }
        return signed
    }

    private enum ReviewKind: String, CaseIterable {
        case lawyer
        case nativeSpeaker = "native-speaker"
    }

    private static func lineNumber(_ error: YamlError) -> Int? {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        default: nil
        }
    }
}
