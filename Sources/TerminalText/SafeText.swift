/// Text that others wrote, made safe to print on a terminal.
///
/// Whoever writes to the helpline chooses every scalar of it: escapes that retitle the window, fill the
/// clipboard or answer on the keyboard's behalf, overrides that show a word backwards, marks stacked over
/// the lines above. What comes out of here has none of these. What was removed for safety and could be seen
/// stays visible (ESC as ␛); what could not be seen goes without a trace, so that the text stands in the
/// order in which it was typed.
///
/// - Controls (C0, DEL) become their pictures ␀ to ␡; C1 controls, private-use and unassigned scalars become �.
/// - Bidi embeddings, overrides, isolates and marks go (also LRM, RLM and ALM: they reorder numbers and nobody
///   sees why). The direction is that of the first strong letter (UAX #9, P2).
/// - Invisible scalars go. ZWJ and ZWNJ stay beside letters of scripts that join, ZWJ within emoji, and one
///   selector of emoji presentation after an emoji.
/// - At most 4 combining marks stay on a letter (fully vocalised Arabic has 3).
///
/// A foreign line can still imitate one of ours in plain letters: print it behind a margin or a label.
public enum SafeText {
    /// One line, safe within a line of ours. Line breaks become ` ⏎ ` (a run of them one; none at either end),
    /// a tab becomes a space.
    /// - Parameters:
    ///   - foreign: what somebody else wrote, of any length.
    ///   - isolating: whether the text is wrapped in FSI … PDI (UAX #9, 2.4.2), so that its direction does not
    ///     move the text around it. `false` for terminals that draw isolates as boxes.
    public static func line(_ foreign: String, isolating: Bool = true) -> String {
        var cleaner = ForeignCleaner()
        var pendingBreak = false
        forEachScalar(of: foreign) { scalar, next in
            let kind = ForeignScalar.Kind(scalar)
            if kind == .lineBreak {
                pendingBreak = true
                return
            }
            if pendingBreak, kind.isShown {
                if !cleaner.isEmpty { cleaner.appendOwn(cleaner.endsInSpace ? "⏎ " : " ⏎ ") }
                pendingBreak = false
            }
            cleaner.take(scalar, kind, next: next)
        }
        let text = cleaner.finish()
        return isolating ? isolated(text) : text
    }

    /// The paragraphs of a text, each safe as a line of its own (wrap it with `Wrapping.wrap`). Tabs are expanded
    /// to stops of 4 columns. Several blank lines become one (`""`); none stands at either end.
    /// - Parameters:
    ///   - foreign: what somebody else wrote, of any length.
    ///   - isolating: as for `line`.
    public static func paragraphs(_ foreign: String, isolating: Bool = true) -> [String] {
        var found: [String] = []
        var paragraph = TabbedParagraph()
        var blankIsPending = false
        func close() {
            let text = paragraph.finish()
            if text.utf8.allSatisfy({ $0 == 0x20 }) {
                blankIsPending = !found.isEmpty
                return
            }
            if blankIsPending { found.append("") }
            blankIsPending = false
            found.append(isolating ? isolated(text) : text)
        }
        var previous: Unicode.Scalar?
        forEachScalar(of: foreign) { scalar, next in
            let kind = ForeignScalar.Kind(scalar)
            if kind == .lineBreak {
                if !(scalar == "\n" && previous == "\r") { close() }
            } else {
                paragraph.take(scalar, kind, next: next)
            }
            previous = scalar
        }
        close()
        return found
    }

    /// Safe text in an isolate of its own; the empty text stays empty.
    static func isolated(_ text: String) -> String {
        guard !text.isEmpty else { return "" }
        var scalars = String.UnicodeScalarView()
        scalars.append(Isolates.firstStrong)
        scalars.append(contentsOf: text.unicodeScalars)
        scalars.append(Isolates.pop)
        return String(scalars)
    }

    private static func forEachScalar(
        of text: String, _ body: (_ scalar: Unicode.Scalar, _ next: Unicode.Scalar?) -> Void
    ) {
        var rest = text.unicodeScalars.makeIterator()
        var current = rest.next()
        while let scalar = current {
            let next = rest.next()
            body(scalar, next)
            current = next
        }
    }
}

/// One paragraph with its tabs expanded.
private struct TabbedParagraph {
    private static let tabStop = 4
    private var done = ""
    private var doneColumns = 0
    private var segment = ForeignCleaner()

    mutating func take(_ scalar: Unicode.Scalar, _ kind: ForeignScalar.Kind, next: Unicode.Scalar?) {
        guard kind == .tab else { return segment.take(scalar, kind, next: next) }
        closeSegment()
        let spaces = Self.tabStop - doneColumns % Self.tabStop
        done += String(repeating: " ", count: spaces)
        doneColumns += spaces
    }

    private mutating func closeSegment() {
        let text = segment.finish()
        doneColumns += DisplayWidth.columns(of: text)
        done += text
    }

    mutating func finish() -> String {
        closeSegment()
        defer { self = TabbedParagraph() }
        return done
    }
}
