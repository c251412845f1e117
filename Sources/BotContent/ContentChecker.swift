import Bot

/// Checks content: what is missing, unknown, stale, too long, forbidden or in conflict.
public enum ContentChecker {
    /// Characters of an answer: what one screen of a cheap phone shows.
    public static let longestText = 300
    /// Characters of a title: one line in a list of choices.
    public static let longestTitle = 60

    /// Reads and checks both folders.
    ///
    /// - Parameter today: seconds since 1970; when given, topics past their `expires` are errors.
    /// - Returns: everything that is wrong, in the order of files and lines; empty when all is well.
    public static func check(_ folders: ContentFolders, today: Int64? = nil) -> [Problem] {
        problems(of: ContentReader.read(folders), folders: folders, today: today)
    }

    static func problems(of content: ReadContent, folders: ContentFolders, today: Int64?) -> [Problem] {
        var problems = content.problems
        problems += TextCheck.problems(content, folders: folders)
        problems += ExampleCheck.problems(content, folders: folders)
        problems += ForbiddenCheck.problems(content)
        if let today {
            problems += content.topics.filter { $0.file.topic.expiresAt <= today }.map {
                Problem(
                    file: $0.path, "expired on \($0.file.expires); check the sources and set checked and expires anew")
            }
        }
        return problems.sorted { ($0.file, $0.line ?? 0, $0.message) < ($1.file, $1.line ?? 0, $1.message) }
    }
}

/// Translations: missing, unknown, empty, too long, placeholders.
enum TextCheck {
    static func problems(_ content: ReadContent, folders: ContentFolders) -> [Problem] {
        var problems: [Problem] = []
        var required = Set(TextKey.general)
        var allowed = required
        for (file, _) in content.topics {
            required.formUnion(TextKey.required(for: file.topic))
            // A topic of danger may have words of its own.
            allowed.formUnion([.title(file.topic.id), .answer(file.topic.id)])
            if file.topic.needsLawReview { allowed.insert(.safe(file.topic.id)) }
        }
        allowed.formUnion(required)
        for variety in Variety.written {
            guard let texts = content.texts[variety] else {
                let folder = folders.translations + "/" + variety.rawValue
                problems.append(Problem(file: folder, "has no translations; it needs bot.po and topics.po"))
                continue
            }
            problems += check(texts, required: required, allowed: allowed, content: content)
            let keys = Set(texts.map(\.key))
            for key in required.sorted() where !keys.contains(key.rawValue) {
                let file = key.rawValue.hasPrefix("topic.") ? "topics.po" : "bot.po"
                let path = "\(folders.translations)/\(variety.rawValue)/\(file)"
                problems.append(Problem(file: path, "translation missing: \"\(key)\""))
            }
        }
        return problems
    }

    private static func check(
        _ texts: [ReadContent.Text], required: Set<TextKey>, allowed: Set<TextKey>, content: ReadContent
    ) -> [Problem] {
        var problems: [Problem] = []
        var seen: [String: ReadContent.Place] = [:]
        for text in texts {
            func report(_ message: String) {
                problems.append(Problem(file: text.place.file, line: text.place.line, message))
            }
            if let first = seen[text.key] { report("\"\(text.key)\" stands already in \(first.file):\(first.line)") }
            seen[text.key] = text.place
            let key = TextKey(rawValue: text.key)
            guard allowed.contains(key) else {
                if !isOfBrokenTopic(text.key, content) { report(unknown(text.key, allowed)) }
                continue
            }
            if text.text.allSatisfy(\.isWhitespace) { report("\"\(text.key)\" has no text") }
            let limit = text.key.hasSuffix(".title") ? ContentChecker.longestTitle : ContentChecker.longestText
            if text.text.count > limit {
                report("\"\(text.key)\" is \(text.text.count) characters long; at most \(limit)")
            }
            let found = placeholders(in: text.text)
            for name in key.placeholders.subtracting(found).sorted() { report("placeholder \(name) is missing") }
            for name in found.subtracting(key.placeholders).sorted() {
                report("unknown placeholder \(name); it would be shown as it is")
            }
        }
        return problems
    }

    private static func unknown(_ key: String, _ allowed: Set<TextKey>) -> String {
        let hint = Suggestion.nearest(to: key, in: allowed.map(\.rawValue).sorted())
        return "unknown key \"\(key)\"" + (hint.map { "; did you mean \"\($0)\"?" } ?? "; no topic uses it")
    }

    /// Whether the key belongs to a topic whose own file could not be read.
    private static func isOfBrokenTopic(_ key: String, _ content: ReadContent) -> Bool {
        let read = Set(content.topics.map(\.file.topic.id.rawValue))
        return content.topicNames.subtracting(read).contains { key.hasPrefix("topic.\($0).") }
    }

    /// The placeholders in a text: braces with what is between them.
    static func placeholders(in text: String) -> Set<String> {
        var found: Set<String> = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            rest = rest[open...]
            guard let close = rest.firstIndex(of: "}") else {
                found.insert(String(rest.prefix(12)))
                break
            }
            found.insert(String(rest[...close]))
            rest = rest[rest.index(after: close)...]
        }
        return found
    }
}
