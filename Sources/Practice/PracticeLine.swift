/// One message that a practice conversation brings.
public struct PracticeLine: Sendable, Equatable {
    public enum Speaker: String, Sendable, Codable, CaseIterable {
        /// The invented contact.
        case contact
        /// The lesson: what to think of, how it went.
        case coach
    }

    /// Stands at the begin of every line of a practice contact.
    public static let marker = "[practice]"
    /// Stands at the begin of every line of the lesson.
    public static let coachMarker = "[practice: lesson]"

    public let speaker: Speaker
    /// The words alone.
    public let words: String

    init(_ speaker: Speaker, _ words: String) {
        self.speaker = speaker
        self.words = words
    }

    /// What is stored and shown: marked, so that it cannot be taken for words of a real person, wherever
    /// a line of it turns up (a list, a search, a copy).
    ///
    /// Before Arabic letters the mark has a line of its own: in one line it would make the whole of it a
    /// Latin one, with marks on the wrong side.
    public var text: String {
        switch speaker {
        case .coach: Self.coachMarker + "\n" + words
        case .contact: Self.marker + (startsArabic ? "\n" : " ") + words
        }
    }

    private var startsArabic: Bool {
        guard let first = words.unicodeScalars.first(where: \.properties.isAlphabetic) else { return false }
        return (0x600...0x6FF).contains(first.value)
    }
}

/// What one reply of the learner brings about.
public struct PracticeTurn: Sendable, Equatable {
    /// To be kept for the next reply.
    public let state: PracticeState
    /// To be put into the conversation as incoming messages, in this order; empty after the end.
    public let lines: [PracticeLine]

    /// Whether the story has ended.
    public var isEnded: Bool { state.result != nil }
}
