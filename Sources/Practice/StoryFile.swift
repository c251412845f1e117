import Bot
import BotContent
import Yams

/// One story's file, read and checked.
struct StoryFile {
    /// Above this nobody learns from it.
    private static let mostSteps = 60

    private let file: String
    private let forbidden: ForbiddenPhrases
    private var problems: [Problem] = []
    /// The line of each step, and of each choice of it.
    private var lines: [String: (step: Int?, choices: [Int?])] = [:]

    static func read(
        _ text: String, file: String, name: String, forbidden: ForbiddenPhrases
    ) -> (PracticeStory?, [Problem]) {
        let (mapping, broken) = YAMLDocument.read(text, file: file)
        guard let mapping else { return (nil, broken) }
        var reader = StoryFile(file: file, forbidden: forbidden)
        let story = reader.story(mapping, name: name)
        if let story, reader.problems.isEmpty {
            reader.problems += StoryCheck.problems(story, file: file, lines: reader.lines, forbidden: forbidden)
        }
        return (story, reader.problems)
    }

    private init(file: String, forbidden: ForbiddenPhrases) {
        self.file = file
        self.forbidden = forbidden
    }

    private mutating func story(_ mapping: Node.Mapping, name: String) -> PracticeStory? {
        var fields = YAMLFields(
            mapping, file: file, known: ["id", "languages", "title", "learn", "good", "never", "steps"])
        let id = fields.string("id")
        if let id, id != name {
            fields.report("id", "id \"\(id)\" differs from the file's name; both must be the same")
        }
        let languages = fields.strings("languages")
        for language in languages ?? [] where Variety(rawValue: language).map(Variety.written.contains) != true {
            fields.report("languages", "unknown variety \"\(language)\"")
        }
        let texts = ["title", "learn", "good", "never"].map { words($0, &fields) }
        let entries = fields.mappings("steps", required: true)
        if fields.has("steps"), entries.isEmpty { fields.report("steps", "a story has at least one step") }
        if entries.count > Self.mostSteps { fields.report("steps", "a story has at most \(Self.mostSteps) steps") }
        problems += fields.problems
        let steps = entries.prefix(Self.mostSteps).map { step($0) }
        guard let id, let languages, let title = texts[0], let learn = texts[1], let good = texts[2],
            let never = texts[3]
        else { return nil }
        let read = steps.compactMap(\.self)
        guard read.count == entries.count else { return nil }
        return PracticeStory(
            id: id, languages: languages, title: title, learn: learn, good: good, never: never, steps: read)
    }

    private mutating func words(_ key: String, _ fields: inout YAMLFields) -> Words? {
        WordsField.read(key, &fields, problems: &problems)
    }

    private mutating func step(_ mapping: Node.Mapping) -> PracticeStory.Step? {
        var fields = YAMLFields(
            mapping, file: file, known: ["id", "says", "means", "replies", "ends", "feedback"])
        let id = fields.string("id")
        let isEnd = fields.has("ends")
        let says = isEnd && !fields.has("says") ? [] : fields.strings("says")
        let means = isEnd && !fields.has("means") ? Words(nl: "", en: "") : words("means", &fields)
        var exit: PracticeStory.Exit?
        var choiceLines: [Int?] = []
        if isEnd {
            let result = fields.choice("ends", of: PracticeStory.Ending.Result.self)
            let feedback = words("feedback", &fields)
            if fields.has("replies") { fields.report("replies", "a step that ends takes no replies") }
            if let result, let feedback { exit = .ending(.init(result: result, feedback: feedback)) }
        } else {
            let entries = fields.mappings("replies", required: true)
            if fields.has("replies"), entries.isEmpty { fields.report("replies", "name at least one reply") }
            if fields.has("feedback") { fields.report("feedback", "only a step with \"ends\" has feedback") }
            var choices: [PracticeStory.Choice] = []
            for entry in entries {
                choiceLines.append(entry.mark?.line)
                if let choice = choice(entry) { choices.append(choice) }
            }
            if choices.count == entries.count { exit = .replies(choices) }
        }
        problems += fields.problems
        guard let id, let says, let means, let exit else { return nil }
        if lines[id] != nil {
            problems.append(Problem(file: file, line: fields.line(of: "id"), "there are two steps \"\(id)\""))
        }
        lines[id] = (fields.line(of: "id"), choiceLines)
        return PracticeStory.Step(id: id, says: says, means: means, exit: exit)
    }

    private mutating func choice(_ mapping: Node.Mapping) -> PracticeStory.Choice? {
        var fields = YAMLFields(mapping, file: file, known: ["when", "example", "to", "note"])
        let condition = condition(&fields)
        let example = fields.string("example")
        let next = fields.string("to")
        let note = fields.has("note") ? words("note", &fields) : nil
        problems += fields.problems
        guard let condition, let example, let next else { return nil }
        return PracticeStory.Choice(condition: condition, example: example, next: next, note: note)
    }

    /// `any`, or parts that must all hold.
    private mutating func condition(_ fields: inout YAMLFields) -> ReplyCondition? {
        if fields.optionalString("when") == "any" { return ReplyCondition() }
        guard let mapping = fields.mapping("when") else { return nil }
        var entry = YAMLFields(
            mapping, file: file, known: ["says", "lacks", "asks", "promises", "never-said", "longer-than"])
        var condition = ReplyCondition()
        condition.says = patterns("says", &entry)
        condition.lacks = patterns("lacks", &entry)
        condition.asks = patterns("asks", &entry)
        condition.promises = patterns("promises", &entry)
        if entry.has("never-said") { condition.isForbidden = entry.bool("never-said") ?? false }
        if entry.has("longer-than") {
            condition.longerThan = entry.string("longer-than").flatMap(Int.init)
            if condition.longerThan == nil { entry.report("longer-than", "must be a number of characters") }
        }
        if condition.isAny, entry.problems.isEmpty {
            entry.report("says", "a condition without parts; write \"when: any\"")
        }
        problems += entry.problems
        return condition
    }

    private mutating func patterns(_ key: String, _ fields: inout YAMLFields) -> [PhrasePattern] {
        guard fields.has(key), let texts = fields.strings(key) else { return [] }
        return texts.compactMap { text in
            let pattern = PhrasePattern(text)
            if pattern == nil { fields.report(key, "\"\(text)\" has no word to look for") }
            return pattern
        }
    }
}
