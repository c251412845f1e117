/// What the engine decided; the bridge turns events into rows in one transaction.
public enum Event: Sendable, Equatable {
    /// Say this to the contact. Several replies are sent in order.
    case reply(Reply)
    /// A person is asked to look.
    case handOver(reason: HandOverReason, to: HandOverTarget, topic: TopicID?)
    /// How the message was understood: for counts and for staff, without any of its text.
    case classified(Classification)
}

/// One message of the bot.
public struct Reply: Sendable, Equatable {
    public let text: String
    /// The language and script of `text`.
    public let variety: Variety
    /// The sentences it was built from, in order.
    public let keys: [TextKey]
    public let topic: TopicID?

    public init(text: String, variety: Variety, keys: [TextKey], topic: TopicID?) {
        self.text = text
        self.variety = variety
        self.keys = keys
        self.topic = topic
    }
}

/// Why a person is asked to look.
public enum HandOverReason: String, Sendable, Codable, CaseIterable {
    /// Someone may be in danger: now.
    case danger
    /// The bot did not surely know what was asked.
    case unsure
    /// The contact chose "a person", or none of the choices.
    case asked
    /// The answer awaits a lawyer's signature; the safe step was given.
    case review
    /// The answer is older than it may be.
    case expired
    /// The message came without encryption; nothing was answered beyond how to switch it on.
    case unencrypted
    /// A language the bot does not speak.
    case language
    /// A voice note, a photo, a document: only a person can take it in.
    case attachment
    /// The topic was answered and names who looks along. Nothing was promised to the contact.
    case followUp = "follow-up"
    /// The words of a card: the conversation goes on from another address.
    case arrivalWords = "arrival-words"
    /// Words that stand on no card.
    case arrivalWordsWrong = "arrival-words-wrong"
    /// Words of cards were tried too often.
    case arrivalWordsTooOften = "arrival-words-too-often"
}

/// What the engine did with a message.
public enum Decision: String, Sendable, Codable, CaseIterable {
    case answer, ask
    case handOver = "handover"
    case urgent
    case smallTalk = "smalltalk"
    /// The contact changed the language.
    case language
    /// Told to switch encryption on.
    case unencrypted
}

/// How a message was understood.
public struct Classification: Sendable, Equatable {
    /// One topic that came into question.
    public struct Candidate: Sendable, Equatable {
        public let topic: TopicID
        /// Estimated probability, 0 to 1, that this is what was asked.
        public let confidence: Double

        public init(topic: TopicID, confidence: Double) {
            self.topic = topic
            self.confidence = confidence
        }
    }

    /// The variety of the message itself, `other` included.
    public let variety: Variety
    public let decision: Decision
    /// The topic that was answered or that alarmed.
    public let topic: TopicID?
    /// Estimated probability, 0 to 1, that the best candidate is right.
    public let confidence: Double
    /// At most three, best first.
    public let candidates: [Candidate]

    public init(
        variety: Variety, decision: Decision, topic: TopicID?, confidence: Double, candidates: [Candidate]
    ) {
        self.variety = variety
        self.decision = decision
        self.topic = topic
        self.confidence = confidence
        self.candidates = candidates
    }
}
