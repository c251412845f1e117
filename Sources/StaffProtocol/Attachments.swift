import Foundation

/// What the bridge knows of a file that belongs to a message, without opening anything.
public struct AttachmentInfo: Codable, Sendable, Equatable {
    /// What `ShortID` shows as `a12`.
    public var id: Int64
    /// `voice`, `photo`, `video`, `document`: by the ending of its name.
    public var kind: String
    /// Of a contact: `waiting`, `fetched`, `failed`, `too-large`. Of staff: `uploading`, `uploaded`, `failed`,
    /// `too-large`.
    public var state: String
    /// Bytes as the bridge keeps it, 16 more than the file has; 0 while not known.
    public var size: Int64
    /// How often the bridge tried in vain.
    public var attempts: Int
    /// Why the last time: a fixed word.
    public var failure: String?
    /// Voice notes: when somebody of staff heard it, and who.
    public var heardAt: Milliseconds?
    public var heardBy: String?

    public init(
        id: Int64, kind: String, state: String, size: Int64, attempts: Int = 0, failure: String? = nil,
        heardAt: Milliseconds? = nil, heardBy: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.state = state
        self.size = size
        self.attempts = attempts
        self.failure = failure
        self.heardAt = heardAt
        self.heardBy = heardBy
    }

    public var shortID: ShortID { ShortID(.attachment, id) }
}

/// `GET /v1/attachments/{id}`: the message of an attachment, in whose record its key lies.
public struct AttachmentPage: Codable, Sendable, Equatable {
    public var item: SealedItem
    public var segment: SealedSegment
    public var contact: Int64

    public init(item: SealedItem, segment: SealedSegment, contact: Int64) {
        self.item = item
        self.segment = segment
        self.contact = contact
    }
}

/// `POST /v1/attachments/{id}/send`: sends a file that was laid at the bridge before, sealed. The bridge tells its
/// key to the contact inside an encrypted message.
public struct NewAttachment: Codable, Sendable, Equatable {
    /// Bytes of a sealed file at most.
    public static let limit = 25_000_000
    public static let nameLimit = 120

    /// As in `ReplyRequest`.
    public var seen: Int64
    /// `voice`, `photo`, `video`, `document`.
    public var kind: String
    /// Kept sealed; the contact and servers see its ending only.
    public var name: String
    /// 32 bytes.
    public var key: Data
    /// 12 bytes.
    public var nonce: Data

    public init(seen: Int64, kind: String, name: String, key: Data, nonce: Data) {
        self.seen = seen
        self.kind = kind
        self.name = name
        self.key = key
        self.nonce = nonce
    }
}

/// `PUT /v1/attachments/{id}/heard`.
public struct HeardRequest: Codable, Sendable, Equatable {
    public var heard: Bool
    public init(heard: Bool) { self.heard = heard }
}

/// A file on the bridge's disk.
public struct AttachmentFile: Sendable, Equatable {
    public var path: String
    /// Bytes.
    public var size: Int64

    /// The media type in which it is served: it is sealed.
    public static let contentType = "application/octet-stream"

    public init(path: String, size: Int64) {
        self.path = path
        self.size = size
    }
}
