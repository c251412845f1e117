/// What the folder `Bots/practice` holds.
public struct PracticeContent: Sendable, Equatable {
    /// The sentences of the lesson around every story (`_lesson.yaml`).
    public struct Lesson: Sendable, Equatable {
        /// Stands before the contact's first message; says nothing of what will be asked.
        public let begin: Words
        /// Headings at the end of a story.
        public let learn: Words
        public let good: Words
        public let never: Words

        public init(begin: Words, learn: Words, good: Words, never: Words) {
            self.begin = begin
            self.learn = learn
            self.good = good
            self.never = never
        }
    }

    public let lesson: Lesson
    public let stories: [PracticeStory]

    public init(lesson: Lesson, stories: [PracticeStory]) {
        self.lesson = lesson
        self.stories = stories
    }

    /// Without a folder there is nothing to practise with.
    static let none: PracticeContent = {
        let empty = Words(nl: "", en: "")
        return PracticeContent(
            lesson: Lesson(begin: empty, learn: empty, good: empty, never: empty), stories: [])
    }()
}
