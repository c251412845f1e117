/// Puts a line in the order in which it is seen, for terminals that do not know the bidirectional algorithm
/// (UAX #9). What comes out is for the eye alone: it is printed, never stored or searched.
public enum BidiReordering {
    /// The direction of the line as a whole.
    public enum Base: Sendable {
        /// That of the first strong letter outside isolates; left to right if there is none.
        case automatic
        case leftToRight, rightToLeft
    }

    /// The algorithm looks back from brackets, and FriBidi calls itself once for each pair of them: longer lines
    /// are put in order in parts of so many scalars. No terminal has lines of this length.
    static let longestPart = 2048

    /// The line from its left edge to its right edge. Isolates and other bidi controls have done their work and
    /// are left out; overrides and embeddings, which no safe text holds, do none. Brackets are mirrored where the
    /// text runs from the right; marks stay on their letters, and the scalars of an emoji stay together.
    ///
    /// Cut and wrap lines first (`DisplayWidth.fitted`, `Wrapping.wrap`); put colours around them afterwards, as
    /// control characters are left out. With `shapes` a line may become narrower (lam and alef take one cell
    /// together): pad it afterwards.
    /// - Parameters:
    ///   - line: safe text of one line.
    ///   - base: the direction of the line as a whole.
    ///   - shapes: whether Arabic letters become presentation forms, joined to their neighbours, for terminals
    ///     that do not join letters themselves.
    public static func visual(_ line: String, base: Base = .automatic, shapes: Bool = true) -> String {
        let text = LineText.cleaned(line, keepsIsolates: true)
        if base != .rightToLeft, text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        var frames = IsolateFrames(base: base, shapes: shapes)
        BidiElement.forEach(of: text) { frames.take($0) }
        return frames.finish()
    }
}
