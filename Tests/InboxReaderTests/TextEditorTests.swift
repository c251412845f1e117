import Testing

@testable import InboxReader

struct TextEditorTests {
    private func editor(_ text: String, _ keys: [Key], columns: Int = 20) -> TextEditor {
        var editor = TextEditor(text)
        for key in keys { _ = editor.take(key, columns: columns) }
        return editor
    }

    @Test("Typing, newlines, deleting to either side")
    func typing() {
        #expect(editor("", [.character("a"), .enter, .character("ش")]).text == "a\nش")
        #expect(editor("abc", [.left, .backspace]).text == "ac")
        #expect(editor("abc", [.home, .delete]).text == "bc")
        #expect(editor("abc", [.backspace, .backspace, .backspace, .backspace]).text == "")
    }

    @Test("Words: left, right, erased")
    func words() {
        #expect(editor("een twee drie", [.wordLeft]).cursor == 9)
        #expect(editor("een twee drie", [.wordLeft, .wordLeft, .wordRight]).cursor == 8)
        #expect(editor("een twee drie", [.control("w")]).text == "een twee ")
        #expect(editor("واش ممكن نعرف", [.wordLeft, .control("w")]).text == "واش نعرف")
    }

    @Test("Lines: start, end, erased to either side")
    func lines() {
        #expect(editor("een\ntwee", [.control("u")]).text == "een\n")
        #expect(editor("een\ntwee", [.home, .control("k")]).text == "een\n")
        #expect(editor("een\ntwee", [.home]).cursor == 4)
        #expect(editor("een\ntwee", [.home, .left, .home, .character("x")]).text == "xeen\ntwee")
    }

    @Test("Up and down keep the column over a shorter line")
    func upAndDown() {
        #expect(editor("lange regel\nx\nook een lange", [.up, .up]).cursor == 11)
        #expect(editor("abcdef\nx\nabcdef", [.left, .left, .up, .up]).cursor == 4)
        #expect(editor("abc", [.up]).cursor == 0)
        #expect(editor("abc", [.home, .down]).cursor == 3)
    }

    @Test("Rows break at spaces; the cursor stands below where a row goes on")
    func layout() {
        let editor = TextEditor("een twee drie vier")
        let layout = editor.layout(columns: 9)
        #expect(layout.rows.map { String(editor.characters[$0]) } == ["een twee ", "drie vier"])
        #expect(layout.cursorRow == 1 && layout.cursorColumn == 9)
        var moved = editor
        for _ in 0..<9 { _ = moved.take(.left, columns: 9) }
        #expect(moved.layout(columns: 9).cursorRow == 1 && moved.layout(columns: 9).cursorColumn == 0)
        #expect(TextEditor("").layout(columns: 5).rows == [0..<0])
        #expect(TextEditor("a\n").layout(columns: 5).cursorRow == 1)
        #expect(TextEditor("abcdefgh").layout(columns: 3).rows == [0..<3, 3..<6, 6..<8])
    }

    @Test("A mark that is typed joins its letter and goes with it")
    func marks() {
        let typed = editor("", [.character("ب"), .character("\u{064E}"), .character("ت")])
        #expect(typed.text == "ب\u{064E}ت")
        #expect(typed.characters.count == 2)
        var erased = typed
        _ = erased.take(.backspace, columns: 10)
        _ = erased.take(.backspace, columns: 10)
        #expect(erased.isEmpty && erased.text == "")
    }

    @Test("Pasted controls and overrides do not become text")
    func paste() {
        let pasted = editor("", [.paste("a\r\nb\u{1B}[2J\u{202E}c\u{2066}d\u{0007}\te")])
        #expect(pasted.text == "a\nb[2Jcd    e")
        var single = TextEditor(isMultiline: false)
        _ = single.take(.paste("a\nb"), columns: 10)
        _ = single.take(.enter, columns: 10)
        #expect(single.text == "a b")
    }

    @Test("A text without measure is refused, not cut")
    func limit() {
        var editor = TextEditor("a")
        let long = String(repeating: "b", count: TextEditor.limit)
        let isTaken = editor.take(.paste(long), columns: 10)
        #expect(!isTaken && editor.text == "a")
    }

    @Test("With reordering, Arabic stands at the right edge and the cursor at its left end")
    func reordered() {
        let editor = TextEditor("شكاية")
        let row = editor.layout(columns: 20).rows[0]
        let drawn = EditorRow.draw(editor, row, Typesetter(reorders: true), width: 20)
        #expect(drawn.text.hasPrefix(String(repeating: " ", count: 15)))
        #expect(drawn.cursor == 14)
        let plain = EditorRow.draw(editor, row, Typesetter(), width: 20)
        #expect(plain.text == "شكاية" && plain.cursor == 5)
    }
}
