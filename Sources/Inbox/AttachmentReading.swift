import Foundation
import Messaging
import Sealing
import StaffProtocol
import Unsealing

/// An attachment, opened on this machine.
public struct OpenedAttachment: Sendable {
    public var conversation: Int64
    public var info: AttachmentInfo
    public var kind: AttachmentKind
    /// Its name as it came: text of others, not to be used as a path.
    public var name: String
    public var content: Data
}

/// Why an attachment cannot be opened.
public struct AttachmentRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// The bridge does not have it yet.
        case notYet
        /// It cannot be had any more.
        case lost
        /// It is there, and is not what was sent.
        case altered
        /// Its message does not open for this member.
        case closed
    }

    public let kind: Kind
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

/// Fetches attachments from the bridge, verifies and opens them here.
public struct AttachmentReading: Sendable {
    private let connection: StaffConnection

    public init(_ connection: StaffConnection) { self.connection = connection }

    /// - Throws: `AttachmentRefusal`, `APIError`, `ConnectionError`.
    public func open(_ id: Int64) async throws -> OpenedAttachment {
        let page = try await connection.attachment(id)
        let opener = ConversationOpener(keys: connection.keys, role: try await connection.role())
        let line = try await opener.open([page.item], [page.segment], contact: page.contact).first
        guard let record = line?.attachment, let info = page.item.attachment else {
            throw AttachmentRefusal(.closed, "The message of \(ShortID(.attachment, id)) cannot be opened.")
        }
        if line?.doubts.contains(.contact) == true {
            throw AttachmentRefusal(.altered, "\(info.shortID) was sealed for another contact: it is not opened.")
        }
        try Self.requireFetched(info)
        let sealed = try await connection.attachmentContent(id)
        guard let content = record.secret.open(Data(sealed)) else {
            throw AttachmentRefusal(
                .altered,
                "\(info.shortID) is not what was sent: it was altered or cut off on its way or on the bridge's disk. "
                    + "It is not opened; ask the contact to send it again.")
        }
        try? await connection.reportOpened(OpenedReport(conversation: page.item.conversation, items: 1))
        return OpenedAttachment(
            conversation: page.item.conversation, info: info, kind: record.kind, name: record.name, content: content)
    }

    private static func requireFetched(_ info: AttachmentInfo) throws(AttachmentRefusal) {
        let why = info.failure.map { " (\($0))" } ?? ""
        switch info.state {
        case "waiting" where info.attempts == 0:
            throw AttachmentRefusal(.notYet, "\(info.shortID) is not here yet: the bridge is fetching it.")
        case "waiting":
            throw AttachmentRefusal(
                .notYet,
                "\(info.shortID) is not here yet: the bridge tried \(info.attempts) times\(why), and tries again.")
        case "too-large":
            throw AttachmentRefusal(
                .lost, "\(info.shortID) is larger than the bridge takes (attachments.limit-mb). Ask for a smaller one.")
        case "failed":
            throw AttachmentRefusal(
                .lost,
                "\(info.shortID) could not be fetched\(why); its address may have expired. Ask the contact to send it "
                    + "again.")
        default: break
        }
    }
}
