import Foundation
import Messaging
import Sealing
import StaffProtocol

/// One thing of a conversation as a person reads it. Texts are words of others: they go through
/// `SafeText` before they reach a terminal.
public struct ConversationLine: Sendable, Equatable {
    /// Who wrote it.
    public enum Author: Sendable, Equatable {
        case contact
        case bot
        /// Their short name in the roster; empty when it is not known.
        case member(String)
        case unknown
    }

    /// What it says, or why nothing can be read.
    public enum Content: Sendable, Equatable {
        case message(String)
        /// A message that the bridge could not open.
        case unreadable(code: String, reason: String)
        case note(String)
        case tag(String)
        case task(String)
        case proposal(String, EntryRecord.Proposal)
        /// This member's role has no key for the compartment.
        case closed(Compartment)
        /// The contact was erased: nobody can read it any more.
        case erased
        /// It does not open, or what is in it is not of the documented form. The rest is not affected.
        case damaged(String)
    }

    /// Something that the bridge says otherwise than what was sealed. The sealed side is shown.
    public enum Doubt: String, Sendable, CaseIterable {
        case direction, author, protection
        /// It was sealed for another contact than the conversation's.
        case contact
    }

    /// The item as the bridge keeps it, without its sealed bytes: stage, assignee, outcome.
    public var item: SealedItem
    public var content: Content
    public var author: Author
    /// When it was written; what could not be opened has the time at which it was stored.
    public var at: Date
    /// Where its encryption ended: messages only.
    public var protection: Protection?
    /// Messages of a contact: from a device that was not seen before, though one was.
    public var deviceIsNew: Bool
    /// The variety, a BCP 47 tag.
    public var language: String?
    /// The topic the bot found or answered with, or that a member sent.
    public var topic: String?
    public var doubts: Set<Doubt>
    /// The earlier message that this one is about.
    public var reference: MessageReference?
    /// The contact has taken it back, or put other words in its place: the last message that does so. The record
    /// stays as it is.
    public var retractedBy: ShortID?
    public var correctedBy: ShortID?
    /// What the contact put to it last: a sign or two; `nil` for none.
    public var reaction: String?
    /// Messages: the file that belongs to it, with what opens it.
    public var attachment: AttachmentRecord?
    /// Where it is sealed: who may read it. `nil` when its segment is missing.
    public var compartment: Compartment?

    public var id: ShortID { item.shortID }

    /// The text of a message, note, tag, task or proposal.
    public var text: String? {
        switch content {
        case .message(let text), .note(let text), .tag(let text), .task(let text), .proposal(let text, _): text
        case .unreadable, .closed, .erased, .damaged: nil
        }
    }

    init(_ item: SealedItem, _ content: Content, author: Author = .unknown, at: Date? = nil) {
        self.item = item
        self.item.sealed = Data()
        self.content = content
        self.author = author
        self.at = at ?? Date(milliseconds: item.storedAt)
        deviceIsNew = false
        doubts = []
    }
}

/// A page of a conversation, opened.
public struct OpenedConversation: Sendable, Equatable {
    public var row: InboxRow
    /// Oldest first.
    public var lines: [ConversationLine]
    /// To be given as `before` for older ones; empty when there are none, or none for this member.
    public var older: String
    /// Older ones exist that this role is not served.
    public var olderWithheld: Bool
    /// The number of the last event that this reflects.
    public var event: Int64
    /// The person's other conversations, whose lines stand among these; empty without any.
    public var linked: [InboxRow] = []

    public var id: ShortID { ShortID(.conversation, row.conversation) }
    /// The position of the newest item that is shown here: what a reply names as seen.
    public var newest: Int64 { lines.map(\.item.position).max() ?? 0 }
}
