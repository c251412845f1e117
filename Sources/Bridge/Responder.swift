import struct Foundation.Date
import Messaging
import Store

/// What answers: the bot, or an echo in fault tests. Pure: no I/O, no clock; it is called with
/// the message and the dialogue's state, on any thread, for many conversations at once.
public protocol Responder: Sendable {
    func respond(to input: ResponderInput) -> ResponderOutput
    /// A message could not be opened and may be sent again.
    ///
    /// - Parameter state: as in `ResponderInput`.
    func respondToUnreadable(now: Date, state: [UInt8]) -> ResponderOutput
}

extension Responder {
    /// Says nothing; a person reads what was set aside.
    public func respondToUnreadable(now: Date, state: [UInt8]) -> ResponderOutput {
        ResponderOutput(state: state, replies: [], handsOver: true)
    }
}

public struct ResponderInput: Sendable {
    public let text: String
    public let protection: Protection
    /// When the message is answered.
    public let now: Date
    /// The first message of this address.
    public let isFirst: Bool
    /// What `ResponderOutput.state` was the last time; empty at first.
    public let state: [UInt8]
    /// Of the words of a card: what came of them; `nil` for any other message.
    public let arrival: ArrivalOutcome?
    /// Of the words of a card: the language in which they are written, a BCP 47 tag; `nil` where it does not show.
    public let arrivalLanguage: String?
    /// A file that came with it.
    public let attachment: AttachmentKind?

    public init(
        text: String, protection: Protection, now: Date, isFirst: Bool, state: [UInt8], arrival: ArrivalOutcome? = nil,
        arrivalLanguage: String? = nil, attachment: AttachmentKind? = nil
    ) {
        self.arrival = arrival
        self.arrivalLanguage = arrivalLanguage
        self.text = text
        self.protection = protection
        self.now = now
        self.isFirst = isFirst
        self.state = state
        self.attachment = attachment
    }
}

public struct ResponderOutput: Sendable {
    public struct Reply: Sendable {
        public let text: String
        /// The protection the reply may be sent with: `.none` only for words that give nothing away.
        public let protection: Protection
        /// The topic it answers, kept in the sealed record.
        public let topic: String?
        /// The variety of the words (`nl`, `ary-Latn` …), kept in the sealed record.
        public let variety: String?

        public init(text: String, protection: Protection, topic: String?, variety: String?) {
            self.text = text
            self.protection = protection
            self.topic = topic
            self.variety = variety
        }
    }

    public var state: [UInt8]
    public var replies: [Reply]
    /// A person must read this conversation.
    public var handsOver: Bool
    /// What staff see of the decision; `nil`: nothing to tell.
    public var note: ResponderNote?

    public init(state: [UInt8], replies: [Reply], handsOver: Bool, note: ResponderNote? = nil) {
        self.state = state
        self.replies = replies
        self.handsOver = handsOver
        self.note = note
    }
}

/// What the bot made of a message: fixed words and topic names, nothing of the text.
public struct ResponderNote: Sendable {
    public struct Candidate: Sendable {
        public let topic: String
        /// Estimated probability, 0 to 1.
        public let confidence: Double

        public init(topic: String, confidence: Double) {
            self.topic = topic
            self.confidence = confidence
        }
    }

    /// `answer`, `ask`, `handover`, `urgent`, `smalltalk`, `language`, `unencrypted`.
    public var decision: String
    /// Why a person is asked to look; empty if not.
    public var reason: String
    /// Who is asked to look; empty if nobody.
    public var target: String
    /// The topic that was answered or that alarmed; empty if none.
    public var topic: String
    /// Best first.
    public var candidates: [Candidate]
    /// The variety the contact wrote, a BCP 47 tag; empty when it was not recognised.
    public var variety: String
    /// Somebody may be in danger.
    public var isDanger: Bool

    public init(
        decision: String, reason: String = "", target: String = "", topic: String = "", candidates: [Candidate] = [],
        variety: String = "", isDanger: Bool = false
    ) {
        self.decision = decision
        self.reason = reason
        self.target = target
        self.topic = topic
        self.candidates = candidates
        self.variety = variety
        self.isDanger = isDanger
    }
}
