import TerminalText

/// Makes the bytes that turn one frame on the terminal into the next: only lines that differ are written.
///
/// Control sequences come from here alone. Whatever a span holds, no control character of it gets through:
/// the last guard, after `SafeText` and `DisplayWidth` have done their work.
struct Painter {
    let hasColour: Bool
    private var drawn: [[Span]]?
    private var cursor: Frame.Place?

    init(hasColour: Bool) { self.hasColour = hasColour }

    /// Alternate screen (xterm 1049), no wrapping at the edge (DECAWM), bracketed paste (2004).
    static let enter = "\u{1B}[?1049h\u{1B}[?7l\u{1B}[?2004h\u{1B}[2J\u{1B}[H"
    /// Everything as it was, the cursor visible.
    static let leave = "\u{1B}[?2004l\u{1B}[?7h\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l"
    static let bell = "\u{07}"

    /// The terminal shows nothing that is known: the next frame is drawn whole.
    mutating func forget() { drawn = nil }

    /// The bytes to be written; none when the terminal shows the frame already.
    mutating func paint(_ frame: Frame) -> String {
        guard frame.lines != drawn || frame.cursor != cursor else { return "" }
        cursor = frame.cursor
        var output = "\u{1B}[?25l"
        if drawn?.count != frame.lines.count {
            drawn = nil
            output += "\u{1B}[2J"
        }
        for (row, line) in frame.lines.enumerated() {
            if let drawn, drawn.indices.contains(row), drawn[row] == line { continue }
            // Erased first: without wrapping, the cursor of a full line stands on its last cell.
            output += "\u{1B}[\(row + 1);1H\u{1B}[K"
            for span in line { output += draw(span) }
        }
        drawn = frame.lines
        if let cursor = frame.cursor {
            output += "\u{1B}[\(cursor.row + 1);\(cursor.column + 1)H\u{1B}[?25h"
        }
        return output
    }

    private func draw(_ span: Span) -> String {
        let text = Self.guarded(span.text)
        let style = span.style.sequence(hasColour: hasColour)
        return style.isEmpty ? text : style + text + "\u{1B}[0m"
    }

    /// Without controls, and without what turns text around (isolates stay: they are balanced).
    static func guarded(_ text: String) -> String {
        func isSuspect(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E: true
            default: false
            }
        }
        guard text.unicodeScalars.contains(where: isSuspect) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { !isSuspect($0) }))
    }
}
