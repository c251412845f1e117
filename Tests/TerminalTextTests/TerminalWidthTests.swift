import Glibc
import Testing

import TerminalText

@Suite struct TerminalWidthTests {
    private func withTerminal(columns: UInt16, rows: UInt16, _ body: (Int32) throws -> Void) throws {
        let control = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        try #require(control >= 0)
        defer { close(control) }
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        try #require(ioctl(control, UInt(TIOCSWINSZ), &size) == 0)
        try body(control)
    }

    @Test func theTerminalIsAskedFirst() throws {
        try withTerminal(columns: 63, rows: 17) { descriptor in
            let size = TerminalWidth.current(descriptor: descriptor) { _ in "99" }
            #expect(size?.columns == 63)
            #expect(size?.rows == 17)
        }
    }

    @Test func aTerminalThatDoesNotKnowLeavesItToTheEnvironment() throws {
        try withTerminal(columns: 0, rows: 0) { descriptor in
            let size = TerminalWidth.current(descriptor: descriptor) { ["COLUMNS": "99", "LINES": "40"][$0] }
            #expect(size?.columns == 99)
            #expect(size?.rows == 40)
            #expect(TerminalWidth.current(descriptor: descriptor) { _ in nil } == nil)
        }
    }

    @Test(arguments: ["", "0", "-4", "wide", "\u{1B}[m"])
    func nonsenseInTheEnvironmentIsNoWidth(_ value: String) {
        #expect(TerminalWidth.current(descriptor: -1) { _ in value } == nil)
    }

    @Test func anAbsurdWidthIsBounded() {
        #expect(TerminalWidth.current(descriptor: -1) { _ in "999999999" }?.columns == 2000)
    }
}
