import Testing

import TerminalText

@Suite struct ColumnsTests {
    private let rows = [
        ["a1", "\u{2068}سلام\u{2069}", "\u{2068}Lang bericht over van alles\u{2069}", "3 u"],
        ["b22", "\u{2068}日本\u{2069}", "\u{2068}ok\u{2069}", "12 u"],
    ]
    private let columns: [Columns.Column] = [
        .init(.fixed(3)), .init(.fitting(most: 12), goesAt: 2), .init(.flexible(least: 8)),
        .init(.fitting(most: 6), alignment: .trailing, goesAt: 1),
    ]

    @Test func columnsAreAligned() {
        #expect(
            Columns.render(rows: rows, columns: columns, total: 37) == [
                "a1   \u{2068}سلام\u{2069}  \u{2068}Lang bericht over v…\u{2069}   3 u",
                "b22  \u{2068}日本\u{2069}  \u{2068}ok\u{2069}                    12 u",
            ])
    }

    @Test func aNarrowWindowLosesColumnsInTheirOrder() {
        #expect(
            Columns.render(rows: rows, columns: columns, total: 22) == [
                "a1   \u{2068}سلام\u{2069}  \u{2068}Lang beric…\u{2069}", "b22  \u{2068}日本\u{2069}  \u{2068}ok\u{2069}",
            ])
        #expect(
            Columns.render(rows: rows, columns: columns, total: 14) == [
                "a1   \u{2068}Lang ber…\u{2069}", "b22  \u{2068}ok\u{2069}",
            ])
    }

    @Test(arguments: 0...60)
    func noLineIsWiderThanTheWindow(_ total: Int) {
        let lines = Columns.render(rows: rows, columns: columns, total: total)
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { DisplayWidth.columns(of: $0) <= total && Rules.isolatesAreBalanced($0) })
    }

    @Test func reorderedCellsArePaddedAfterwards() {
        let lines = Columns.render(
            rows: [["\u{2068}سلام\u{2069}", "x"], ["abcd", "y"]],
            columns: [.init(.fitting(most: 9)), .init(.flexible(least: 1))], total: 20,
            reordering: { BidiReordering.visual($0) })
        // Lam and alef share a cell; the second column stays where it is.
        #expect(lines == ["\u{FEE1}\u{FEFC}\u{FEB3}   x", "abcd  y"])
    }

    @Test func missingAndSurplusCellsDoNoHarm() {
        #expect(Columns.render(rows: [[], ["a", "b", "c"]], columns: [.init(.fixed(2))], total: 9) == ["", "a"])
        #expect(Columns.render(rows: [["a"]], columns: [], total: 9) == [""])
        #expect(Columns.render(rows: [], columns: columns, total: 9).isEmpty)
    }
}
