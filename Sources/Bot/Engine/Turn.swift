/// One message on its way through the steps.
struct Turn {
    let content: CompiledContent
    let settings: EngineSettings
    let input: Input
    let understanding: Understanding
    /// The variety in which this turn is answered.
    private(set) var variety: Variety
    var state: DialogueState
    private var classification: Classification?
    private var replies: [Reply] = []
    private var handOvers: [Event] = []

    init(content: CompiledContent, settings: EngineSettings, state: DialogueState, input: Input) {
        self.content = content
        self.settings = settings
        self.state = state
        self.input = input
        understanding = Understanding(input.text, content: content)
        variety =
            state.chosenVariety ?? input.writtenIn
            ?? Self.replyVariety(understanding, state: state, settings: settings)
    }

    /// The contact's choice; else the language and script of the message; where that is unclear,
    /// of the conversation so far.
    private static func replyVariety(
        _ understanding: Understanding, state: DialogueState, settings: EngineSettings
    ) -> Variety {
        if let chosen = state.chosenVariety { return chosen }
        guard let guess = understanding.guess else { return state.variety ?? settings.defaultVariety }
        let fits = state.variety.map { $0.isArabicScript == (understanding.script == .arabic) } ?? false
        if guess.variety == .other {
            if let known = state.variety { return known }
            return understanding.script == .arabic ? .ar : .en
        }
        if let known = state.variety, fits, guess.confidence < 0.6 { return known }
        return guess.variety
    }

    /// The variety of the message itself.
    var messageVariety: Variety { input.writtenIn ?? understanding.guess?.variety ?? variety }

    /// Whether the message is surely in a language the bot does not speak.
    var isForeign: Bool { understanding.guess.map { $0.variety == .other && $0.confidence >= 0.6 } ?? false }

    /// From now on this turn is answered in another variety.
    mutating func change(to variety: Variety) { self.variety = variety }

    /// Records how the message was understood.
    mutating func classify(
        _ decision: Decision, topic: TopicID? = nil, confidence: Double = 1,
        candidates: [Classification.Candidate] = []
    ) {
        classification = Classification(
            variety: messageVariety, decision: decision, topic: topic, confidence: confidence, candidates: candidates)
    }

    /// Says sentences, one below the other, as one message.
    mutating func say(_ keys: [TextKey], topic: TopicID? = nil) {
        let found = keys.compactMap { key in content.text(key, in: variety).map { (key, $0.text, $0.variety) } }
        guard let last = found.last else { return }
        say(text: found.map(\.1).joined(separator: "\n\n"), variety: last.2, keys: found.map(\.0), topic: topic)
    }

    /// Says a text that was built from `keys`.
    mutating func say(text: String, variety: Variety, keys: [TextKey], topic: TopicID? = nil) {
        replies.append(Reply(text: text, variety: variety, keys: keys, topic: topic))
        state.variety = self.variety
    }

    /// The greeting, when this is the first answer of the conversation.
    mutating func greetingKeys() -> [TextKey] {
        guard !state.isGreeted, replies.isEmpty else { return [] }
        state.isGreeted = true
        return [.greeting]
    }

    /// Asks a person to look, without a word to the contact.
    mutating func handOver(_ reason: HandOverReason, to target: HandOverTarget, topic: TopicID? = nil) {
        handOvers.append(.handOver(reason: reason, to: target == .none ? .intern : target, topic: topic))
    }

    /// Notes that the contact was promised a person.
    mutating func notePromise() {
        if var record = state.handOver, isOpen(record) {
            record.timesTold += 1
            state.handOver = record
        } else {
            state.handOver = HandOverRecord(since: input.now, timesTold: 1)
        }
    }

    /// How often the contact was told, in the hand-over that is open.
    var timesTold: Int { state.handOver.map { isOpen($0) ? $0.timesTold : 0 } ?? 0 }

    private func isOpen(_ record: HandOverRecord) -> Bool {
        input.now - record.since < settings.handOverInterval
    }

    /// The state to keep and the events, in order.
    func finish() -> (DialogueState, [Event]) {
        let classified = classification.map { [Event.classified($0)] } ?? []
        return (state, classified + replies.map(Event.reply) + handOvers)
    }
}
