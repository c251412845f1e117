import Testing

@testable import InboxReader

struct PainterTests {
    private func frame(_ lines: [String], cursor: Frame.Place? = nil) -> Frame {
        Frame(lines: lines.map { [Span($0)] }, cursor: cursor)
    }

    @Test("Only lines that differ are written; the same frame writes nothing")
    func difference() {
        var painter = Painter(hasColour: true)
        let first = painter.paint(frame(["een", "twee", "drie"]))
        #expect(first.contains("\u{1B}[2J") && first.contains("een") && first.contains("drie"))
        #expect(painter.paint(frame(["een", "twee", "drie"])).isEmpty)
        let second = painter.paint(frame(["een", "TWEE", "drie"]))
        #expect(second.contains("\u{1B}[2;1H\u{1B}[KTWEE") && !second.contains("een") && !second.contains("drie"))
        painter.forget()
        #expect(painter.paint(frame(["een", "TWEE", "drie"])).contains("drie"))
    }

    @Test("A window of another height is drawn whole")
    func height() {
        var painter = Painter(hasColour: true)
        _ = painter.paint(frame(["een", "twee"]))
        let smaller = painter.paint(frame(["een"]))
        #expect(smaller.contains("\u{1B}[2J") && smaller.contains("een"))
    }

    @Test("The cursor is shown where one types, and else hidden")
    func cursor() {
        var painter = Painter(hasColour: true)
        #expect(painter.paint(frame(["a"], cursor: .init(row: 0, column: 4))).hasSuffix("\u{1B}[1;5H\u{1B}[?25h"))
        let hidden = painter.paint(frame(["a"]))
        #expect(hidden.contains("\u{1B}[?25l") && !hidden.contains("\u{1B}[?25h"))
    }

    @Test("Without colour, weight stays and every warning is still a word")
    func noColour() throws {
        let danger = Style.danger
        #expect(danger.sequence(hasColour: false) == "\u{1B}[1m")
        #expect(danger.sequence(hasColour: true) == "\u{1B}[1;31m")
        var painter = Painter(hasColour: false)
        let output = painter.paint(try Desk.ready().frame())
        #expect(!output.contains(#/\u{1B}\[[0-9;]*3[0-9][m;]/#))
        #expect(output.contains("DANGER"))
    }

    @Test("NO_COLOR and a dumb terminal")
    func environment() {
        #expect(InboxReader.Options.from(environment: [:]).hasColour)
        #expect(!InboxReader.Options.from(environment: ["NO_COLOR": "1"]).hasColour)
        #expect(InboxReader.Options.from(environment: ["NO_COLOR": ""]).hasColour)
        #expect(!InboxReader.Options.from(environment: ["TERM": "dumb"]).hasColour)
    }
}
