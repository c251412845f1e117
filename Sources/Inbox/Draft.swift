import Foundation
import Sealing
import StaffProtocol

/// A reply that was not sent yet, or of which it is not known whether it was.
public struct Draft: Sendable, Equatable, Codable {
    public let conversation: Int64
    public var text: String
    /// The position of the newest item that its author saw.
    public var seen: Int64
    /// The topic whose text it is, or began as, and in which variety.
    public var topic: String?
    public var variety: String?
    /// The topic's own text, when the words began as one.
    public var original: String?
    /// The proposal of a colleague that this sends.
    public var proposal: Int64?
    /// What was asked of the bridge and not answered: asked again before anything else, with the same
    /// words under the same key, so that it is done once.
    public internal(set) var attempt: Attempt?

    /// A request that is open.
    public struct Attempt: Sendable, Equatable, Codable {
        public enum Kind: String, Sendable, Codable { case reply, proposal }

        public let kind: Kind
        let key: String
        /// The body, byte for byte.
        let body: Data
        /// The words in it.
        public let text: String
    }

    public init(
        conversation: Int64, text: String = "", seen: Int64, topic: String? = nil, variety: String? = nil,
        original: String? = nil, proposal: Int64? = nil
    ) {
        self.conversation = conversation
        self.text = text
        self.seen = seen
        self.topic = topic
        self.variety = variety
        self.original = original
        self.proposal = proposal
    }

    /// As it goes to the bridge.
    var request: ReplyRequest {
        ReplyRequest(text: text, seen: seen, topic: topic, variety: variety, proposal: proposal)
    }
}
