import BotContent
import Bridge
import DeploymentConfiguration
import Foundation
import Logging
import Messaging
import OMEMO
import Sealing
import SignalProtocol
@_spi(FaultTests) import Store
import XMPP
import XMPPChannel

/// The parts of one deployment, made from its configuration.
struct Parts: Sendable {
    let configuration: SilaConfiguration
    let composition: Composition
    private let logger: Logger
    private let channel: XMPPChannel
    private let transport: TransportOptions

    /// Reads the account's password.
    init(configuration: SilaConfiguration, composition: Composition, logger: Logger) throws {
        self.configuration = configuration
        self.composition = composition
        self.logger = logger
        let client = try ClientConfiguration(configuration.xmpp)
        channel = XMPPChannel(configuration: client, logger: logger)
        transport = client.transport
    }

    var link: any ChannelLink { channel.link }
    /// The server as errors and the log name it.
    var serverName: String { configuration.xmpp.serverName }
    var firstConnection: FirstConnection { FirstConnection(options: transport, server: serverName) }

    /// The working key, where the machine itself has it; `nil` in key mode `operator`.
    func workingKey() throws -> WorkingKey? {
        switch configuration.keys.mode {
        case .file(let path): try WorkingKeySource.file(path: path).load()
        case .tpm(let credential): try WorkingKeySource.credential(name: credential).load()
        case .operator: nil
        }
    }

    func roster() throws -> VerifiedRoster {
        try VerifiedRoster.load(rosterPath: configuration.keys.roster, pinPath: configuration.keys.rosterPin)
    }

    func openStore(key: WorkingKey, roster: VerifiedRoster) throws -> Writer {
        try Store.open(
            path: configuration.store.path, workingKey: key, sealer: ArchiveSealer(roster: roster),
            durability: composition.durability, observer: composition.observer)
    }

    /// Puts each channel's ratchets on the writer's executor.
    func addCodecs(to writer: Writer) async throws {
        let channel = channel
        let account = try JID(configuration.xmpp.jid).bare.text
        try await writer.addCodec(for: .xmpp) { store in
            let engine = try OMEMOEngine(context: SignalContext(), store: store, ownJID: account)
            try engine.setUp()
            let codec = channel.codec(engine: engine, savepoint: { try store.savepoint($0) })
            channel.renewSessions(with: try store.devicesWithoutSession(limit: XMPPChannel.mostRenewals))
            return codec
        }
        try await writer.addCodec(for: .practice) { _ in PracticeCodec() }
    }

    /// Fetches what contacts send.
    func attachmentWorker(_ writer: Writer) -> AttachmentWorker {
        AttachmentWorker(
            writer: writer, fetcher: HTTPSFetcher(configuration), limit: configuration.attachments.limit, logger: logger
        )
    }

    /// Lays down what staff send; `nil` on a channel whose server takes no files.
    func uploadWorker(_ writer: Writer) -> UploadWorker? {
        (link as? any FileLink).map {
            UploadWorker(writer: writer, link: $0, uploader: HTTPSUploader(configuration), logger: logger)
        }
    }

    /// Bot, suggestions and practice; `nil` when the composition has a responder of its own.
    ///
    /// - Parameter keepsModels: whether trained models lie beside the store, for the next start.
    func content(keepsModels: Bool) throws -> DeploymentContent? {
        if composition.responder != nil { return nil }
        let cache = ModelCache(
            path: URL(fileURLWithPath: configuration.store.path).deletingLastPathComponent()
                .appendingPathComponent("bot-models.cache").path)
        return try DeploymentContent(
            content: configuration.content, defaultLanguage: configuration.defaultLanguage,
            cache: keepsModels ? cache : nil)
    }

    func responder(_ content: DeploymentContent?) throws -> any Responder {
        if let responder = composition.responder { return responder }
        guard let content else { throw DaemonError(.configuration, "there is no content to answer from") }
        return BotResponder(engine: content.engine)
    }
}
