import Bridge
import DeploymentConfiguration
import FileTransfer

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
