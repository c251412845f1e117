/// How many columns a text takes on a terminal with a font of fixed width.
///
/// Combining marks, isolates and other invisible scalars take none, East Asian wide letters and emoji two (an
/// emoji of several scalars too), everything else one; widths that are "ambiguous" (UAX #11) count as one, as
/// terminals outside East Asia have it. Controls count as none: they do not belong in what is printed.
public enum DisplayWidth {
    /// The columns of a text of one line.
    public static func columns(of text: String) -> Int {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text.utf8.count }
        return text.reduce(0) { $0 + columns(ofCluster: $1) }
    }

    /// The columns of one grapheme cluster.
    static func columns(ofCluster cluster: Character) -> Int {
        let scalars = cluster.unicodeScalars
        guard let first = scalars.first else { return 0 }
        guard let second = scalars.dropFirst().first else { return columns(of: first) }
        if first.properties.isEmoji {
            // A picture: a flag, a skin tone, a ZWJ sequence, a keycap, or one asked for by its selector.
            if first.properties.isEmojiPresentation || second == "\u{FE0F}" || second.properties.isEmojiModifier
                || (ForeignScalar.isPictographic(first) && scalars.contains(ForeignScalar.zeroWidthJoiner))
            {
                return 2
            }
        }
        return scalars.reduce(0) { $0 + columns(of: $1) }
    }

    /// The columns of a scalar on its own.
    static func columns(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0xAC, 0xAE...0x2FF, 0x621...0x64A, 0x660...0x669: return 1
        case 0..<0x20, 0x7F...0x9F, 0xAD: return 0
        // Vowels and finals of Hangul join the cell of their initial.
        case 0x1160...0x11FF, 0xD7B0...0xD7FF: return 0
        default: break
        }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .control, .lineSeparator, .paragraphSeparator: return 0
        case .format: return ForeignScalar.isVisibleFormat(scalar) ? 1 : 0
        default:
            if properties.isDefaultIgnorableCodePoint { return 0 }
            return WideScalars.contains(scalar) ? 2 : 1
        }
    }
}

/// A part of a line that is not cut: a grapheme cluster, or a scalar with its marks of a cluster that is very wide.
struct DisplayPiece {
    /// Some clusters have no end (a run of Hangul initials): above this they are cut at scalars.
    static let widest = 4

    let text: String
    let columns: Int
    /// Set when the piece is one isolate control.
    let isolate: Unicode.Scalar?

    /// Calls `body` with each piece in order until it returns `false`.
    /// - Parameter text: from `LineText.cleaned`.
    static func forEach(in text: String, _ body: (DisplayPiece) -> Bool) {
        for cluster in text {
            let columns = DisplayWidth.columns(ofCluster: cluster)
            if columns > widest {
                guard forEachPart(of: cluster, body) else { return }
                continue
            }
            var isolate: Unicode.Scalar?
            if columns == 0, let first = cluster.unicodeScalars.first, Isolates.contains(first) { isolate = first }
            guard body(DisplayPiece(text: String(cluster), columns: columns, isolate: isolate)) else { return }
        }
    }

    private static func forEachPart(of cluster: Character, _ body: (DisplayPiece) -> Bool) -> Bool {
        var part = String.UnicodeScalarView()
        var columns = 0
        for scalar in cluster.unicodeScalars {
            let width = DisplayWidth.columns(of: scalar)
            if width > 0, !part.isEmpty {
                guard body(DisplayPiece(text: String(part), columns: columns, isolate: nil)) else { return false }
                part = String.UnicodeScalarView()
                columns = 0
            }
            part.append(scalar)
            columns += width
        }
        return part.isEmpty || body(DisplayPiece(text: String(part), columns: columns, isolate: nil))
    }
}
