/// What a scalar of a foreign text may do on a terminal.
enum ForeignScalar {
    enum Kind: Equatable {
        case plain
        /// Any space: shown as U+0020, the only one whose width is certain.
        case space
        case tab
        case lineBreak
        /// C0 or DEL: shown as its picture.
        case control
        /// C1, private use, unassigned, object replacement: shown as U+FFFD.
        case unknown
        /// Shown by nothing, or a bidi control: removed.
        case invisible
        /// Joins the cell of the letter before it.
        case mark
        /// ZWJ or ZWNJ.
        case joiner
        /// U+FE0E or U+FE0F.
        case emojiSelector

        /// Whether it is seen on its own.
        var isShown: Bool {
            switch self {
            case .invisible, .emojiSelector, .joiner, .lineBreak: false
            case .plain, .space, .tab, .control, .unknown, .mark: true
            }
        }
    }

    static let zeroWidthNonJoiner: Unicode.Scalar = "\u{200C}"
    static let zeroWidthJoiner: Unicode.Scalar = "\u{200D}"
    static let replacement: Unicode.Scalar = "\u{FFFD}"

    /// The picture of a C0 control or DEL (Unicode block Control Pictures).
    static func picture(of control: Unicode.Scalar) -> Unicode.Scalar {
        control == "\u{7F}" ? "\u{2421}" : Unicode.Scalar(0x2400 + control.value) ?? replacement
    }

    /// Format characters that are visible: they enclose the digits after them
    /// (Unicode property Prepended_Concatenation_Mark).
    static func isVisibleFormat(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x600...0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD: true
        default: false
        }
    }

    /// Whether the scalar belongs to a script in which ZWJ and ZWNJ change what is read: Arabic and its
    /// neighbours, the scripts of India, Myanmar, Khmer, Mongolian, Arabic presentation forms, Rohingya, Adlam.
    static func joins(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x620...0x8FF, 0x900...0xDFF, 0x1000...0x109F, 0x1780...0x17FF, 0x1800...0x18AF: true
        case 0xFB50...0xFDFF, 0xFE70...0xFEFC, 0x10D00...0x10D3F, 0x1E900...0x1E95F: true
        default: false
        }
    }

    /// An emoji that may be a part of a ZWJ sequence: not the digits, # and *, which are "emoji" as keycaps.
    static func isPictographic(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value > 0x7F && scalar.properties.isEmoji
    }
}

extension ForeignScalar.Kind {
    init(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x20: self = .space
        case 0x21...0x7E, 0xC0...0x24F, 0x621...0x64A, 0x660...0x669: self = .plain
        case 0x09: self = .tab
        // LF, VT, FF, CR; NEL; the separators of lines and paragraphs.
        case 0x0A...0x0D, 0x85, 0x2028, 0x2029: self = .lineBreak
        case 0x00...0x1F, 0x7F: self = .control
        case 0x80...0x9F: self = .unknown
        case 0x200C, 0x200D: self = .joiner
        case 0xFE0E, 0xFE0F: self = .emojiSelector
        // A blank cell that is not called a space.
        case 0x2800: self = .space
        // Stands for an attachment that is not there.
        case 0xFFFC: self = .unknown
        default: self = Self.byProperties(scalar)
        }
    }

    private static func byProperties(_ scalar: Unicode.Scalar) -> Self {
        let properties = scalar.properties
        let category = properties.generalCategory
        switch category {
        case .unassigned, .privateUse, .surrogate:
            // Some reserved scalars count as ignorable; a terminal may still draw them.
            return .unknown
        case .control: return .unknown
        case .lineSeparator, .paragraphSeparator: return .lineBreak
        default: break
        }
        // Bidi controls, fillers, tags, variation selectors, soft hyphen, BOM.
        if properties.isDefaultIgnorableCodePoint || properties.isBidiControl { return .invisible }
        switch category {
        case .format: return ForeignScalar.isVisibleFormat(scalar) ? .plain : .invisible
        case .spaceSeparator: return .space
        case .nonspacingMark, .enclosingMark, .spacingMark: return .mark
        default: return properties.isGraphemeExtend || properties.isEmojiModifier ? .mark : .plain
        }
    }
}
