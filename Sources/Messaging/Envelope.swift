import struct Foundation.Date

/// A message as a channel received it, still closed: nothing of it is decrypted before the
/// transaction that stores it.
public struct Envelope: Sendable {
    public let sender: Address
    /// What makes this message the same one when the channel hands it over again.
    public let dedup: DedupSource
    /// When the channel's server took it, or when we received it if the server does not say.
    public let sentAt: Date
    /// What was received, in the channel's own form. Opaque outside the channel.
    public let payload: any EnvelopePayload
    /// What to acknowledge after the commit; `nil` for a message read from the archive.
    public let token: AcknowledgementToken?
    /// Where the message stands in the channel's archive, committed with it.
    public let position: ArchivePosition?

    public init(
        sender: Address, dedup: DedupSource, sentAt: Date, payload: any EnvelopePayload,
        token: AcknowledgementToken?, position: ArchivePosition?
    ) {
        self.sender = sender
        self.dedup = dedup
        self.sentAt = sentAt
        self.payload = payload
        self.token = token
        self.position = position
    }
}

/// What a channel received: its own type, which only its codec reads.
public protocol EnvelopePayload: Sendable {
    /// What was received, as bytes: kept sealed when the message must be set aside.
    func encoded() -> [UInt8]
    /// Whether it came end-to-end encrypted, in whatever way, and whether or not it can be opened.
    var isEncrypted: Bool { get }
    /// About how much memory it takes, in bytes.
    var size: Int { get }
}

extension EnvelopePayload {
    public var isEncrypted: Bool { false }
    /// As many as its bytes; a payload that must be encoded first counts itself.
    public var size: Int { encoded().count }
}

/// What identifies a message across repeated deliveries. It is stored only as a keyed hash.
public enum DedupSource: Hashable, Sendable {
    /// The id our own server's archive gave it (XEP-0359 §6), the same live and from the archive.
    case archive(id: String)
    /// Without an archive id: a hash of the encrypted element.
    case content(hash: [UInt8])

    /// The bytes that go into the keyed hash, tagged so that the cases cannot meet.
    public var bytes: [UInt8] {
        switch self {
        case .archive(let id): [0x01] + Array(id.utf8)
        case .content(let hash): [0x02] + hash
        }
    }
}

/// Where the encryption of a message ended.
public enum Protection: String, Sendable, Codable {
    /// Between the contact's device and this bridge (OMEMO).
    case endToEnd = "end-to-end"
    /// Readable for every server on its way.
    case none
}

/// What an envelope turned out to hold.
public enum Opened: Sendable {
    case message(IncomingMessage)
    /// Nothing for a person: a receipt, key transport, a typing notice. The reason is logged.
    case silent(reason: String)
    /// Meant for a person but not readable here (no key for this device, a broken ratchet): it
    /// is set aside with the reason and shown to staff; the channel may ask for it again.
    case unreadable(reason: String)
}

public struct IncomingMessage: Sendable {
    public let text: String
    public let protection: Protection
    /// The sending device, where the channel knows devices.
    public let device: UInt32?
    /// True when this device of a known address was not seen before.
    public let deviceIsNew: Bool
    /// A file that came with it. `text` is then what stood beside it, mostly nothing.
    public let attachment: IncomingAttachment?
    /// The earlier message that this one is about.
    public var reference: IncomingReference?
    /// By which later ones may refer to this one: the ids that the app gave it.
    public var names: [String] = []

    public init(
        text: String, protection: Protection, device: UInt32?, deviceIsNew: Bool, attachment: IncomingAttachment? = nil
    ) {
        self.text = text
        self.protection = protection
        self.device = device
        self.deviceIsNew = deviceIsNew
        self.attachment = attachment
    }
}
