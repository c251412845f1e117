import TerminalText

/// How text is set for this terminal.
struct Typesetter: Sendable, Equatable {
    /// Put right-to-left text in the order in which it is seen, for terminals that cannot.
    var reorders = false
    /// Whether the terminal knows bidi isolates; those that do not draw boxes.
    var isolates = true

    /// Scalars of one line at most: no window shows more.
    private static let longest = 4_000

    /// One line of text that others wrote.
    func foreign(_ text: String) -> String {
        SafeText.line(String(text.unicodeScalars.prefix(Self.longest)), isolating: true)
    }

    /// The last step before a text is padded and drawn: after it, nothing is cut any more.
    func visual(_ text: String) -> String {
        if reorders { return BidiReordering.visual(text) }
        // Without letters from right to left there is nothing to isolate, and some terminals show the isolates.
        if isolates, text.unicodeScalars.contains(where: TextDirection.isRightToLeft) { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { !(0x2066...0x2069).contains($0.value) }))
    }
}

/// Fills a line of a fixed width from the left; what does not fit is cut.
struct LineMaker {
    let width: Int
    let setter: Typesetter
    private(set) var spans: [Span] = []
    private(set) var used = 0

    init(_ width: Int, _ setter: Typesetter) {
        self.width = width
        self.setter = setter
    }

    var rest: Int { max(width - used, 0) }

    /// Adds safe text, at most `most` columns of it.
    mutating func add(_ text: String, _ style: Style = .plain, most: Int? = nil) {
        let room = min(rest, most ?? rest)
        guard room > 0, !text.isEmpty else { return }
        let cut = setter.visual(DisplayWidth.fitted(text, to: room, padded: false))
        // Shaping may have made it narrower.
        used += DisplayWidth.columns(of: cut)
        spans.append(Span(cut, style))
    }

    /// Adds text that was cut and put in order already, and fits.
    mutating func addDrawn(_ text: String, _ style: Style = .plain) {
        let columns = DisplayWidth.columns(of: text)
        guard columns > 0, columns <= rest else { return }
        spans.append(Span(text, style))
        used += columns
    }

    /// Adds text padded to exactly `columns`.
    mutating func field(
        _ text: String, _ columns: Int, _ style: Style = .plain, _ alignment: DisplayWidth.Alignment = .leading
    ) {
        let room = min(rest, columns)
        guard room > 0 else { return }
        let cut = setter.visual(DisplayWidth.fitted(text, to: room, padded: false))
        spans.append(Span(DisplayWidth.fitted(cut, to: room, alignment: alignment), style))
        used += room
    }

    /// Fills with spaces up to a column.
    mutating func pad(to column: Int, _ style: Style = .plain) {
        let columns = min(column, width) - used
        guard columns > 0 else { return }
        spans.append(Span(String(repeating: " ", count: columns), style))
        used += columns
    }

    /// Adds text at the right edge, after at least one space, or nothing if it does not fit.
    mutating func addAtEnd(_ text: String, _ style: Style = .plain, fill: Style = .plain) {
        let columns = DisplayWidth.columns(of: text)
        guard columns > 0, used + columns < width else { return }
        pad(to: width - columns, fill)
        add(text, style)
    }

    /// The line; `fill` reaches to the right edge.
    mutating func finish(fill: Style? = nil) -> [Span] {
        if let fill { pad(to: width, fill) }
        return spans
    }
}
