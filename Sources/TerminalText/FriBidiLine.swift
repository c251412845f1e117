import CFriBidi

/// One line in the hands of FriBidi. Only its table look-ups and the algorithm itself are called: its conversion
/// of character sets and its removal of marks had memory errors (CVE-2022-25308 to 25310). It is given no isolates,
/// embeddings, overrides and separators of paragraphs: with those the algorithm has errors too (`IsolateFrames`).
struct FriBidiLine {
    /// What FriBidi leaves in place of the second letter of a ligature.
    static let filler: UInt32 = 0xFEFF

    private var scalars: [FriBidiChar]
    private let count: FriBidiStrIndex
    private var types: [FriBidiCharType]

    /// - Parameter scalars: at most `BidiReordering.longestPart`.
    init(_ scalars: [UInt32]) {
        self.scalars = scalars
        count = FriBidiStrIndex(scalars.count)
        types = Array(repeating: FriBidiCharType(0), count: scalars.count)
        fribidi_get_bidi_types(scalars, count, &types)
    }

    /// From left to right: the place of each in the line as it was, and the scalar that is shown for it.
    /// In the order it was if FriBidi fails, which is when memory is short.
    consuming func ordered(base: BidiReordering.Base, shapes: Bool) -> [(index: Int, scalar: UInt32)] {
        let unordered = scalars.enumerated().map { (index: $0.offset, scalar: $0.element) }
        guard count > 0 else { return [] }
        var brackets = [FriBidiBracketType](repeating: 0, count: scalars.count)
        fribidi_get_bracket_types(scalars, count, types, &brackets)
        var direction = Self.direction(base)
        var levels = [FriBidiLevel](repeating: 0, count: scalars.count)
        guard fribidi_get_par_embedding_levels_ex(types, brackets, count, &direction, &levels) != 0 else {
            return unordered
        }
        shape(levels: levels, joinsArabic: shapes)
        var map = Array(0..<count)
        guard fribidi_reorder_line(0, types, count, 0, direction, &levels, nil, &map) != 0 else { return unordered }
        return map.compactMap { index in
            scalars.indices.contains(Int(index)) ? (Int(index), scalars[Int(index)]) : nil
        }
    }

    private mutating func shape(levels: [FriBidiLevel], joinsArabic: Bool) {
        guard joinsArabic else {
            fribidi_shape(FriBidiFlags(FRIBIDI_FLAG_SHAPE_MIRRORING), levels, count, nil, &scalars)
            return
        }
        var joining = [FriBidiArabicProp](repeating: 0, count: scalars.count)
        fribidi_get_joining_types(scalars, count, &joining)
        fribidi_join_arabic(types, count, levels, &joining)
        let flags = FRIBIDI_FLAG_SHAPE_MIRRORING | FRIBIDI_FLAG_SHAPE_ARAB_PRES | FRIBIDI_FLAG_SHAPE_ARAB_LIGA
        fribidi_shape(FriBidiFlags(flags), levels, count, &joining, &scalars)
    }

    private static func direction(_ base: BidiReordering.Base) -> FriBidiParType {
        switch base {
        case .automatic: sila_fribidi_direction_automatic()
        case .leftToRight: sila_fribidi_direction_left_to_right()
        case .rightToLeft: sila_fribidi_direction_right_to_left()
        }
    }
}
