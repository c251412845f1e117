/// Takes the scalars of a foreign text one by one and keeps what is safe to show on a line.
struct ForeignCleaner {
    /// Fully vocalised Arabic has 3 marks on a letter, pointed Hebrew up to 4.
    static let mostMarks = 4
    /// The longest emoji of the standard have 3 joiners.
    static let mostJoinedEmoji = 6

    private var output = String.UnicodeScalarView()
    private var previous: Unicode.Scalar?
    private var marks = 0
    private var joinedEmoji = 0
    /// Whether what was shown last can carry a mark; a space, or text of ours before this one, cannot.
    private var hasBase = false

    var isEmpty: Bool { output.isEmpty }
    var endsInSpace: Bool { previous == " " }

    /// The text so far; the next one starts afresh.
    mutating func finish() -> String {
        defer { self = ForeignCleaner() }
        return String(output)
    }

    /// A mark of ours between parts of the foreign text.
    mutating func appendOwn(_ text: String) {
        // Not `append(contentsOf:)`: it copies all that is there, each time.
        for scalar in text.unicodeScalars { output.append(scalar) }
        previous = text.unicodeScalars.last
        hasBase = false
        marks = 0
    }

    /// - Parameter next: the scalar after it in the foreign text, for joiners.
    mutating func take(_ scalar: Unicode.Scalar, _ kind: ForeignScalar.Kind, next: Unicode.Scalar?) {
        switch kind {
        case .plain: takeBase(scalar)
        case .control: takeBase(ForeignScalar.picture(of: scalar))
        case .unknown: takeBase(ForeignScalar.replacement)
        case .space, .tab, .lineBreak:
            append(" ")
            hasBase = false
            marks = 0
            joinedEmoji = 0
        case .mark: takeMark(scalar)
        case .joiner: takeJoiner(scalar, next: next)
        case .emojiSelector:
            if hasBase, let previous, previous.properties.isEmoji { append(scalar) }
        case .invisible: break
        }
    }

    private mutating func takeBase(_ scalar: Unicode.Scalar) {
        if previous != ForeignScalar.zeroWidthJoiner { joinedEmoji = 0 }
        append(scalar)
        hasBase = true
        marks = 0
    }

    private mutating func takeMark(_ scalar: Unicode.Scalar) {
        // Without a letter it would sit on what stands before the text: a dotted circle carries it.
        if !hasBase { takeBase("\u{25CC}") }
        guard marks < Self.mostMarks else { return }
        marks += 1
        append(scalar)
    }

    private mutating func takeJoiner(_ scalar: Unicode.Scalar, next: Unicode.Scalar?) {
        guard hasBase, let previous, ForeignScalar.Kind(previous) != .joiner else { return }
        if ForeignScalar.joins(previous) {
            append(scalar)
        } else if scalar == ForeignScalar.zeroWidthJoiner, joinedEmoji < Self.mostJoinedEmoji,
            previous == "\u{FE0F}" || previous.properties.isEmojiModifier || ForeignScalar.isPictographic(previous),
            let next, ForeignScalar.isPictographic(next)
        {
            joinedEmoji += 1
            append(scalar)
        }
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        output.append(scalar)
        previous = scalar
    }
}
