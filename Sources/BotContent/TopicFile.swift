import Bot

/// Reads `Bots/topics/<id>.yaml`.
///
/// Keys: `id`, `group`, `audience`, `kind`, `hand-over`, `law-review`, `confidence`, `sources`,
/// `checked`, `expires`, `reviewed`, and `notes` for people. Unknown keys are errors: a misspelt
/// `law-review` must not release an answer.
struct TopicFile {
    let topic: Topic
    let sources: [TopicSource]
    let checked: CalendarDate
    let expires: CalendarDate

    /// Reads the text of a topic's file; `nil` when it cannot be used.
    static func read(_ text: String, file: String, name: String) -> (TopicFile?, [Problem]) {
        let (mapping, broken) = YAMLDocument.read(text, file: file)
        guard let mapping else { return (nil, broken) }
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
        let sources = readSources(&fields)
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
        return TopicFile(topic: topic, sources: sources, checked: checked, expires: expires)
    }

    private static func isID(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    private static func readSources(_ fields: inout YAMLFields) -> [TopicSource] {
        let entries = fields.mappings("sources", required: true)
        if entries.isEmpty { fields.report("sources", "name at least one source") }
        var sources: [TopicSource] = []
        for source in entries {
            var entry = YAMLFields(source, file: fields.file, known: ["key", "title", "date", "url"])
            if let key = entry.string("key"), let title = entry.string("title"), let date = entry.string("date") {
                sources.append(TopicSource(key: key, title: title, date: date, url: entry.optionalString("url")))
            }
            fields.adopt(entry.problems)
        }
        return sources
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
}
