import PlainPO
import Testing

@testable import InboxReader

struct TextsTests {
    @Test("Every key of the reader stands in both languages, and none beside", arguments: ["nl", "en"])
    func complete(language: String) throws {
        let texts = try PlainPO.read(Texts.source(language))
        let ours = Set(TextKey.allCases.map(\.rawValue) + SessionText.allCases.map(\.rawValue))
        #expect(Set(texts.keys) == ours)
        #expect(texts.values.allSatisfy { !$0.isEmpty })
    }

    @Test("A text fills in the same names in both languages")
    func placeholders() throws {
        let dutch = try PlainPO.read(Texts.source("nl"))
        let english = try PlainPO.read(Texts.source("en"))
        func names(_ text: String) -> [String] { text.matches(of: /\{(\w+)\}/).map { String($0.1) }.sorted() }
        for key in TextKey.allCases.map(\.rawValue) + SessionText.allCases.map(\.rawValue) {
            #expect(names(dutch[key] ?? "") == names(english[key] ?? ""), "\(key)")
        }
    }

    @Test("Days and months are as many as there are", arguments: ["nl", "en"])
    func days(language: String) throws {
        let texts = try Texts.of(language)
        #expect(texts[.dayWeekdays].split(separator: " ").count == 7)
        #expect(texts[.dayMonths].split(separator: " ").count == 12)
    }

    @Test("The program says what stands in Translations", arguments: StaffTexts.Language.allCases)
    func embedded(language: StaffTexts.Language) throws {
        let texts = try StaffTexts.embedded(language)
        for (key, text) in try PlainPO.read(Texts.source(language.rawValue)) { #expect(texts.text(of: key) == text) }
    }

    @Test(
        "The language is that of the first variable that is set; English for all that there is none for",
        arguments: [
            (["LANG": "nl_NL.UTF-8"], StaffTexts.Language.dutch), (["LANG": "nl_NL.UTF-8", "LC_ALL": "C"], .english),
            (["LC_ALL": "", "LC_MESSAGES": "nl"], .dutch), (["LC_MESSAGES": "nl_BE@euro", "LANG": "fr_FR"], .dutch),
            (["LANG": "nds_NL"], .english), ([:], .english),
        ])
    func language(environment: [String: String], language: StaffTexts.Language) {
        #expect(StaffTexts.Language.of(environment: environment) == language)
    }

    @Test("A missing text is named")
    func missing() {
        #expect { try StaffTexts(["reader.key-open": "open"]) } throws: { "\($0)".contains("reader.key-quit") }
    }

    @Test("PO: continued lines, escapes, and what is wrong with its line")
    func reading() throws {
        let source =
            "msgid \"\"\nmsgstr \"\"\n\"Language: nl\\n\"\n\n#, fuzzy\nmsgid \"a.\"\n\"b\"\nmsgstr \"x \\\"y\\\"\"\n\" z\\n\"\n"
        #expect(try PlainPO.read(source) == ["a.b": "x \"y\" z\n"])
        for (source, line) in [
            ("msgid \"a\"\n\nmsgid \"b\"\nmsgstr \"c\"\n", "line 2"),
            ("msgid \"a\"\nmsgstr \"b\"\n\nmsgid \"a\"\nmsgstr \"c\"\n", "line 6"),
            ("msgid a\n", "line 1"), ("msgid_plural \"a\"\n", "line 1"), ("msgid \"a\"\nmsgstr \"\\q\"\n", "line 2"),
        ] {
            #expect { try PlainPO.read(source) } throws: { "\($0)".contains(line) }
        }
    }
}
