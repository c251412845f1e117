import Testing

import TerminalText

@Suite struct FuzzTests {
    @Test(arguments: 0..<10)
    func nothingForbiddenComesOut(_ part: Int) {
        var generator = SeededGenerator(seed: UInt64(part) &+ 1)
        for _ in 0..<10_000 {
            let foreign = generator.text()
            let line = SafeText.line(foreign)
            let complaints = Rules.complaints(about: line)
            let bare = SafeText.line(foreign, isolating: false)
            let columns = Int.random(in: 1...12, using: &generator)
            let fitted = DisplayWidth.fitted(line, to: columns)
            guard complaints.isEmpty, Rules.isolatesAreBalanced(line), Rules.longestRunOfMarks(line) <= 4,
                line.isEmpty || line.unicodeScalars.first == "\u{2068}", Rules.inner(line) == bare,
                !bare.unicodeScalars.contains(where: { (0x2066...0x2069).contains($0.value) }),
                Rules.isolatesAreBalanced(fitted), DisplayWidth.columns(of: fitted) == columns
            else {
                Issue.record("\(foreign.unicodeScalars.map { String($0.value, radix: 16) }) \(columns): \(complaints)")
                return
            }
        }
    }

    @Test func paragraphsAndTheirLinesAreSafe() {
        var generator = SeededGenerator(seed: 77)
        for _ in 0..<5_000 {
            let foreign = generator.text() + "\n" + generator.text()
            let columns = Int.random(in: 1...12, using: &generator)
            for paragraph in SafeText.paragraphs(foreign) {
                let lines = Wrapping.wrap(paragraph, columns: columns)
                let visual = lines.map { BidiReordering.visual($0) }
                let printed = lines + visual + [paragraph]
                guard printed.allSatisfy({ Rules.complaints(about: $0).isEmpty && Rules.isolatesAreBalanced($0) }),
                    lines.allSatisfy({ DisplayWidth.columns(of: $0) <= columns })
                else {
                    Issue.record("\(foreign.unicodeScalars.map { String($0.value, radix: 16) }) \(columns)")
                    return
                }
            }
        }
    }

    /// Texts that were never made safe: the layout must hold nevertheless.
    @Test func layoutHoldsForAnyText() {
        var generator = SeededGenerator(seed: 4242)
        for _ in 0..<10_000 {
            let text = generator.text()
            let columns = Int.random(in: 0...12, using: &generator)
            let fitted = DisplayWidth.fitted(text, to: columns)
            let lines = Wrapping.wrap(text, columns: columns)
            let bare = Wrapping.wrap(text, columns: columns, isolating: false)
            let widest = (lines + bare).map { DisplayWidth.columns(of: $0) }.max() ?? 0
            let isControl = { (scalar: Unicode.Scalar) in scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) }
            for base in [BidiReordering.Base.automatic, .leftToRight, .rightToLeft] {
                let visual = BidiReordering.visual(text, base: base, shapes: columns > 6)
                if base == .leftToRight, columns <= 6, text.utf8.contains(where: { $0 >= 0x80 }) {
                    // Reordering loses nothing but bidi controls, controls and U+FEFF; mirrored brackets count as one.
                    #expect(Self.sorted(visual) == Self.sorted(text))
                }
            }
            guard DisplayWidth.columns(of: fitted) == columns, widest <= max(columns, 1),
                (lines + bare + [fitted]).allSatisfy(Rules.isolatesAreBalanced),
                !(lines + bare + [fitted]).contains(where: { $0.unicodeScalars.contains(where: isControl) })
            else {
                Issue.record("\(text.unicodeScalars.map { String($0.value, radix: 16) }) \(columns)")
                return
            }
        }
    }

    private static func isBreakOrControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
    }

    private static func sorted(_ text: String) -> [UInt32] {
        text.unicodeScalars.filter { !$0.properties.isBidiControl && $0.value != 0xFEFF && !isBreakOrControl($0) }
            .map { $0.properties.isBidiMirrored ? 0 : $0.value }.sorted()
    }

    /// Twice the text gives twice the output, whatever is repeated: nothing is kept, nested or reopened per scalar.
    @Test(arguments: [
        "a", "\u{1B}[31m", "\u{202E}", "\u{2067}", "\u{2069}", "\u{301}", "👩\u{200D}", "\u{FE0F}", "\u{1100}",
        "\u{600}",
        "🇲", "()", "(", "\u{5D0}[", "سلام ", "word ", " ", "\t", "\n", "a\n", "\u{2067}a ", "क्", "\u{200D}",
        "\u{1F3FF}", "\u{E0041}",
    ])
    func aMegabyteGrowsInProportion(_ unit: String) {
        func safeSizes(_ bytes: Int) -> [Int] {
            let text = String(repeating: unit, count: bytes / unit.utf8.count)
            let paragraphs = SafeText.paragraphs(text)
            return [SafeText.line(text).utf8.count, paragraphs.count, paragraphs.reduce(0) { $0 + $1.utf8.count }]
        }
        func layoutSizes(_ bytes: Int) -> [Int] {
            let text = String(repeating: unit, count: bytes / unit.utf8.count)
            let paragraphs = SafeText.paragraphs(text)
            let line = SafeText.line(text)
            return [
                paragraphs.flatMap { Wrapping.wrap($0, columns: 40) }.reduce(0) { $0 + $1.utf8.count },
                Wrapping.wrap(text, columns: 40).reduce(0) { $0 + $1.utf8.count },
                BidiReordering.visual(line).utf8.count, DisplayWidth.columns(of: line),
                DisplayWidth.fitted(text, to: bytes).utf8.count,
            ]
        }
        for (half, whole) in zip(safeSizes(500_000), safeSizes(1_000_000)) {
            #expect(whole <= 2 * half + 64)
            #expect(whole <= 9 * 1_000_000)
        }
        for (half, whole) in zip(layoutSizes(50_000), layoutSizes(100_000)) {
            #expect(whole <= 2 * half + 64)
        }
    }
}
