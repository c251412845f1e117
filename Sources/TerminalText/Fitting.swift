extension DisplayWidth {
    /// Where a text stands in a field that is wider than it.
    public enum Alignment: Sendable {
        case leading, trailing
    }

    /// A text cut and padded to exactly so many columns.
    ///
    /// A text that is too long ends in … within its isolate (so the … stands where its reading ends); isolates
    /// are closed. Control characters are left out: colours go around the result, not into the text.
    /// - Parameters:
    ///   - text: one line, already safe (`SafeText.line`).
    ///   - columns: the width of the field; 0 or less gives `""`.
    ///   - alignment: on which side the text stands.
    ///   - padded: `false` leaves out the spaces: at most so many columns.
    public static func fitted(
        _ text: String, to columns: Int, alignment: Alignment = .leading, padded: Bool = true
    ) -> String {
        guard columns > 0 else { return "" }
        var cut = Cut(limit: columns)
        DisplayPiece.forEach(in: LineText.cleaned(text, keepsIsolates: true)) { cut.take($0) }
        let (line, width) = cut.finish()
        guard padded, width < columns else { return line }
        let padding = String(repeating: " ", count: columns - width)
        return alignment == .leading ? line + padding : padding + line
    }
}

/// A line as long as it fits, and beside it how it would be with an ellipsis.
private struct Cut {
    let limit: Int
    private var width = 0
    private var isolates = IsolateStack()
    /// What also fits with an ellipsis after it; its width, and the isolates open at its end.
    private var kept = ""
    private var keptWidth = 0
    private var keptIsolates = IsolateStack()
    /// What only fits if the text ends with it.
    private var last = ""
    private var overflows = false

    init(limit: Int) { self.limit = limit }

    mutating func take(_ piece: DisplayPiece) -> Bool {
        guard width + piece.columns <= limit else {
            overflows = true
            return false
        }
        if let isolate = piece.isolate, !isolates.accepts(isolate) { return true }
        width += piece.columns
        if width < limit {
            kept += piece.text
            keptWidth = width
            keptIsolates = isolates
        } else {
            last += piece.text
        }
        return true
    }

    func finish() -> (line: String, width: Int) {
        if overflows { return (kept + "…" + keptIsolates.closing, keptWidth + 1) }
        return (kept + last + isolates.closing, width)
    }
}
