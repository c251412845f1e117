/// How a piece of text looks. Colour only says again what a word or a sign says already.
struct Style: Sendable, Hashable {
    enum Colour: Int, Sendable { case red = 31, green = 32, yellow = 33, cyan = 36 }

    var colour: Colour?
    var isBold = false
    var isDim = false
    var isReverse = false

    static let plain = Style()
    static let bold = Style(isBold: true)
    static let dim = Style(isDim: true)
    static let bar = Style(isReverse: true)
    static let danger = Style(colour: .red, isBold: true)
    static let warning = Style(colour: .yellow)
    static let good = Style(colour: .green)
    static let own = Style(colour: .cyan)

    func reversed() -> Style {
        var style = self
        style.isReverse = true
        return style
    }

    /// The control sequence that begins it (ECMA-48 8.3.117, SGR); empty for plain.
    func sequence(hasColour: Bool) -> String {
        var codes: [Int] = []
        if isBold { codes.append(1) }
        if isDim { codes.append(2) }
        if isReverse { codes.append(7) }
        if hasColour, let colour { codes.append(colour.rawValue) }
        guard !codes.isEmpty else { return "" }
        return "\u{1B}[" + codes.map(String.init).joined(separator: ";") + "m"
    }
}

/// A piece of a line in one style. Its text is already safe.
struct Span: Sendable, Equatable {
    var text: String
    var style: Style

    init(_ text: String, _ style: Style = .plain) {
        self.text = text
        self.style = style
    }
}

/// A window full of lines.
struct Frame: Sendable, Equatable {
    struct Place: Sendable, Equatable {
        /// From 0, from above and from the left.
        var row: Int
        var column: Int
    }

    var lines: [[Span]]
    /// Where the cursor is shown; `nil`: nowhere.
    var cursor: Place?

    /// The text alone.
    var text: [String] { lines.map { $0.map(\.text).joined() } }
}
