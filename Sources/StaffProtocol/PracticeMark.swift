/// What stands at the begin of every message of a practice conversation, so that it cannot be taken for
/// words of a real person.
public enum PracticeMark {
    /// Before words of the invented contact.
    public static let contact = "[practice]"
    /// Before words of the lesson.
    public static let coach = "[practice: lesson]"

    /// The words of the invented contact without the mark; `nil` for words of the lesson.
    public static func words(of text: String) -> String? {
        if text.hasPrefix(coach) { return nil }
        guard text.hasPrefix(contact) else { return text }
        return String(text.dropFirst(contact.count).drop { $0.isWhitespace })
    }
}
