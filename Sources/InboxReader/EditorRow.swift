import TerminalText

/// One row of an editor on the screen.
enum EditorRow {
    /// The row as it is shown, and the column of the cursor if it stands in this row.
    ///
    /// Text that is typed keeps the order in which it was typed, and the terminal does with it what it does;
    /// where it is put in order for the eye, a row from right to left stands at the right edge.
    static func draw(
        _ editor: TextEditor, _ range: Range<Int>, _ setter: Typesetter, width: Int
    ) -> (text: String, cursor: Int) {
        let plain = SafeText.line(String(editor.characters[range]), isolating: false)
        let head = min(max(editor.cursor, range.lowerBound), range.upperBound)
        let before = SafeText.line(String(editor.characters[range.lowerBound..<head]), isolating: false)
        guard setter.reorders, plain.utf8.contains(where: { $0 >= 0x80 }) else {
            return (plain, DisplayWidth.columns(of: before))
        }
        let visual = BidiReordering.visual(plain)
        // A sign without direction moves with its neighbours: where it comes to stand is the cursor's place.
        let after = SafeText.line(String(editor.characters[head..<range.upperBound]), isolating: false)
        let marked = BidiReordering.visual(before + mark + after, shapes: false)
        var column = DisplayWidth.columns(of: String(marked.prefix { String($0) != mark }))
        guard TextDirection.isRightToLeft(plain) else { return (visual, column) }
        let padding = max(width - DisplayWidth.columns(of: visual), 0)
        column += max(width - DisplayWidth.columns(of: marked), 0)
        return (String(repeating: " ", count: padding) + visual, min(column, width))
    }

    /// LEFT ONE EIGHTH BLOCK: one column, no direction.
    private static let mark = "\u{258F}"
}
