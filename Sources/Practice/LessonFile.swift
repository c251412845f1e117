import BotContent
import Yams

/// Texts in both languages of the coach, below a key.
enum WordsField {
    static func read(
        _ key: String, _ fields: inout YAMLFields, problems: inout [Problem]
    ) -> Words? {
        guard let mapping = fields.mapping(key) else { return nil }
        var entry = YAMLFields(mapping, file: fields.file, known: ["nl", "en"])
        let nl = entry.string("nl")
        let en = entry.string("en")
        problems += entry.problems
        guard let nl, let en else { return nil }
        return Words(nl: nl, en: en)
    }
}

/// `_lesson.yaml`
enum LessonFile {
    static let name = "_lesson.yaml"

    static func read(_ text: String, file: String) -> (PracticeContent.Lesson?, [Problem]) {
        let (mapping, broken) = YAMLDocument.read(text, file: file)
        guard let mapping else { return (nil, broken) }
        let keys = ["begin", "learn", "good", "never"]
        var fields = YAMLFields(mapping, file: file, known: keys)
        var problems: [Problem] = []
        let words = keys.map { WordsField.read($0, &fields, problems: &problems) }
        problems += fields.problems
        guard let begin = words[0], let learn = words[1], let good = words[2], let never = words[3] else {
            return (nil, problems)
        }
        return (.init(begin: begin, learn: learn, good: good, never: never), problems)
    }
}
