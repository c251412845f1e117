import Testing

import TerminalText

@Suite struct SafeTextTests {
    /// The sequence as it comes, and what staff see of it.
    @Test(arguments: [
        ("\u{1B}[31mred\u{1B}[0m", "␛[31mred␛[0m"),  // CSI: colour
        ("\u{1B}[2J\u{1B}[H", "␛[2J␛[H"),  // CSI: clears the screen
        ("\u{1B}[6n\u{1B}[>c", "␛[6n␛[>c"),  // CSI: reports that answer on the keyboard's behalf
        ("\u{1B}[?1049h\u{1B}[?2004h", "␛[?1049h␛[?2004h"),  // CSI: private modes
        ("\u{1B}]0;title\u{07}", "␛]0;title␇"),  // OSC: title, ended by BEL
        ("\u{1B}]8;;http://example.org\u{1B}\\click\u{1B}]8;;\u{1B}\\", "␛]8;;http://example.org␛\\click␛]8;;␛\\"),
        ("\u{1B}]52;c;cm0gLXJm\u{07}", "␛]52;c;cm0gLXJm␇"),  // OSC 52: clipboard
        ("\u{1B}P$q\"p\u{1B}\\", "␛P$q\"p␛\\"),  // DCS
        ("\u{1B}_Gf=100;AAAA\u{1B}\\", "␛_Gf=100;AAAA␛\\"),  // APC: pictures of kitty
        ("\u{1B}^secret\u{1B}\\", "␛^secret␛\\"),  // PM
        ("\u{1B}Xstring\u{1B}\\", "␛Xstring␛\\"),  // SOS
        ("\u{1B}c\u{1B}#8\u{1B}(0", "␛c␛#8␛(0"),  // reset, alignment test, line drawing
        ("\u{9B}31m", "�31m"),  // C1: CSI
        ("\u{9D}52;c;AA\u{9C}", "�52;c;AA�"),  // C1: OSC … ST
        ("\u{90}q\u{9C}\u{98}\u{9E}\u{9F}", "�q����"),  // C1: DCS, SOS, PM, APC
        ("\u{84}\u{88}\u{8D}\u{8E}\u{8F}", "�����"),  // C1: IND, HTS, RI, SS2, SS3
        ("safe\u{08}\u{08}\u{08}\u{08}evil", "safe␈␈␈␈evil"),
        ("a\u{07}\u{00}\u{0E}\u{0F}\u{11}\u{13}\u{7F}b", "a␇␀␎␏␑␓␡b"),
        ("\u{1C}\u{1D}\u{1E}\u{1F}\u{1A}\u{04}", "␜␝␞␟␚␄"),
    ])
    func escapesAreShownAndNotObeyed(_ foreign: String, _ shown: String) {
        #expect(SafeText.line(foreign) == "\u{2068}\(shown)\u{2069}")
        #expect(SafeText.line(foreign, isolating: false) == shown)
        #expect(SafeText.paragraphs(foreign) == ["\u{2068}\(shown)\u{2069}"])
    }

    @Test func bytesThatAreNotUTF8CannotBeC1Controls() {
        // CSI as the single byte 0x9B, as the two bytes of UTF-8, and overlong.
        let bytes: [UInt8] = [0x61, 0x9B, 0x33, 0x6D, 0xC2, 0x9B, 0x6D, 0xC0, 0x9B, 0xE0, 0x82, 0x9B, 0x62]
        let line = SafeText.line(String(decoding: bytes, as: UTF8.self))
        #expect(Rules.complaints(about: line).isEmpty)
        #expect(!Array(line.utf8).contains(0x1B))
        #expect(!line.unicodeScalars.contains("\u{9B}"))
    }

    @Test(arguments: [
        ("a\nb", "a ⏎ b"), ("a\r\nb", "a ⏎ b"), ("a\rb", "a ⏎ b"), ("a\u{85}b", "a ⏎ b"), ("a\u{2028}b", "a ⏎ b"),
        ("a\u{2029}b", "a ⏎ b"), ("a\u{0B}b\u{0C}c", "a ⏎ b ⏎ c"), ("\n\na\n\n\n\u{200B}\nb\n\n", "a ⏎ b"),
        ("a \nb", "a ⏎ b"), ("a\tb", "a b"), ("\n", ""), ("", ""), ("a\u{A0}b\u{3000}c\u{2800}d", "a b c d"),
    ])
    func aLineStaysOneLine(_ foreign: String, _ shown: String) {
        #expect(SafeText.line(foreign, isolating: false) == shown)
        #expect(Rules.inner(SafeText.line(foreign)) == shown)
    }

