/// A key that was pressed, or text that was pasted.
enum Key: Sendable, Equatable {
    case character(Character)
    case enter, tab, escape, backspace, delete
    case up, down, left, right, home, end, pageUp, pageDown
    case wordLeft, wordRight
    /// Control and a letter, in lower case.
    case control(Character)
    case paste(String)
}
