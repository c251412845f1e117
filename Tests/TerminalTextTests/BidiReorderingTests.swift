import Testing

import TerminalText

@Suite struct BidiReorderingTests {
    /// Known answers: presentation forms of Unicode block Arabic Presentation Forms-B, read from the left.
    @Test(arguments: [
        ("سلام", "\u{FEE1}\u{FEFC}\u{FEB3}"),  // seen initial, lam-alef final, meem isolated
        ("مرحبا", "\u{FE8E}\u{FE92}\u{FEA3}\u{FEAE}\u{FEE3}"),
        ("شكرا", "\u{FE8D}\u{FEAE}\u{FEDC}\u{FEB7}"),
        ("لا", "\u{FEFB}"),
        ("دار", "\u{FEAD}\u{FE8D}\u{FEA9}"),  // letters that do not join to the next
        ("ه\u{200D}", "\u{FEEB}"),  // ZWJ asks for the initial form
        ("ب\u{200C}ب", "\u{FE8F}\u{FE8F}"),  // ZWNJ forbids joining
    ])
    func arabicWordsAreJoinedAndReversed(_ logical: String, _ visual: String) {
        #expect(Array(BidiReordering.visual(logical).unicodeScalars) == Array(visual.unicodeScalars))
    }

    @Test(arguments: [
        ("سلام", "مالس"), ("abc", "abc"), ("שלום abc", "abc םולש"), ("سلام 123", "123 مالس"),
        ("في 12/05 (يوم)", "(موي) 12/05 يف"), ("", ""),
    ])
    func withoutShapesLettersStay(_ logical: String, _ visual: String) {
        #expect(BidiReordering.visual(logical, shapes: false) == visual)
    }

    @Test func theBaseDecidesWhereTheLineBegins() {
        #expect(BidiReordering.visual("abc سلام.", base: .leftToRight, shapes: false) == "abc مالس.")
        #expect(BidiReordering.visual("abc سلام.", base: .rightToLeft, shapes: false) == ".مالس abc")
        #expect(BidiReordering.visual("abc!", base: .rightToLeft, shapes: false) == "!abc")
        #expect(BidiReordering.visual("سلام abc", base: .automatic, shapes: false) == "abc مالس")
    }

    @Test func aDarijaLineKeepsItsPlaceInADutchLine() {
        // After Arabic the parts of a date with hyphens run from the right, those of one with slashes do not
        // (UAX #9, W2 and W4).
        let text = SafeText.line("توصلت بـ 3 رسائل نهار 12-05-2026 و 13/06/2026")
        let line = "Bericht \(text) op 3-6: open"
        #expect(
            BidiReordering.visual(line, base: .leftToRight, shapes: false)
                == "Bericht 13/06/2026 و 2026-05-12 راهن لئاسر 3 ـب تلصوت op 3-6: open")
        // Without isolation the date that follows would be drawn into the Arabic.
        let bare = "Bericht \(SafeText.line("سلام", isolating: false)) 3-6: open"
        #expect(BidiReordering.visual(bare, base: .leftToRight, shapes: false) == "Bericht 6-3 مالس: open")
        let isolated = "Bericht \(SafeText.line("سلام")) 3-6: open"
        #expect(BidiReordering.visual(isolated, base: .leftToRight, shapes: false) == "Bericht مالس 3-6: open")
    }

    @Test func marksStayOnTheirLetters() {
        let visual = BidiReordering.visual("مَرْ", shapes: false)
        #expect(Array(visual.unicodeScalars) == ["\u{631}", "\u{652}", "\u{645}", "\u{64E}"])
        // The mark of the lam stays on the ligature.
        #expect(Array(BidiReordering.visual("لَا").unicodeScalars) == ["\u{FEFB}", "\u{64E}"])
    }

    @Test func emojiStayWhole() {
        #expect(BidiReordering.visual("سلام 👩🏽‍💻👨‍👩‍👧‍👦 ❤️", shapes: false) == "❤️ 👨‍👩‍👧‍👦👩🏽‍💻 مالس")
        #expect(BidiReordering.visual("ب 🇲🇦", shapes: false) == "🇲🇦 ب")
    }

    @Test func bidiControlsAreGoneAndOverridesInRawTextDoNoHarm() {
        let visual = BidiReordering.visual("\u{202E}abc\u{202C} \u{2067}\u{2067}س\u{200F}", shapes: true)
        #expect(!visual.unicodeScalars.contains { $0.properties.isBidiControl })
    }

    /// FriBidi 1.0.8 by itself gets these wrong, or touches freed memory.
    @Test(arguments: [
        ("\u{2067}PM\u{2069}\u{2067}96 / 110\u{2069}", "110 / 96PM"),
        ("\u{2066}\u{2067}سلام [Petra] (12)\u{2069}\u{2066}.epub\u{2069}\u{2069}", "(12) [Petra] مالس.epub"),
        ("\u{2067}a \u{2068}ب 1\u{2069} c", "a 1 ب c"), ("\u{2067}\u{2067}\u{2068}س1", "1س"),
        ("\u{2069}س1\u{2069}", "1س"),
    ])
    func isolatesWithinIsolates(_ logical: String, _ visual: String) {
        #expect(BidiReordering.visual(logical, base: .rightToLeft, shapes: false) == visual)
    }

    @Test func aLongLineIsPutInOrderInParts() {
        let line = String(repeating: "ab سلام 12 ", count: 2000)
        let visual = BidiReordering.visual(line, shapes: false)
        #expect(visual.unicodeScalars.sorted() == line.unicodeScalars.sorted())
        #expect(visual.contains("مالس"))
        #expect(!visual.contains("سلام"))
    }
}