    @Test(arguments: [
        "access = \"user\u{202E} \u{2066}// check if admin\u{2069} \u{2066}\"",  // stretched string
        "/*\u{202E} } \u{2066}if (isAdmin)\u{2069} \u{2066} begin */",  // commented out
        "\u{202E}gpj.exe", "\u{202D}\u{202A}\u{202B}\u{202C}", "\u{2067}\u{2067}\u{2068}\u{2068}unclosed",
        "\u{2069}\u{2069}\u{2069}closes what it did not open", "12\u{200F}-\u{200F}34", "\u{061C}12", "a\u{200E}b",
        "\u{206A}\u{206B}\u{206C}\u{206D}\u{206E}\u{206F}x",
    ])
    func orderIsThatOfTyping(_ foreign: String) {
        let typed = String(
            String.UnicodeScalarView(
                foreign.unicodeScalars.filter { !$0.properties.isBidiControl && !(0x206A...0x206F).contains($0.value) })
        )
        let line = SafeText.line(foreign)
        #expect(Rules.inner(line) == typed)
        #expect(Rules.isolatesAreBalanced(line))
        #expect(SafeText.line(foreign, isolating: false) == typed)
    }

    @Test(arguments: [
        ("pay\u{200B}pal\u{2060}\u{FEFF}\u{AD}\u{34F}", "paypal"), ("\u{3164}\u{115F}\u{1160}\u{FFA0}x", "x"),
        ("x\u{E0001}\u{E0068}\u{E0069}\u{E007F}", "x"), ("x\u{E0100}\u{E01EF}\u{FE00}\u{FE0D}\u{FE0F}\u{180B}", "x"),
        ("\u{FFF9}base\u{FFFA}note\u{FFFB}", "basenote"), ("\u{1D173}\u{1BCA0}x", "x"), ("a\u{200D}b\u{200C}c", "abc"),
        ("\u{E000}\u{F8FF}\u{10FFFD}\u{FFFF}\u{378}\u{FFFC}", "������"),
    ])
    func whatIsNotSeenGoes(_ foreign: String, _ shown: String) {
        #expect(Array(SafeText.line(foreign, isolating: false).unicodeScalars) == Array(shown.unicodeScalars))
    }

    /// Emoji and letters whose invisible parts are a part of what is read.
    @Test(arguments: [
        "👨‍👩‍👧‍👦", "👩🏽‍💻", "❤️", "❤️‍🔥", "🏳️‍🌈", "🇲🇦🇳🇱", "1️⃣", "👍🏿", "مي‌خواهم", "ه‍", "क्‍ष", "مَرْحَبًا شُكْرًا", "Việt Nam cafe\u{301}",
        "שָׁלוֹם", "واش كاين شي خبار؟ 3afak", "دابا ٣ أيام، 12/05",
    ])
    func whatIsReadStays(_ text: String) {
        #expect(Array(SafeText.line(text, isolating: false).unicodeScalars) == Array(text.unicodeScalars))
        #expect(SafeText.paragraphs(text, isolating: false) == [text])
    }

    @Test func stackedMarksAreCapped() {
        let stack = String(repeating: "\u{301}\u{489}\u{20DD}", count: 500)
        let line = SafeText.line("Z" + stack + "a" + stack)
        #expect(Rules.longestRunOfMarks(line) == 4)
        #expect(line.unicodeScalars.contains("a"))
        let selectors = SafeText.line("❤" + String(repeating: "\u{FE0F}", count: 500), isolating: false)
        #expect(selectors.unicodeScalars.count <= 2)
        let family = SafeText.line("👩" + String(repeating: "\u{200D}👩", count: 500), isolating: false)
        #expect(family.count > 50, "a chain of joined emoji is several emoji")
    }

    @Test func aMarkHasALetterOfItsOwn() {
        #expect(SafeText.line("\u{336}x", isolating: false) == "◌\u{336}x")
        #expect(SafeText.line("a\n\u{336}x", isolating: false) == "a ⏎ ◌\u{336}x")
        #expect(SafeText.paragraphs("a\n\u{336}x", isolating: false) == ["a", "◌\u{336}x"])
    }

    @Test(arguments: [
        ("a\r\nb", ["a", "b"]), ("a\n\n\n\n \nb", ["a", "", "b"]), ("\n\na\n\n", ["a"]), ("", []), ("\n \n", []),
        ("a\tb", ["a   b"]), ("\tب\tc", ["    ب   c"]), ("日\tx", ["日  x"]), ("a\u{2029}b\u{85}c", ["a", "b", "c"]),
    ])
    func paragraphsStandOnTheirOwn(_ foreign: String, _ shown: [String]) {
        #expect(SafeText.paragraphs(foreign, isolating: false) == shown)
        #expect(SafeText.paragraphs(foreign).map(Rules.inner) == shown)
        #expect(SafeText.paragraphs(foreign).allSatisfy { $0.isEmpty || $0.unicodeScalars.first == "\u{2068}" })
    }
}
