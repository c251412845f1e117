/// The bot: a pure function of a conversation's state and a message.
///
/// It reads no clock, no file and no random number; what it needs of the world stands in the
/// input. It never guesses: it answers what it surely knows, asks back when it may be one of two
/// or three, and else hands over to a person.
public struct Engine: Sendable {
    let content: CompiledContent
    let settings: EngineSettings

    /// Each step looks at the message in turn; the first that takes it ends the turn. Danger
    /// comes before everything but encryption, which decides what may be said at all, and the words
    /// of a card, which say nothing.
    private static let steps: [any TurnStep.Type] = [
        EncryptionStep.self, ArrivalStep.self, DangerStep.self, AttachmentStep.self, LanguageStep.self, ChoiceStep.self,
        SmallTalkStep.self,
        PersonStep.self, TopicStep.self, HandOverStep.self,
    ]

    public init(content: CompiledContent, settings: EngineSettings = EngineSettings()) {
        self.content = content
        self.settings = settings
    }

    /// Takes one message.
    ///
    /// - Returns: the state to keep and what to do, in this order: one `classified`, then the
    ///   replies in the order in which they are to be sent (there may be none), then hand-overs.
    public func step(state: DialogueState, input: Input) -> (DialogueState, [Event]) {
        var turn = Turn(content: content, settings: settings, state: state, input: input)
        for step in Self.steps where step.take(&turn) { break }
        return turn.finish()
    }

    /// A message arrived that cannot be opened: asks for it once more, at most once in the notice
    /// interval, in the variety the contact reads.
    public func unreadable(state: DialogueState, now: Int64) -> (DialogueState, [Event]) {
        var state = state
        if let last = state.resendNotice, last <= now, now - last < settings.noticeInterval { return (state, []) }
        let variety = state.chosenVariety ?? state.variety ?? settings.defaultVariety
        guard let found = content.text(.unreadableResend, in: variety) else { return (state, []) }
        state.resendNotice = now
        let reply = Reply(text: found.text, variety: found.variety, keys: [.unreadableResend], topic: nil)
        return (state, [.reply(reply)])
    }
}

/// One kind of answer to a message.
protocol TurnStep: SendableMetatype {
    /// Looks at the message; true when nothing else needs to.
    static func take(_ turn: inout Turn) -> Bool
}
