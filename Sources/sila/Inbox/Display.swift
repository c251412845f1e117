import ArgumentParser
import Glibc
import TerminalText

/// How a command shows text on a terminal.
struct DisplayOptions: ParsableArguments {
    @Flag(help: "Put right-to-left text in the order in which it is seen, for terminals that do not.")
    var bidi = false

    var display: Display { Display.standardOutput(reorders: bidi) }
}

/// Lines for a terminal. Text of others comes in only through `Foreign`; what is printed has been
/// through `SafeText` there.
struct Display: Sendable, Equatable {
    /// Of the window; 80 when the output goes elsewhere.
    var columns = 80
    var isColoured = false
    /// `--bidi`.
    var reorders = false

    /// The widest that running text is set.
    static let textColumns = 100

    /// What standard output is at this moment.
    static func standardOutput(reorders: Bool) -> Display {
        let plain = TerminalWidth.environmentVariable("NO_COLOR").map { !$0.isEmpty } ?? false
        let isDumb = TerminalWidth.environmentVariable("TERM") == "dumb"
        return Display(
            columns: TerminalWidth.current()?.columns ?? 80,
            isColoured: isatty(STDOUT_FILENO) == 1 && !plain && !isDumb, reorders: reorders)
    }

    /// How a line stands out, where there are colours. What it says must be in its words too.
    enum Weight: String, Sendable {
        case plain = ""
        case alarm = "1;31"
        case strong = "1"
        case faint = "2"
    }

    struct Line: Sendable, Equatable, ExpressibleByStringInterpolation {
        var text: String
        var weight = Weight.plain

        init(_ text: String, _ weight: Weight = .plain) {
            self.text = text
            self.weight = weight
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    /// What is written: reordered if asked for, colours around it.
    func text(_ lines: [Line]) -> String {
        lines.map { line in
            let text = reorders ? BidiReordering.visual(line.text, base: .leftToRight) : line.text
            guard isColoured, line.weight != .plain, !text.isEmpty else { return text + "\n" }
            return "\u{1b}[\(line.weight.rawValue)m\(text)\u{1b}[0m\n"
        }.joined()
    }

    /// A sentence of ours, wrapped; the lines after the first stand two columns further right.
    func wrapped(_ text: String, weight: Weight = .plain, indent: Int = 0) -> [Line] {
        let width = max(min(columns, Self.textColumns) - indent - 2, 10)
        let lines = Wrapping.wrap(text, columns: width, isolating: Foreign.hasIsolates(text))
        return lines.enumerated().map { index, line in
            Line(String(repeating: " ", count: index == 0 ? indent : indent + 2) + line, weight)
        }
    }

    /// Words of others, behind a margin that no words of theirs can imitate.
    func quoted(_ foreign: String, margin: String = "  │ ", weight: Weight = .plain) -> [Line] {
        let width = max(min(columns, Self.textColumns) - DisplayWidth.columns(of: margin), 10)
        return Foreign.rows(foreign, columns: width).map { Line(margin + $0, weight) }
    }
}

/// Words that come from somebody else, also fixed words of the bridge, within a line of ours.
enum Foreign {
    /// One line, safe. In an isolate of its own where it could move the words around it.
    static func word(_ text: String) -> String { SafeText.line(text, isolating: mayReorder(text)) }

    /// A text of several paragraphs, safe, in rows of at most so many columns.
    static func rows(_ text: String, columns: Int) -> [String] {
        let isolating = mayReorder(text)
        return SafeText.paragraphs(text, isolating: isolating)
            .flatMap { Wrapping.wrap($0, columns: columns, isolating: isolating) }
    }

    /// Whether it may hold letters that are written from right to left: all lie behind U+0590. Text
    /// without them needs no isolates, which some terminals draw as boxes.
    static func mayReorder(_ text: String) -> Bool { text.unicodeScalars.contains { $0.value >= 0x590 } }

    /// Whether a line of ours holds somebody's words in an isolate.
    static func hasIsolates(_ line: String) -> Bool {
        line.unicodeScalars.contains { (0x2066...0x2069).contains($0.value) }
    }
}
