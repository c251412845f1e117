import Testing

import TerminalText

@Suite struct WrappingTests {
    private func bare(_ text: String, _ columns: Int) -> [String] {
        Wrapping.wrap(text, columns: columns, isolating: false)
    }

    @Test func wordsBreakAtSpaces() {
        #expect(bare("the quick brown fox", 10) == ["the quick", "brown fox"])
        #expect(bare("the quick brown fox", 9) == ["the quick", "brown fox"])
        #expect(bare("the quick brown fox", 80) == ["the quick brown fox"])
        #expect(bare("a  b", 80) == ["a  b"])
        #expect(bare("  indented text", 10) == ["  indented", "text"])
        #expect(bare("aaaa          b", 5) == ["aaaa", "b"])
        #expect(bare("", 10) == [""])
        #expect(bare("   ", 2) == [""])
    }

    @Test func longWordsBreakBetweenGraphemes() {
        #expect(bare("abcdefgh", 3) == ["abc", "def", "gh"])
        #expect(bare("x abcdefgh y", 3) == ["x", "abc", "def", "gh", "y"])
        #expect(bare("日本語", 3) == ["日", "本", "語"])
        #expect(bare("👨‍👩‍👧‍👦👩🏽‍💻e\u{301}e\u{301}", 2) == ["👨‍👩‍👧‍👦", "👩🏽‍💻", "e\u{301}e\u{301}"])
        #expect(bare("日a", 1) == ["…", "a"])
        #expect(bare("ab", 0) == ["a", "b"])
    }

    @Test func anArabicParagraphKeepsItsDirectionOnEveryLine() throws {
        let paragraph = try #require(SafeText.paragraphs("شفت رسالة ديال WhatsApp Business البارح").first)
        let lines = Wrapping.wrap(paragraph, columns: 17)
        #expect(
            lines == [
                "\u{2067}شفت رسالة ديال\u{2069}", "\u{2067}WhatsApp Business\u{2069}", "\u{2067}البارح\u{2069}",
            ])
    }

    @Test func aLatinParagraphKeepsItsDirectionOnEveryLine() throws {
        let paragraph = try #require(SafeText.paragraphs("Hij zei: سلام عليكم").first)
        #expect(
            Wrapping.wrap(paragraph, columns: 8) == [
                "\u{2066}Hij zei:\u{2069}", "\u{2066}سلام\u{2069}", "\u{2066}عليكم\u{2069}",
            ])
    }

    @Test func isolatesWithinAreClosedAndReopened() {
        let text = "Van \u{2068}سلام عليكم\u{2069} aan ons"
        #expect(
            Wrapping.wrap(text, columns: 9) == [
                "\u{2066}Van \u{2067}سلام\u{2069}\u{2069}", "\u{2066}\u{2067}عليكم\u{2069} aan\u{2069}",
                "\u{2066}ons\u{2069}",
            ])
        #expect(bare(text, 9) == ["Van سلام", "عليكم aan", "ons"])
    }

    @Test func figuresAloneHaveNoDirection() {
        #expect(Wrapping.wrap("12 34", columns: 2) == ["\u{2068}12\u{2069}", "\u{2068}34\u{2069}"])
    }
}
