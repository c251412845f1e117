/// Breaking paragraphs into lines of a terminal.
public enum Wrapping {
    /// The lines of a paragraph, none wider than `columns`; at least one.
    ///
    /// Lines break at spaces, which are left out there; a word longer than a line is broken between grapheme
    /// clusters. Each line is isolated on its own, by RLI or LRI in the direction of the whole paragraph, so that
    /// the continuation of an Arabic paragraph reads from the right even if it begins with a Latin word.
    /// - Parameters:
    ///   - paragraph: safe text without line breaks (`SafeText.paragraphs`, or text of ours that holds such).
    ///   - columns: the width; less than 1 counts as 1.
    ///   - isolating: `false` for terminals that draw isolates as boxes: then the lines hold none.
    public static func wrap(_ paragraph: String, columns: Int, isolating: Bool = true) -> [String] {
        var lines = LineBreaker(columns: max(columns, 1))
        let paragraph = LineText.cleaned(paragraph, keepsIsolates: isolating)
        guard isolating else {
            DisplayPiece.forEach(in: paragraph) { lines.take($0) }
            return lines.finish()
        }
        let isolates = ResolvedIsolates(paragraph)
        if !isolates.encloseAll { lines.takeIsolate(isolates.enclosing) }
        var starts = isolates.starts.makeIterator()
        DisplayPiece.forEach(in: paragraph) { piece in
            if let isolate = piece.isolate {
                lines.takeIsolate(isolate == Isolates.pop ? isolate : starts.next() ?? isolate)
                return true
            }
            return lines.take(piece)
        }
        return lines.finish()
    }
}

/// Fills lines with words.
private struct LineBreaker {
    let columns: Int
    private var lines: [String] = []
    private var line = ""
    private var lineWidth = 0
    /// Isolates that are open at the end of `line`.
    private var isolates = IsolateStack()
    /// Spaces between `line` and `word`: left out if the line breaks here.
    private var spaces = 0
    private var word: [DisplayPiece] = []
    private var wordWidth = 0
    /// Whether the line shows something: an empty one is not broken.
    private var lineIsEmpty = true

    init(columns: Int) { self.columns = columns }

    mutating func takeIsolate(_ control: Unicode.Scalar) {
        word.append(DisplayPiece(text: String(Character(control)), columns: 0, isolate: control))
    }

    /// Returns that it wants more.
    mutating func take(_ piece: DisplayPiece) -> Bool {
        if piece.text == " " {
            // The isolates of a line's beginning stand before its indentation.
            placeWord()
            spaces += 1
            return true
        }
        guard piece.columns <= columns else {
            // A wide letter in a window of one column.
            return take(DisplayPiece(text: "…", columns: 1, isolate: nil))
        }
        // The part of an over-long word that fills a line is placed at once, so that little is held.
        if wordWidth + piece.columns > columns { placeWord() }
        word.append(piece)
        wordWidth += piece.columns
        return true
    }

    private mutating func placeWord() {
        guard !word.isEmpty else { return }
        if wordWidth > 0 {
            if lineWidth + spaces + wordWidth > columns, !lineIsEmpty || spaces > 0 {
                if !lineIsEmpty { breakLine() }
                spaces = 0
            }
            line += String(repeating: " ", count: spaces)
            lineWidth += spaces
            spaces = 0
            lineIsEmpty = false
        }
        for piece in word {
            if let isolate = piece.isolate, !isolates.accepts(isolate) { continue }
            line += piece.text
        }
        lineWidth += wordWidth
        word.removeAll(keepingCapacity: true)
        wordWidth = 0
    }

    private mutating func breakLine() {
        lines.append(line + isolates.closing)
        line = isolates.reopening
        lineWidth = 0
        lineIsEmpty = true
    }

    mutating func finish() -> [String] {
        placeWord()
        if !lineIsEmpty { lines.append(line + isolates.closing) }
        return lines.isEmpty ? [""] : lines
    }
}
