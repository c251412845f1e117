/// A practice contact: what they say, and what they say next to which reply.
///
/// A story ends: its steps form no circle, and the last reply of each step is taken by anything.
public struct PracticeStory: Sendable, Equatable {
    /// As its file is named.
    public let id: String
    /// The varieties in which the contact writes, `ary` or `ary-Latn`.
    public let languages: [String]
    public let title: Words
    /// What is to be learned.
    public let learn: Words
    /// What a good answer does.
    public let good: Words
    /// What an answer must never do.
    public let never: Words
    /// The first one begins the story.
    public let steps: [Step]

    /// What the contact says at one point, and where it goes from there.
    public struct Step: Sendable, Equatable {
        public let id: String
        /// Messages of the contact, in order; an ending may have none.
        public let says: [String]
        /// What they mean, for those who do not read Darija.
        public let means: Words
        public let exit: Exit

        public init(id: String, says: [String], means: Words, exit: Exit) {
            self.id = id
            self.says = says
            self.means = means
            self.exit = exit
        }
    }

    public enum Exit: Sendable, Equatable {
        /// The contact waits for a reply: the first choice whose condition holds is taken.
        case replies([Choice])
        case ending(Ending)
    }

    /// One kind of reply.
    public struct Choice: Sendable, Equatable {
        public let condition: ReplyCondition
        /// A reply that takes this choice, for the check and for reviewers.
        public let example: String
        /// The id of the next step.
        public let next: String
        /// Said to the learner at once, when there is something to say.
        public let note: Words?

        public init(condition: ReplyCondition, example: String, next: String, note: Words?) {
            self.condition = condition
            self.example = example
            self.next = next
            self.note = note
        }
    }

    /// How it went.
    public struct Ending: Sendable, Equatable {
        public enum Result: String, Sendable, Codable, CaseIterable {
            case good, mixed, bad
        }
        public let result: Result
        public let feedback: Words

        public init(result: Result, feedback: Words) {
            self.result = result
            self.feedback = feedback
        }
    }

    public init(
        id: String, languages: [String], title: Words, learn: Words, good: Words, never: Words, steps: [Step]
    ) {
        self.id = id
        self.languages = languages
        self.title = title
        self.learn = learn
        self.good = good
        self.never = never
        self.steps = steps
    }

    /// The step with this id.
    public func step(_ id: String) -> Step? { steps.first { $0.id == id } }
}
