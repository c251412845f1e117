import Messaging

/// A file that belongs to a message, as the message's record keeps it: what it is called, where it lay, and what
/// opens it. The file itself stays as it came, outside of the archive.
public struct AttachmentRecord: Hashable, Sendable {
    public var kind: AttachmentKind
    /// As it came: text of others.
    public var name: String
    /// `https://…`, without a fragment.
    public var url: String
    /// What opens the file as the bridge keeps it.
    public var secret: AttachmentSecret

    public init(kind: AttachmentKind, name: String, url: String, secret: AttachmentSecret) {
        self.kind = kind
        self.name = name
        self.url = url
        self.secret = secret
    }
}

extension AttachmentRecord {
    private enum Tag: UInt8 {
        case kind = 13
        case name, url, key, nonce
    }

    /// The last tag of a message record of version 2.
    package static let lastTag: UInt8 = 17

    func write(to writer: inout FieldWriter) {
        writer.add(Tag.kind.rawValue, kind.rawValue)
        writer.add(Tag.name.rawValue, name)
        writer.add(Tag.url.rawValue, url)
        writer.add(Tag.key.rawValue, secret.key)
        writer.add(Tag.nonce.rawValue, secret.nonce)
    }

    init(reading reader: FieldReader) throws(SealingError) {
        guard let kind = AttachmentKind(rawValue: try reader.string(Tag.kind.rawValue)) else {
            throw .malformed(format: MessageRecord.format, reason: "the kind of its attachment is not known")
        }
        let (key, nonce) = (try reader.bytes(Tag.key.rawValue), try reader.bytes(Tag.nonce.rawValue))
        guard let secret = AttachmentSecret(key: Array(key), nonce: Array(nonce)) else {
            throw .malformed(format: MessageRecord.format, reason: "the key of its attachment has the wrong length")
        }
        self.init(
            kind: kind, name: try reader.string(Tag.name.rawValue), url: try reader.string(Tag.url.rawValue),
            secret: secret)
    }
}
