import TerminalText

/// A small editor of plain text: what is typed, and where the cursor stands. It knows nothing of keys'
/// meaning elsewhere, and nothing of the terminal.
struct TextEditor: Sendable, Equatable {
    /// Characters at most; what comes beyond is refused, so that a slip of the mouse pastes no novel.
    static let limit = 20_000

    /// Whether Enter begins a new line.
    let isMultiline: Bool
    private(set) var characters: [Character] = []
    /// Between 0 and the number of characters.
    private(set) var cursor = 0
    /// The column that up and down keep to.
    private var wishedColumn: Int?

    init(_ text: String = "", isMultiline: Bool = true) {
        self.isMultiline = isMultiline
        characters = Array(Self.typeable(text, isMultiline: isMultiline))
        cursor = characters.count
    }

    var text: String { String(characters) }
    var isEmpty: Bool { characters.allSatisfy(\.isWhitespace) }

    /// Takes a key. Returns `false` when it is none of the editor's, or changes nothing.
    /// - Parameter columns: the width in which the text is shown, for up, down, Home and End.
    mutating func take(_ key: Key, columns: Int) -> Bool {
        if key != .up && key != .down { wishedColumn = nil }
        let before = self
        switch key {
        case .character(let character): insert(String(character))
        case .paste(let text): insert(text)
        case .enter: if isMultiline { insert("\n") }
        case .backspace, .control("h"): remove(from: cursor - 1, to: cursor)
        case .delete: remove(from: cursor, to: cursor + 1)
        case .left, .control("b"): cursor = max(cursor - 1, 0)
        case .right, .control("f"): cursor = min(cursor + 1, characters.count)
        case .wordLeft: cursor = wordStart
        case .wordRight: cursor = wordEnd
        case .control("w"): remove(from: wordStart, to: cursor)
        case .control("u"): remove(from: lineStart, to: cursor)
        case .control("k"): remove(from: cursor, to: lineEnd)
        case .home, .control("a"): cursor = lineStart
        case .end, .control("e"): cursor = lineEnd
        case .up: move(by: -1, columns: columns)
        case .down: move(by: 1, columns: columns)
        default: return false
        }
        return self != before
    }

    /// Puts a text behind what is there, after a blank line.
    mutating func append(_ text: String) {
        cursor = characters.count
        if !isEmpty { insert("\n\n") }
        insert(text)
    }

    private mutating func insert(_ text: String) {
        let typed = Self.typeable(text, isMultiline: isMultiline)
        guard !typed.isEmpty, characters.count + typed.count <= Self.limit else { return }
        // A mark that is typed joins the letter before it.
        let head = Array(String(characters[..<cursor]) + typed)
        characters = head + characters[cursor...]
        cursor = head.count
    }

    private mutating func remove(from start: Int, to end: Int) {
        let start = max(start, 0)
        let end = min(end, characters.count)
        guard start < end else { return }
        characters.removeSubrange(start..<end)
        cursor = start
    }

    private var lineStart: Int { (characters[..<cursor].lastIndex(of: "\n") ?? -1) + 1 }
    private var lineEnd: Int { characters[cursor...].firstIndex(of: "\n") ?? characters.count }

    private var wordStart: Int {
        var index = cursor
        while index > 0, !Self.isWord(characters[index - 1]) { index -= 1 }
        while index > 0, Self.isWord(characters[index - 1]) { index -= 1 }
        return index
    }

    private var wordEnd: Int {
        var index = cursor
        while index < characters.count, !Self.isWord(characters[index]) { index += 1 }
        while index < characters.count, Self.isWord(characters[index]) { index += 1 }
        return index
    }

    private static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber }

    private mutating func move(by rows: Int, columns: Int) {
        let layout = self.layout(columns: columns)
        let target = layout.cursorRow + rows
        let wished = wishedColumn ?? layout.cursorColumn
        guard layout.rows.indices.contains(target) else {
            cursor = rows < 0 ? 0 : characters.count
            return
        }
        let row = layout.rows[target]
        var width = 0
        var index = row.lowerBound
        while index < row.upperBound {
            let next = DisplayWidth.columns(of: String(characters[index]))
            if width + next > wished { break }
            width += next
            index += 1
        }
        // At the end of a row that goes on, the cursor would be shown at the start of the next.
        if index == row.upperBound, index > row.lowerBound, target + 1 < layout.rows.count,
            layout.rows[target + 1].lowerBound == index
        {
            index -= 1
        }
        cursor = index
        wishedColumn = wished
    }

    /// What may stand in a text of ours: no controls, nothing invisible that turns text around.
    private static func typeable(_ text: String, isMultiline: Bool) -> String {
        var result = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            defer { previous = scalar }
            switch scalar.value {
            case 0x0A, 0x0D, 0x85, 0x2028, 0x2029:
                if scalar == "\n", previous == "\r" { continue }
                result.append(isMultiline ? "\n" : " ")
            case 0x09: result.append(contentsOf: "    ".unicodeScalars)
            case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: continue
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}

/// A text broken into rows of a window.
struct EditorLayout: Sendable, Equatable {
    /// The characters of each row, without the line break.
    var rows: [Range<Int>]
    var cursorRow: Int
    /// In columns from the left of the row, as it was typed.
    var cursorColumn: Int
}

extension TextEditor {
    /// The rows, broken at spaces, none wider than `columns`.
    func layout(columns: Int) -> EditorLayout {
        var rows: [Range<Int>] = []
        var start = 0
        while true {
            let end = characters[start...].firstIndex(of: "\n") ?? characters.count
            rows += wrapped(start..<end, columns: max(columns, 1))
            if end == characters.count { break }
            start = end + 1
        }
        var row = rows.count - 1
        for index in rows.indices where rows[index].contains(cursor) || rows[index].upperBound == cursor {
            row = index
            // At the end of a row that goes on below, the cursor stands below.
            if rows[index].upperBound == cursor, index + 1 < rows.count, rows[index + 1].lowerBound == cursor {
                row = index + 1
            }
            break
        }
        let column = DisplayWidth.columns(of: String(characters[rows[row].lowerBound..<cursor]))
        return EditorLayout(rows: rows, cursorRow: row, cursorColumn: column)
    }

    private func wrapped(_ line: Range<Int>, columns: Int) -> [Range<Int>] {
        var rows: [Range<Int>] = []
        var start = line.lowerBound
        var width = 0
        var lastSpace: Int?
        var index = start
        while index < line.upperBound {
            let next = DisplayWidth.columns(of: String(characters[index]))
            if width + next > columns, index > start {
                let end = lastSpace.map { $0 + 1 } ?? index
                rows.append(start..<end)
                start = end
                index = end
                width = 0
                lastSpace = nil
                continue
            }
            if characters[index] == " " { lastSpace = index }
            width += next
            index += 1
        }
        rows.append(start..<line.upperBound)
        return rows
    }
}
