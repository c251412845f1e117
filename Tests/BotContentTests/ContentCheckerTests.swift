import Bot
import Foundation
import Testing

@testable import BotContent

@Suite("Checking content")
struct ContentCheckerTests {
    private func problems(today: Int64? = nil, _ change: (ScratchContent) throws -> Void) throws -> [Problem] {
        let content = try ScratchContent()
        try change(content)
        return ContentChecker.check(content.folders, today: today)
    }

    private func expect(
        _ message: String, in file: String, line: Int? = nil, _ change: (ScratchContent) throws -> Void
    ) throws {
        let found = try problems(change)
        #expect(
            found.contains {
                $0.message.contains(message) && $0.file.hasSuffix(file) && (line == nil || $0.line == line)
            },
            "\(found)")
    }

    @Test("Content without fault has no problem, and loads")
    func fine() throws {
        let content = try ScratchContent()
        #expect(ContentChecker.check(content.folders, today: 1_795_219_200) == [])
        #expect(try ContentLoader.load(content.folders).topics.map(\.id) == [TopicID("lost-bag")])
    }

    @Test("Content with an error does not load, and the error says where")
    func doesNotLoad() throws {
        let content = try ScratchContent()
        try content.remove("Translations/fr/topics.po")
        #expect(throws: ContentError.self) { try ContentLoader.load(content.folders) }
        do { _ = try ContentLoader.load(content.folders) } catch {
            #expect(error.description.contains("Translations/fr/topics.po: error: "))
        }
    }

    @Test("A missing translation, text and placeholder; an unknown key and placeholder; too long")
    func texts() throws {
        try expect("translation missing: \"topic.lost-bag.answer\"", in: "Translations/ary/topics.po") {
            try $0.write("Translations/ary/topics.po", ScratchContent.po("ary", [("topic.lost-bag.title", "t")]))
        }
        try expect("has no text", in: "Translations/nl/topics.po", line: 6) {
            try $0.write(
                "Translations/nl/topics.po",
                ScratchContent.po("nl", [("topic.lost-bag.title", " "), ("topic.lost-bag.answer", "a")]))
        }
        try expect("placeholder {title} is missing", in: "Translations/nl/bot.po") {
            try $0.edit("Translations/nl/bot.po") { $0.replacingOccurrences(of: "{n}. {title}", with: "{n}.") }
        }
        try expect("unknown placeholder {name}", in: "Translations/en/topics.po") {
            try $0.edit("Translations/en/topics.po") { $0.replacingOccurrences(of: "Ask at", with: "{name} ask at") }
        }
        try expect("unknown key \"topic.lost-bag.anwser\"; did you mean \"topic.lost-bag.answer\"?", in: "en/topics.po")
        {
            try $0.edit("Translations/en/topics.po") { $0.replacingOccurrences(of: ".answer", with: ".anwser") }
        }
        try expect("is 301 characters long", in: "fr/topics.po") {
            try $0.edit("Translations/fr/topics.po") {
                $0.replacingOccurrences(of: "Ask at the desk.", with: String(repeating: "é", count: 301))
            }
        }
        let longest = try problems {
            try $0.edit("Translations/fr/topics.po") {
                $0.replacingOccurrences(of: "Ask at the desk.", with: String(repeating: "é", count: 300))
            }
        }
        #expect(longest == [])
        try expect("the folder says \"nl\"", in: "nl/bot.po") {
            try $0.edit("Translations/nl/bot.po") { $0.replacingOccurrences(of: "Language: nl", with: "Language: en") }
        }
        try expect("has no translations", in: "Translations/ar") { try $0.remove("Translations/ar") }
    }

    @Test("A topic for a lawyer needs its safe step, and others may not have one")
    func safeStep() throws {
        try expect("translation missing: \"topic.lost-bag.safe\"", in: "Translations/en/topics.po") {
            try $0.edit("Bots/topics/lost-bag.yaml") {
                $0.replacingOccurrences(of: "law-review: false", with: "law-review: true")
            }
        }
        try expect("unknown key \"topic.lost-bag.safe\"", in: "Translations/en/topics.po") {
            try $0.edit("Translations/en/topics.po") { $0 + "\nmsgid \"topic.lost-bag.safe\"\nmsgstr \"x\"\n" }
        }
    }

    @Test("Examples: missing, of an unknown topic or variety, colliding, repeated")
    func examples() throws {
        try expect("has no example in ary-Latn", in: "examples/ary-Latn/lost-bag.txt") {
            try $0.write("Bots/examples/ary-Latn/lost-bag.txt", "# nothing yet\n")
        }
        try expect("there is no topic \"lost-bags\"; did you mean \"lost-bag\"?", in: "en/lost-bags.txt") {
            try $0.write("Bots/examples/en/lost-bags.txt", "a question\n")
        }
        try expect("\"enn\" is no variety", in: "examples/enn") {
            try $0.write("Bots/examples/enn/lost-bag.txt", "a\n")
        }
        try expect("under another topic", in: "examples/fr/_other.txt", line: 2) {
            try $0.write("Bots/examples/fr/_other.txt", "what else\nBag, lost EN: one?\n")
        }
        let repeated = try problems { try $0.edit("Bots/examples/en/lost-bag.txt") { $0 + "Bag lost en ONE!\n" } }
        #expect(repeated.map(\.severity) == [.warning])
        try expect("example without a word", in: "en/lost-bag.txt", line: 5) {
            try $0.edit("Bots/examples/en/lost-bag.txt") { $0 + "👍\n" }
        }
    }

    @Test("Forbidden words are found in any spelling")
    func forbidden() throws {
        try expect("which is forbidden by", in: "Translations/fr/topics.po", line: 9) {
            try $0.write("Bots/never/fr.txt", "# never\nvous êtes en sécurité\n")
            try $0.edit("Translations/fr/topics.po") {
                $0.replacingOccurrences(of: "Ask at the desk.", with: "Oui : VOUS ETES EN SECURITE.")
            }
        }
        let other = try problems {
            try $0.write("Bots/never/fr.txt", "desk\n")
            try $0.write("Bots/never/en.txt", "des\n")
        }
        #expect(other.map(\.file).allSatisfy { $0.hasSuffix("fr/topics.po") })
    }

    @Test("Past its date a topic is an error, but still loads")
    func expired() throws {
        let content = try ScratchContent()
        let after: Int64 = 1_900_000_000
        #expect(
            ContentChecker.check(content.folders, today: after).contains {
                $0.message.contains("expired on 2027-05-20")
            })
        #expect(throws: Never.self) { try ContentLoader.load(content.folders) }
    }

    @Test("Files that are no text, have a byte order mark or do not belong here")
    func foreignFiles() throws {
        try expect("not UTF-8", in: "examples/en/lost-bag.txt", line: 2) {
            try $0.write(
                "Bots/examples/en/lost-bag.txt", Data("good\nbad ".utf8) + Data([0xFF, 0xFE]) + Data("\n".utf8))
        }
        try expect("byte order mark", in: "en/bot.po") { try $0.edit("Translations/en/bot.po") { "\u{FEFF}" + $0 } }
        try expect("does not belong here", in: "topics/notes.md") { try $0.write("Bots/topics/notes.md", "x") }
        try expect("is missing or cannot be read", in: "Bots/topics") { try $0.remove("Bots") }
    }

    @Test(
        "Mistakes in a topic's file are named with their line",
        arguments: [
            ("kind: answer", "kind: anser", 4, "one of answer, danger"),
            ("law-review: false", "law-reviewed: false", 6, "did you mean \"law-review\"?"),
            ("law-review: false", "law-review: no", 6, "true or false"),
            ("expires: 2027-05-20", "expires: 2027-02-30", 11, "must be a day"),
            ("expires: 2027-05-20", "expires: 2026-11-20", 11, "not after"),
            ("audience: [person, relative]", "audience: person", 3, "must be a list"),
            ("audience: [person, relative]", "audience: [persoon]", 3, "one of person, relative, lawyer"),
            ("id: lost-bag", "id: lost_bag", 1, "differs from the file's name"),
            ("hand-over: intern", "hand-over: intern\nhand-over: lawyer", 5, "duplicated"),
            (
                "reviewed: []", "reviewed: [{by: A. Lawyer, on: 2026-11-20, kind: friend}]", 12,
                "one of lawyer, native-speaker"
            ),
            (
                "reviewed: []", "reviewed: [{by: N. Speaker, on: 2026-11-20, kind: native-speaker}]", 12,
                "must name its variety"
            ),
            ("kind: answer", "kind: [answer", 5, "YAML"),
        ])
    func topicFile(old: String, new: String, line: Int, message: String) throws {
        let text = ScratchContent.topic.replacingOccurrences(of: old, with: new)
        let (_, problems) = TopicFile.read(text, file: "lost-bag.yaml", name: "lost-bag")
        #expect(problems.contains { $0.message.contains(message) && $0.line == line }, "\(problems)")
    }

    @Test("Only a lawyer with name and date signs")
    func signing() {
        func isSigned(_ review: String) -> Bool? {
            let text = ScratchContent.topic.replacingOccurrences(of: "reviewed: []", with: "reviewed: [\(review)]")
            return TopicFile.read(text, file: "f", name: "lost-bag").0?.topic.isLawReviewed
        }
        #expect(isSigned("{by: A. Lawyer, on: 2026-11-20, kind: lawyer}") == true)
        #expect(isSigned("{by: N. Speaker, on: 2026-11-20, kind: native-speaker, variety: ary}") == false)
        #expect(isSigned("{on: 2026-11-20, kind: lawyer}") == nil)
        #expect(isSigned("{by: '', on: 2026-11-20, kind: lawyer}") == nil)
    }
}
