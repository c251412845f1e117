import Crypto
import Foundation
import Messaging
import Sealing

/// A segment key as it lies in the archive: wrapped to the archive key of its compartment.
public struct SealedSegment: Codable, Sendable, Equatable {
    /// 16 bytes.
    public var token: Data
    public var contact: Int64
    /// Days since 1970-01-01.
    public var day: Int32
    public var compartment: Compartment
    /// 97 bytes; empty when the key was deleted: the contact's records were erased.
    public var wrapped: Data

    public init(token: Data, contact: Int64, day: Int32, compartment: Compartment, wrapped: Data) {
        self.token = token
        self.contact = contact
        self.day = day
        self.compartment = compartment
        self.wrapped = wrapped
    }

    /// What wrapped key and records are bound to. Throws `SealingError` when a length is wrong.
    public func description() throws(SealingError) -> SegmentDescription {
        SegmentDescription(
            id: try SegmentID(bytes: Array(token)), contact: ContactID(contact),
            day: ArchiveDay(daysSince1970: day), compartment: compartment)
    }
}

/// One thing of a conversation, sealed.
public struct SealedItem: Codable, Sendable, Equatable {
    /// The raw value is also the `RecordKind` it is sealed as.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case message, unreadable, note, tag, task, proposal

        public var shortID: ShortID.Kind {
            switch self {
            case .message: .message
            case .unreadable: .unreadable
            case .note: .note
            case .tag: .tag
            case .task: .task
            case .proposal: .proposal
            }
        }
    }

    public var kind: Kind
    /// The row number within its kind: what `ShortID` shows.
    public var id: Int64
    /// The order over all kinds of one deployment: rises with each item.
    public var position: Int64
    public var conversation: Int64
    /// The token of its segment.
    public var segment: Data
    /// 16 bytes chosen by the staff program that sealed it; `nil`: bound to its row number.
    public var token: Data?
    public var storedAt: Milliseconds
    public var sealed: Data
    /// Messages: `in` or `out`.
    public var direction: String?
    /// Messages: `end-to-end` or `none`.
    public var protection: String?
    /// Messages of ours: the stage of delivery (`intent` … `confirmed`, `uncertain`, `failed`).
    public var stage: String?
    /// Unreadable: why, a fixed word. Failed messages: why. A reply of stage `intent`: `new-device` when it is held
    /// until staff decide about a device.
    public var code: String?
    /// Notes, tags, tasks, proposals: who made it.
    public var author: String?
    /// Tasks: for whom; the day it is due (days since 1970); when and by whom it was done.
    public var assignee: String?
    public var due: Int32?
    /// Tasks done, tags taken off, proposals decided: when, by whom, how.
    public var closedAt: Milliseconds?
    public var closedBy: String?
    /// `done`, `removed`, `approved`, `returned`, `withdrawn`.
    public var outcome: String?
    /// Messages: the file that belongs to it.
    public var attachment: AttachmentInfo?

    public init(
        kind: Kind, id: Int64, position: Int64, conversation: Int64, segment: Data, token: Data? = nil,
        storedAt: Milliseconds, sealed: Data, direction: String? = nil, protection: String? = nil,
        stage: String? = nil, code: String? = nil, author: String? = nil, assignee: String? = nil,
        due: Int32? = nil, closedAt: Milliseconds? = nil, closedBy: String? = nil, outcome: String? = nil,
        attachment: AttachmentInfo? = nil
    ) {
        self.kind = kind
        self.id = id
        self.position = position
        self.conversation = conversation
        self.segment = segment
        self.token = token
        self.storedAt = storedAt
        self.sealed = sealed
        self.direction = direction
        self.protection = protection
        self.stage = stage
        self.code = code
        self.author = author
        self.assignee = assignee
        self.due = due
        self.closedAt = closedAt
        self.closedBy = closedBy
        self.outcome = outcome
        self.attachment = attachment
    }

    public var shortID: ShortID { ShortID(kind.shortID, id) }
    public var recordKind: RecordKind { RecordKind(rawValue: kind.rawValue) }
    public var record: RecordID { token.map { .token(Array($0)) } ?? .row(id) }
}

/// `POST /v1/conversations/{id}/entries`: what a staff program sealed: a note, tag, task, proposal.
public struct NewEntry: Codable, Sendable, Equatable {
    /// Not `message`, not `unreadable`.
    public var kind: SealedItem.Kind
    public var segment: SealedSegment
    /// 16 random bytes.
    public var token: Data
    public var sealed: Data
    public var assignee: String?
    public var due: Int32?
    /// Proposals: `words(of:in:)`, by which the bridge knows these words when an intern approves them. Without it
    /// no intern can.
    public var words: Data?

    /// Bytes of `words`.
    public static let wordsCount = SHA256.byteCount

    /// SHA-256 of a proposal's words.
    ///
    /// - Parameter variety: in which they are, as far as it is known.
    public static func words(of text: String, in variety: String?) -> Data {
        Data(SHA256.hash(data: Data("sila proposal\n\(variety ?? "")\n\(text)".utf8)))
    }

    public init(
        kind: SealedItem.Kind, segment: SealedSegment, token: Data, sealed: Data, assignee: String? = nil,
        due: Int32? = nil, words: Data? = nil
    ) {
        self.kind = kind
        self.segment = segment
        self.token = token
        self.sealed = sealed
        self.assignee = assignee
        self.due = due
        self.words = words
    }
}

/// The answer to a change: what it was given.
public struct Created: Codable, Sendable, Equatable {
    public var id: Int64
    public var position: Int64
    /// Of a reply: why it does not leave yet, `new-device`.
    public var held: String?
    public init(id: Int64, position: Int64, held: String? = nil) {
        self.id = id
        self.position = position
        self.held = held
    }
}

/// `POST /v1/entries/{id}/close`: a task done, a tag taken off, a proposal returned or withdrawn.
public struct CloseEntry: Codable, Sendable, Equatable {
    public var outcome: String
    public init(outcome: String) { self.outcome = outcome }
}
