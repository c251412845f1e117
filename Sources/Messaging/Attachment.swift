/// What an attachment is, as far as its name shows. Stands in the clear in the store.
public enum AttachmentKind: String, Sendable, Codable, CaseIterable {
    case voice, photo, video, document
}

/// Opens one attachment: AES-256-GCM. Printing it shows nothing.
public struct AttachmentSecret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public static let keyCount = 32
    /// XEP-0454 §3 has 12; older apps sent 16.
    public static let nonceCounts = [12, 16]
    /// Bytes of the authentication tag at the end of the ciphertext.
    public static let tagCount = 16

    public let key: [UInt8]
    public let nonce: [UInt8]

    /// `nil` when a length is not one of those above.
    public init?(key: [UInt8], nonce: [UInt8]) {
        guard key.count == Self.keyCount, Self.nonceCounts.contains(nonce.count) else { return nil }
        self.key = key
        self.nonce = nonce
    }

    /// - Parameters: of one of the lengths above.
    package init(unchecked key: [UInt8], nonce: [UInt8]) {
        self.key = key
        self.nonce = nonce
    }

    public var description: String { "<attachment key>" }
    public var debugDescription: String { description }
}

/// A file that a contact sent: where it lies, and what opens it. Printing it shows its kind only.
public struct IncomingAttachment: Sendable, Equatable, CustomStringConvertible {
    /// `https://…`, without a fragment.
    public let url: String
    /// The file's name as it came, at most `nameLimit` characters: text of others.
    public let name: String
    public let kind: AttachmentKind
    /// `nil`: it lies there for everyone to read.
    public let secret: AttachmentSecret?

    public static let nameLimit = 120

    public init(url: String, name: String, kind: AttachmentKind, secret: AttachmentSecret?) {
        self.url = url
        self.name = String(name.prefix(Self.nameLimit))
        self.kind = kind
        self.secret = secret
    }

    public var description: String { "<attachment: \(kind.rawValue)>" }
}

extension AttachmentKind {
    /// By the ending of a file's name: nothing of the content is looked at.
    public init(fileName: String) {
        let ending = fileName.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last ?? ""
        switch ending.lowercased() {
        case "ogg", "oga", "opus", "m4a", "aac", "amr", "mp3", "3ga", "wav", "flac", "weba", "caf": self = .voice
        case "jpg", "jpeg", "png", "gif", "webp", "heic", "heif", "bmp", "avif": self = .photo
        case "mp4", "mov", "3gp", "webm", "mkv", "m4v", "avi": self = .video
        default: self = .document
        }
    }
}
