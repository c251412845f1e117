import Bot
import BotContent
import Bridge
import Configuration
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
struct Parts {
    let configuration: SilaConfiguration
    let composition: Composition
    private let workingKey: WorkingKey
    private let sealer: ArchiveSealer
    private let channel: XMPPChannel
    private let transport: TransportOptions

    /// Reads the keys and the account's password.
    init(configuration: SilaConfiguration, composition: Composition, logger: Logger) throws {
        self.configuration = configuration
        self.composition = composition
        let source: WorkingKeySource =
            switch configuration.keys.mode {
            case .file(let path): .file(path: path)
            case .tpm(let credential): .credential(name: credential)
            }
        workingKey = try source.load()
        sealer = ArchiveSealer(
            roster: try VerifiedRoster.load(
                rosterPath: configuration.keys.roster, pinPath: configuration.keys.rosterPin))
        let client = try ClientConfiguration(configuration.xmpp)
        channel = XMPPChannel(configuration: client, logger: logger)
        transport = client.transport
    }

    var links: [any ChannelLink] { [channel.link] }
    /// The server as errors and the log name it.
    var serverName: String { configuration.xmpp.serverName }
    var firstConnection: FirstConnection { FirstConnection(options: transport, server: serverName) }

    func openStore() throws -> Writer {
        try Store.open(
            path: configuration.store.path, workingKey: workingKey, sealer: sealer,
            durability: composition.durability, observer: composition.observer)
    }

    /// Puts each channel's ratchets on the writer's executor.
    func addCodecs(to writer: Writer) async throws {
        let channel = channel
        let account = try JID(configuration.xmpp.jid).bare.text
        try await writer.addCodec(for: .xmpp) { store in
            let engine = try OMEMOEngine(context: SignalContext(), store: store, ownJID: account)
            try engine.setUp()
            return channel.codec(engine: engine, savepoint: { try store.savepoint($0) })
        }
    }

    /// The bot over the deployment's content, unless the composition has another responder.
    func responder() throws -> any Responder {
        if let responder = composition.responder { return responder }
        return try BotResponder(content: configuration.content, defaultLanguage: configuration.defaultLanguage)
    }
}
