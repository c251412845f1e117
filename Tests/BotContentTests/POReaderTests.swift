import Testing

@testable import BotContent

@Suite("PO files")
struct POReaderTests {
    private let header = """
        msgid ""
        msgstr ""
        "Language: nl\\n"
        "Content-Type: text/plain; charset=UTF-8\\n"


        """

    @Test("Keys, texts, continuations, escapes, comments and fuzzy marks are read")
    func reads() {
        let (file, problems) = POReader.read(
            "# translator's note\n" + header + """
                #. source: page 3
                #, fuzzy
                msgid "greeting"
                msgstr ""
                "Hallo \\"jij\\",\\n"
                "tot \\\\ later\\t."

                #~ msgid "gone"
                #~ msgstr "weg"
                msgid "plain"
                msgstr "شكرا"
                """, file: "nl/bot.po")
        #expect(problems == [])
        #expect(file.header["Language"] == "nl")
        #expect(file.entries.map(\.key) == ["greeting", "plain"])
        #expect(file.entries.map(\.text) == ["Hallo \"jij\",\ntot \\ later\t.", "شكرا"])
        #expect(file.entries.map(\.isFuzzy) == [true, false])
    }

    @Test("Windows line ends are read")
    func windowsLines() {
        let (file, problems) = POReader.read(
            (header + "msgid \"a\"\nmsgstr \"b\"\n").split(separator: "\n", omittingEmptySubsequences: false).joined(
                separator: "\r\n"), file: "f")
        #expect(problems == [])
        #expect(file.entries.map(\.text) == ["b"])
    }

    @Test(
        "Each mistake is named with its line",
        arguments: [
            ("msgid \"a\"\nmsgstr \"b\" c", 7, "after the closing quote"),
            ("msgid \"a\"\nmsgstr \"b", 7, "no closing quote"),
            ("msgid \"a\"\nmsgstr \"b\\x\"", 7, "unknown escape"),
            ("msgid \"a\"\nmsgstr \"b\\", 7, "unknown escape"),
            ("msgid \"a\"\nmsgstr b", 7, "double quotes"),
            ("msgid \"a\"\n\nmsgid \"b\"\nmsgstr \"c\"", 6, "has no msgstr"),
            ("msgid \"a\"", 6, "has no msgstr"),
            ("msgstr \"b\"", 6, "without a msgid"),
            ("msgid \"a\"\nmsgstr \"b\"\nmsgstr \"c\"", 8, "second msgstr"),
            ("msgid \"a\"\nmsgstr \"b\"\n\nmsgid \"a\"\nmsgstr \"c\"", 9, "stands already on line 6"),
            ("\"lost\"", 6, "belongs to no msgid"),
            ("msgctxt \"x\"\nmsgid \"a\"\nmsgstr \"b\"", 6, "msgctxt"),
            ("msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[0] \"c\"", 7, "plural"),
            ("message \"a\"", 6, "unknown keyword"),
            ("nonsense", 6, "no PO line"),
            ("msgid \"\"\nmsgstr \"Language: fr\\n\"", 6, "second header"),
        ])
    func mistakes(body: String, line: Int, message: String) {
        let (_, problems) = POReader.read(header + body, file: "nl/bot.po")
        #expect(problems.contains { $0.line == line && $0.message.contains(message) }, "\(problems)")
    }

    @Test("Without a header, or with another charset, the file is refused")
    func headers() {
        #expect(POReader.read("msgid \"a\"\nmsgstr \"b\"", file: "f").1.contains { $0.message.contains("header") })
        #expect(POReader.read("", file: "f").1.contains { $0.message.contains("no header") })
        let latin = "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=ISO-8859-1\\n\"\n"
        #expect(POReader.read(latin, file: "f").1.contains { $0.message.contains("charset") })
        let bare = "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\nLanguage nl\\n\"\n"
        #expect(POReader.read(bare, file: "f").1.contains { $0.message.contains("no colon") })
    }
}

@Suite("Days of the calendar")
struct CalendarDateTests {
    @Test(
        "Seconds since 1970",
        arguments: [
            ("1970-01-01", 0), ("2000-03-01", 951_868_800), ("2026-11-21", 1_795_219_200), ("1969-12-31", -86_400),
        ])
    func seconds(text: String, seconds: Int64) throws {
        #expect(try #require(CalendarDate(text)).secondsSince1970 == seconds)
    }

    @Test(
        "What is no day",
        arguments: ["2026-02-29", "2026-13-01", "2026-1-1", "21-11-2026", "", "2026-00-10", "+026-01-01", "٢٠٢٦-٠١-٠١"])
    func refuses(text: String) { #expect(CalendarDate(text) == nil) }

    @Test("It is written as it is read") func description() {
        #expect(CalendarDate("2028-02-29")?.description == "2028-02-29")
    }
}
