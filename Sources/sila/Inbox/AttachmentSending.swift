import Foundation
import Inbox
import Messaging
import Sealing
import StaffProtocol

/// Sends a file: cleaned and sealed on this machine, so that the bridge and every server see ciphertext.
struct AttachmentSending {
    let session: BridgeSession
    let isJSON: Bool

    func send(_ path: String, to conversation: ConversationArgument, seen: Int64) async throws {
        let name = String((path as NSString).lastPathComponent.prefix(NewAttachment.nameLimit))
        let kind = AttachmentKind(fileName: name)
        var content = try read(path)
        switch ImageCleaner.clean(content) {
        case .cleaned(let clean): content = clean
        case .notAnImage where kind == .photo || kind == .video:
            Output.standardError(
                "sila: what the camera wrote into '\(Foreign.word(name))' (place, time, device) goes along: it is no "
                    + "JPEG or PNG.\n")
        case .notAnImage: break
        }
        let secret = AttachmentSecret.random()
        let sealed = try AttachmentCipher.seal(content, with: secret)
        let staged = try await session.connection.addAttachment(conversation.number, sealed: Array(sealed))
        let sent = try await session.connection.sendAttachment(
            staged.id,
            NewAttachment(
                seen: seen, kind: kind.rawValue, name: name, key: Data(secret.key), nonce: Data(secret.nonce)))
        let id = ShortID(.message, sent.id)
        let what = "\(AttachmentWords.kind(kind)), \(AttachmentWords.size(Int64(content.count)))"
        let words =
            sent.held == nil
            ? "The \(what), goes to \(conversation.id) as \(id)."
            : "HELD as \(id): the \(what). The contact has a new device. It goes out once you have confirmed or "
                + "refused the device: sila device list \(conversation.id)"
        try Output.standardOutput(
            isJSON
                ? Output.json(
                    Report(
                        done: sent.held == nil ? "sent" : "held", conversation: conversation.id.description,
                        id: id.description, position: sent.position))
                : words + "\n")
    }

    private struct Report: Encodable {
        let version = 1
        /// `sent`, or `held` until staff decide about a new device.
        let done: String
        let conversation: String
        let id: String
        let position: Int64
    }

    private func read(_ path: String) throws -> Data {
        let most = NewAttachment.limit - AttachmentSecret.tagCount
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure(.missing, "'\(path)' cannot be read: is it there, and is it yours?")
        }
        let content: Data
        do {
            content = try handle.read(upToCount: most + 1) ?? Data()
        } catch {
            throw CommandFailure(.io, "'\(path)' cannot be read.")
        }
        guard !content.isEmpty else { throw CommandFailure(.data, "'\(path)' is empty.") }
        guard content.count <= most else {
            throw CommandFailure(
                .data, "'\(path)' has more than \(most / 1_000_000) MB: make it smaller, or send parts.")
        }
        return content
    }
}
