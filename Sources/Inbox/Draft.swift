import Foundation
import Sealing
import StaffProtocol

/// Words that were not sent yet, or of which it is not known whether they were.
public struct Draft: Sendable, Equatable, Codable {
    /// What they are to become: drafts of different purposes in one conversation do not touch each other.
    public enum Purpose: String, Sendable, CaseIterable {
        case reply, note
        case confidentialNote = "confidential-note"
        /// Why a proposal goes back to its author.
        case giveBack = "give-back"
        case task
        /// A colleague's words on their way to the contact: no draft of this member's.
        case approval
    }

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
    /// Notes: the id of the change that they become, and the body that was given under it. The same words
    /// under the same id are stored once.
    public var change: String?
    var entry: Data?
    /// When the words were last changed; `nil` when nobody noted it.
    public var changedAt: Milliseconds?
    /// What lay on the disk when this was read or kept: tells what another program did meanwhile.
    var known = Known()

    /// Is not stored, and makes no draft another one.
    struct Known: Sendable, Equatable {
        /// `nil` when nothing was read.
        var text: String?

        static func == (first: Known, second: Known) -> Bool { true }
    }

    private enum CodingKeys: String, CodingKey {
        case conversation, text, seen, topic, variety, original, proposal, attempt, change, entry, changedAt
    }

    /// A request that is open.
    public struct Attempt: Sendable, Equatable, Codable {
        public enum Kind: String, Sendable, Codable { case reply, proposal }

        public let kind: Kind
        let key: String
        /// The body, byte for byte.
        let body: Data
        /// The words in it.
        public let text: String

        /// The same request without the consent to go out readable; `nil` when there is none in it.
        var withoutConsent: Attempt? {
            guard kind == .reply, var request = try? JSONDecoder().decode(ReplyRequest.self, from: body),
                request.inTheClear == true
            else { return nil }
            request.inTheClear = nil
            guard let body = try? StaffRequest.encode(request) else { return nil }
            return Attempt(kind: kind, key: key, body: Data(body), text: text)
        }
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

    /// The same draft with other words, which take the place of these when they are kept.
    public func with(text: String) -> Draft {
        var draft = self
        draft.text = text
        return draft
    }

    /// As it goes to the bridge. That it may go in the clear is said each time; only an attempt on its way keeps it.
    func request(inTheClear: Bool) -> ReplyRequest {
        ReplyRequest(
            text: text, seen: seen, topic: topic, variety: variety, proposal: proposal,
            inTheClear: inTheClear ? true : nil)
    }
}

/// Somebody, mostly the same person in another window, did something with a draft meanwhile.
public struct DraftConflict: Error, Sendable, Equatable, CustomStringConvertible {
    public let conversation: Int64
    /// What is kept now; `nil` when it was sent or forgotten.
    public let kept: Draft?

    public init(conversation: Int64, kept: Draft?) {
        self.conversation = conversation
        self.kept = kept
    }

    public var description: String {
        let id = ShortID(.conversation, conversation)
        guard kept != nil else {
            return "The draft of \(id) was sent or forgotten meanwhile, in another window. Nothing was sent now."
        }
        return "Other words are kept as the draft of \(id), which would be lost. Nothing was sent."
    }
}
