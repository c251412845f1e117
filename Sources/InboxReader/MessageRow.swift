import TerminalText

/// One row of a conversation's pane: what it shows, without words of ours.
enum MessageRow: Sendable, Equatable {
    /// Who, when, how far.
    case heading(ReaderLine)
    /// A row of text that was written, safe and wrapped.
    case text(String, of: ReaderLine, isRightToLeft: Bool)
    /// In the place of a text: it cannot be shown, and why.
    case absent(ReaderLine)
    /// An empty row.
    case gap

    /// The position of the line it belongs to.
    var position: Int64? {
        switch self {
        case .heading(let line), .absent(let line), .text(_, let line, _): line.position
        case .gap: nil
        }
    }

    /// The rows of lines in a window of so many columns, margins included.
    static func rows(of lines: [ReaderLine], width: Int) -> [MessageRow] {
        var rows: [MessageRow] = []
        for line in lines {
            if !rows.isEmpty { rows.append(.gap) }
            rows.append(.heading(line))
            guard case .text(let text) = line.body else {
                rows.append(.absent(line))
                continue
            }
            let columns = max(width - margin - edge, 8)
            for paragraph in SafeText.paragraphs(text) {
                let isRightToLeft = TextDirection.isRightToLeft(paragraph)
                for row in Wrapping.wrap(paragraph, columns: columns) {
                    rows.append(.text(row, of: line, isRightToLeft: isRightToLeft))
                }
            }
        }
        return rows
    }

    /// Columns left of a text: the sign of who speaks, so that no text can imitate a line of ours.
    static let margin = 2
    /// Columns left free at the right edge: there some terminals put invisible scalars on the wrong letter.
    static let edge = 1
}

/// The direction a paragraph is read in.
enum TextDirection {
    /// Whether the first letter is of a script written from the right (UAX #9, P2). Only whole blocks of
    /// scripts are told apart: it decides at which side of the pane a text stands, nothing more.
    static func isRightToLeft(_ text: String) -> Bool {
        text.unicodeScalars.first { $0.properties.isAlphabetic }.map(isRightToLeft) ?? false
    }

    /// Whether a scalar is of such a script.
    static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFC, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
        default: false
        }
    }
}
