import Bot

/// Examples: each topic has some in each variety, none stands in two topics.
enum ExampleCheck {
    static func problems(_ content: ReadContent, folders: ContentFolders) -> [Problem] {
        missing(content, folders: folders) + collisions(content)
    }

    private static func missing(_ content: ReadContent, folders: ContentFolders) -> [Problem] {
        var present: [Variety: Set<String>] = [:]
        for example in content.examples { present[example.variety, default: []].insert(example.topic ?? "") }
        var problems: [Problem] = []
        for variety in Variety.written {
            for (file, _) in content.topics where present[variety]?.contains(file.topic.id.rawValue) != true {
                let path = "\(folders.bots)/examples/\(variety.rawValue)/\(file.topic.id).txt"
                problems.append(Problem(file: path, "topic \"\(file.topic.id)\" has no example in \(variety.rawValue)"))
            }
        }
        return problems
    }

    /// The same question, as the matcher sees it, in two places.
    private static func collisions(_ content: ReadContent) -> [Problem] {
        var first: [String: ReadContent.Example] = [:]
        var problems: [Problem] = []
        for example in content.examples {
            let folded = Folding.folded(example.text)
            if folded.isEmpty {
                problems.append(Problem(file: example.place.file, line: example.place.line, "example without a word"))
                continue
            }
            guard let earlier = first[folded] else {
                first[folded] = example
                continue
            }
            let place = "\(earlier.place.file):\(earlier.place.line)"
            if earlier.topic != example.topic {
                problems.append(
                    Problem(
                        file: example.place.file, line: example.place.line,
                        "the same example stands under another topic, in \(place); a question has one topic"))
            } else if earlier.variety == example.variety {
                problems.append(
                    Problem(
                        .warning, file: example.place.file, line: example.place.line,
                        "the same example stands in \(place)"))
            }
        }
        return problems
    }
}

/// What may not be said: lists in `Bots/never`.
enum ForbiddenCheck {
    static func problems(_ content: ReadContent) -> [Problem] {
        var problems: [Problem] = []
        // Each text is folded once, not once for each phrase: that was a tenth of the daemon's start.
        let texts = content.texts.mapValues { texts in
            texts.map { (text: $0, words: " \(Folding.folded($0.text)) ") }
        }
        for phrase in content.forbidden {
            let folded = Folding.folded(phrase.text)
            guard !folded.isEmpty else {
                problems.append(Problem(file: phrase.place.file, line: phrase.place.line, "phrase without a word"))
                continue
            }
            for (text, words) in texts[phrase.variety] ?? [] where words.contains(" \(folded) ") {
                problems.append(
                    Problem(
                        file: text.place.file, line: text.place.line,
                        "\"\(text.key)\" says \"\(phrase.text)\", which is forbidden by \(phrase.place.file):\(phrase.place.line)"
                    ))
            }
        }
        return problems
    }
}
