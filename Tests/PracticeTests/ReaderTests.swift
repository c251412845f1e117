import Bot
import BotContent
import Foundation
import Practice
import Testing

@Suite("Reading practice stories")
struct ReaderTests {
    /// A story in a folder of its own; the folder goes when it does.
    private final class Scratch {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("practice-\(UUID().uuidString)")

        init(_ text: String, name: String = "one.yaml") throws {
            let folder = root.appendingPathComponent("practice")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
            guard name != "_lesson.yaml" else { return }
            let lesson = ["begin", "learn", "good", "never"].map { "\($0): {nl: a, en: a}" }.joined(separator: "\n")
            try lesson.write(to: folder.appendingPathComponent("_lesson.yaml"), atomically: true, encoding: .utf8)
        }

        deinit { try? FileManager.default.removeItem(at: root) }

        var problems: [String] {
            PracticeReader.read(root.path, forbidden: ForbiddenPhrases([(Variety.en, "you are safe")])).1.map {
                $0.description.replacing(root.path + "/practice/", with: "")
            }
        }
    }

    private static let sound = """
        id: one
        languages: [ary]
        title: {nl: a, en: a}
        learn: {nl: a, en: a}
        good: {nl: a, en: a}
        never: {nl: a, en: a}
        steps:
          - id: start
            says: salam
            means: {nl: a, en: a}
            replies:
              - when: {says: [salam]}
                example: salam khouya
                to: end
              - when: any
                example: wach
                to: end
          - id: end
            ends: good
            feedback: {nl: a, en: a}
        """

    @Test("A sound story has no problem")
    func soundStory() throws { #expect(try Scratch(Self.sound).problems == []) }

    @Test(
        "What is wrong is named with file and line",
        arguments: [
            ("id: one", "id: two", "one.yaml:1: error: id \"two\" differs from the file's name"),
            ("languages: [ary]", "languages: [xx]", "one.yaml:2: error: unknown variety \"xx\""),
            ("title: {nl: a, en: a}", "title: {nl: a}", "one.yaml:3: error: key \"en\" is missing"),
            ("never: {nl: a, en: a}", "nevr: {nl: a, en: a}", "one.yaml:6: error: unknown key \"nevr\""),
            ("when: {says: [salam]}", "when: {sais: [salam]}", "unknown key \"sais\"; did you mean \"says\"?"),
            ("when: {says: [salam]}", "when: {says: [\"*\"]}", "one.yaml:12: error: \"*\" has no word to look for"),
            (
                "when: {says: [salam]}", "when: {longer-than: many}",
                "one.yaml:12: error: must be a number of characters"
            ),
            (
                "when: {says: [salam]}", "when: {never-said: false}",
                "a condition without parts; write \"when: any\""
            ),
            (
                "example: salam khouya", "example: hello",
                "one.yaml:12: error: the example does not take this reply but the one to \"end\""
            ),
            (
                "when: any", "when: {says: [wach]}",
                "one.yaml:8: error: step \"start\" must end its replies with \"when: any\""
            ),
            ("when: {says: [salam]}", "when: any", "one.yaml:12: error: nothing behind \"when: any\" is ever taken"),
            ("    to: end\n      - when: any", "    to: fin\n      - when: any", "error: there is no step \"fin\""),
            (
                "    to: end\n      - when: any", "    to: start\n      - when: any",
                "one.yaml:8: error: from \"start\" the story goes back to \"start\"; it must come to an end"
            ),
            ("says: salam\n", "says: 06 1234-5678\n", "one.yaml:8: error: step \"start\" holds a long number"),
            ("ends: good", "ends: well", "\"ends\" cannot be \"well\"; it is one of good, mixed, bad"),
            ("- id: end\n", "- id: start\n", "there are two steps \"start\""),
            ("    ends: good", "    ends: good\n    replies: []", "a step that ends takes no replies"),
            ("    feedback: {nl: a, en: a}", "    feedback: []", "\"feedback\" must have \"key: value\" lines"),
        ])
    func problems(old: String, new: String, message: String) throws {
        let text = Self.sound.replacing(old, with: new, maxReplacements: 1)
        try #require(text != Self.sound)
        let problems = try Scratch(text).problems
        #expect(problems.contains { $0.contains(message) }, "\(problems)")
    }

    @Test("A step that nothing leads to is named")
    func unreachable() throws {
        let text = Self.sound + "\n  - id: lost\n    ends: bad\n    feedback: {nl: a, en: a}\n"
        #expect(try Scratch(text).problems == ["one.yaml:21: error: no reply leads to step \"lost\""])
    }

    @Test("No YAML, no mapping, a file that does not belong: said, not loaded")
    func noStory() throws {
        #expect(try Scratch("a: [").problems.first?.contains("is no valid YAML") == true)
        #expect(try Scratch("- a\n").problems.first?.contains("must be a list of \"key: value\" lines") == true)
        #expect(try Scratch("x", name: "one.txt").problems.first?.contains("stories are named <id>.yaml") == true)
        let scratch = try Scratch("a: [")
        #expect(throws: ContentError.self) {
            try PracticeReader.load(scratch.root.path, forbidden: ForbiddenPhrases([]))
        }
    }

    @Test("The lesson's own file must be whole, and there")
    func lesson() throws {
        let problems = try Scratch("begin: {nl: a, en: a}\ngood: {nl: a}\n", name: "_lesson.yaml").problems
        #expect(
            problems == [
                "_lesson.yaml:2: error: key \"en\" is missing", "_lesson.yaml:1: error: key \"learn\" is missing",
                "_lesson.yaml:1: error: key \"never\" is missing",
            ])
        let scratch = try Scratch(Self.sound)
        try FileManager.default.removeItem(at: scratch.root.appendingPathComponent("practice/_lesson.yaml"))
        #expect(scratch.problems == ["_lesson.yaml: error: is missing; it holds what the lesson says"])
    }

    @Test("Without a folder there are no stories, and no error")
    func noFolder() throws {
        #expect(try PracticeReader.load("/nonexistent", forbidden: ForbiddenPhrases([])).stories == [])
    }
}
