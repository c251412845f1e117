import BotContent

/// What stands in the way of a practice conversation.
public enum PracticeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no story with this id.
    case unknownStory(String, known: [String])
    /// The conversation stands at a step that its story no longer has.
    case storyChanged(String)

    public var description: String {
        switch self {
        case .unknownStory(let id, let known):
            "there is no practice story '\(id)'; choose one of \(known.joined(separator: ", "))"
        case .storyChanged(let id):
            "the practice story '\(id)' was changed since this conversation began; begin a new one"
        }
    }
}

/// The practice contacts: a pure function of a conversation's state and a reply of the learner.
///
/// It reads no clock, no file and no random number, and reaches nobody.
public struct PracticeEngine: Sendable {
    /// Sorted by id.
    public let stories: [PracticeStory]
    private let lesson: PracticeContent.Lesson
    private let forbidden: ForbiddenPhrases

    /// - Parameter forbidden: what is never said (`Bots/never`).
    public init(content: PracticeContent, forbidden: ForbiddenPhrases) {
        stories = content.stories.sorted { $0.id < $1.id }
        lesson = content.lesson
        self.forbidden = forbidden
    }

    /// The story that a learner had least, of equals the first by id; `nil` without stories.
    ///
    /// - Parameter had: how often they had each story, by id.
    public func next(had: [String: Int]) -> PracticeStory? {
        stories.min { (had[$0.id] ?? 0, $0.id) < (had[$1.id] ?? 0, $1.id) }
    }

    /// Begins a story: that it is practice, and the contact's first messages. What is to be learned comes at
    /// the end, as in life.
    public func begin(_ id: String, language: CoachLanguage) throws(PracticeError) -> PracticeTurn {
        let story = try story(id)
        guard let first = story.steps.first else { throw .storyChanged(id) }
        let state = PracticeState(story: id, language: language, step: first.id)
        return arrive(at: first, of: story, state: state, before: [PracticeLine(.coach, lesson.begin[language])])
    }

    /// Takes one reply of the learner.
    ///
    /// - Returns: the state to keep, and what comes in: a note of the lesson if there is one, the contact's
    ///   messages, and at the end how it went. After the end nothing comes any more.
    public func step(state: PracticeState, reply: String) throws(PracticeError) -> PracticeTurn {
        guard state.result == nil else { return PracticeTurn(state: state, lines: []) }
        let story = try story(state.story)
        guard case .replies(let choices) = story.step(state.step)?.exit,
            let choice = Self.choice(for: reply, among: choices, forbidden: forbidden),
            let next = story.step(choice.next)
        else { throw .storyChanged(story.id) }
        var state = state
        state.replies += 1
        state.step = next.id
        let note = choice.note.map { [PracticeLine(.coach, $0[state.language])] } ?? []
        return arrive(at: next, of: story, state: state, before: note)
    }

    /// What the contact's present messages mean, for those who do not read Darija; `nil` when the story
    /// was changed.
    public func meaning(_ state: PracticeState) -> String? {
        stories.first { $0.id == state.story }?.step(state.step)?.means[state.language]
    }

    /// The choice that a reply takes.
    static func choice(
        for reply: String, among choices: [PracticeStory.Choice], forbidden: ForbiddenPhrases
    ) -> PracticeStory.Choice? {
        let read = ReadReply(reply)
        return choices.first { $0.condition.holds(for: read, forbidden: forbidden) }
    }

    private func arrive(
        at step: PracticeStory.Step, of story: PracticeStory, state: PracticeState, before: [PracticeLine]
    ) -> PracticeTurn {
        var state = state
        var lines = before + step.says.map { PracticeLine(.contact, $0) }
        if case .ending(let ending) = step.exit {
            state.result = ending.result
            lines.append(PracticeLine(.coach, verdict(ending, story, state.language)))
        }
        return PracticeTurn(state: state, lines: lines)
    }

    private func verdict(
        _ ending: PracticeStory.Ending, _ story: PracticeStory, _ language: CoachLanguage
    ) -> String {
        let parts = [(lesson.learn, story.learn), (lesson.good, story.good), (lesson.never, story.never)]
        return ([ending.feedback[language]] + parts.map { "\($0[language]): \($1[language])" })
            .joined(separator: "\n\n")
    }

    private func story(_ id: String) throws(PracticeError) -> PracticeStory {
        guard let story = stories.first(where: { $0.id == id }) else {
            throw .unknownStory(id, known: stories.map(\.id))
        }
        return story
    }
}
