import struct Foundation.Date
import Messaging

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

    public init(text: String, protection: Protection, now: Date, isFirst: Bool, state: [UInt8]) {
        self.text = text
        self.protection = protection
        self.now = now
        self.isFirst = isFirst
        self.state = state
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

    public init(state: [UInt8], replies: [Reply], handsOver: Bool) {
        self.state = state
        self.replies = replies
        self.handsOver = handsOver
    }
}
