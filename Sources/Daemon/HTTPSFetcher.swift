import Bridge
import DeploymentConfiguration
import FileTransfer
import Foundation
import Messaging

/// Fetches attachments over HTTPS, as the deployment's configuration has it.
struct HTTPSFetcher: AttachmentFetcher {
    private let transfer: FileTransfer

    init(_ configuration: SilaConfiguration) {
        let attachments = configuration.attachments
        transfer = FileTransfer(
            .init(
                authority: attachments.caFile, proxy: configuration.xmpp.proxy.map { "\($0.host):\($0.port)" },
                allowsPrivate: attachments.allowsPrivate))
    }

    func fetch(_ url: String, to descriptor: Int32, limit: Int64) async throws -> Int64 {
        do {
            return try await transfer.download(url, to: descriptor, limit: limit)
        } catch {
            switch error.kind {
            case .cancelled: throw CancellationError()
            case .tooLarge: throw AttachmentFailure(error.word, .tooLarge)
            case .privateAddress: throw AttachmentFailure(error.word, .never)
            default: throw AttachmentFailure(error.word, .maybeLater)
            }
        }
    }
}

/// Lays files down over HTTPS, where our own XMPP server says.
struct HTTPSUploader: AttachmentUploader {
    private let transfer: FileTransfer

    init(_ configuration: SilaConfiguration) {
        transfer = FileTransfer(
            .init(
                authority: configuration.attachments.caFile,
                proxy: configuration.xmpp.proxy.map { "\($0.host):\($0.port)" },
                // The address comes from our own server, which may stand beside us.
                allowsPrivate: true))
    }

    func upload(_ path: String, size: Int64, to slot: UploadSlot) async throws {
        guard let file = FileHandle(forReadingAtPath: path) else { throw AttachmentFailure("file-missing", .never) }
        do {
            try await transfer.upload(
                file.fileDescriptor, size: size, to: slot.put,
                headers: ["Content-Type: application/octet-stream"] + slot.headers)
        } catch {
            switch error.kind {
            case .cancelled: throw CancellationError()
            case .tooLarge: throw AttachmentFailure("too-large-for-server", .tooLarge)
            default: throw AttachmentFailure(error.word, .maybeLater)
            }
        }
    }
}
