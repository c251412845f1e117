import Testing

import TerminalText

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("\u{2068}abc\u{2069}", 3), ("e\u{301}", 1), ("سلام", 4), ("مَرْحَبًا", 5), ("日本", 4),
        ("한국", 4),
        ("\u{1112}\u{1161}\u{11AB}", 2), ("👩🏽‍💻", 2), ("👨‍👩‍👧‍👦!", 3), ("🇲🇦", 2), ("❤️", 2), ("❤", 1), ("1️⃣", 2), ("👍", 2),
        ("…€é", 3), ("ｱ", 1), ("Ａ", 2), ("\u{200B}\u{FEFF}", 0), ("a\u{200D}", 1), ("⏎␛�", 3), ("हिन्दी", 5), ("☕", 2),
        ("\u{1B}", 0), ("漢\u{FE00}", 2), ("🫨", 2), ("🏴", 2),
    ])
    func columns(_ text: String, _ columns: Int) {
        #expect(DisplayWidth.columns(of: text) == columns)
    }

    @Test(arguments: [
        ("abc", 5, "abc  "), ("abcde", 5, "abcde"), ("abcdef", 5, "abcd…"), ("日本語", 5, "日本…"), ("日本語", 4, "日… "),
        ("日本", 4, "日本"), ("ab", 1, "…"), ("ab", 0, ""), ("ab", -3, ""), ("日", 1, "…"), ("", 2, "  "),
        ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 3, "👨‍👩‍👧‍👦…"), ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
    ])
    func fitted(_ text: String, _ columns: Int, _ expected: String) {
        #expect(DisplayWidth.fitted(text, to: columns) == expected)
    }

    @Test func theCutStandsWithinTheIsolateAndThePaddingOutside() {
        #expect(DisplayWidth.fitted(SafeText.line("سلام عليكم"), to: 6) == "\u{2068}سلام …\u{2069}")
        #expect(DisplayWidth.fitted(SafeText.line("سلام"), to: 6) == "\u{2068}سلام\u{2069}  ")
        #expect(DisplayWidth.fitted(SafeText.line("سلام"), to: 6, alignment: .trailing) == "  \u{2068}سلام\u{2069}")
        #expect(DisplayWidth.fitted(SafeText.line("سلام"), to: 6, padded: false) == "\u{2068}سلام\u{2069}")
        #expect(
            DisplayWidth.fitted("van \u{2068}\u{2067}unclosed", to: 8) == "van \u{2068}\u{2067}unc…\u{2069}\u{2069}")
    }

    @Test func controlsAreLeftOutOfAField() {
        #expect(DisplayWidth.fitted("a\u{1B}[2J\n\u{9B}b", to: 8) == "a[2Jb   ")
    }
}
