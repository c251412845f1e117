import Logging
import Messaging
import OMEMO
import SignalProtocol
import XMPP

/// XMPP with OMEMO 0.3: its two halves, which share only what is not part of a transaction.
public struct XMPPChannel: Sendable {
    /// The half on the network.
    public let link: any ChannelLink
    private let lists: KnownDeviceLists
    private let owed = OwedMessages()

    public init(configuration: ClientConfiguration, logger: Logger) {
        var configuration = configuration
        configuration.identity.notify(OMEMONamespace.deviceListNode)
        configuration.leavesStreamResumable = true
        lists = KnownDeviceLists()
        link = XMPPLink(configuration: configuration, lists: lists, owed: owed, logger: logger)
    }

    /// What an error about a message of ours says: which one came back, and a fixed word for the reason.
    /// For `Bridge`.
    public static func bounce(of envelope: Envelope) -> (originID: OriginID, code: String)? {
        guard let stanza = (envelope.payload as? StanzaPayload)?.stanza else { return nil }
        return IncomingMessageStanza(
            stanza: stanza, sender: envelope.sender.value, archiveID: nil, sentAt: nil
        ).bounce
    }

    /// Sessions that are renewed at once at most.
    public static let mostRenewals = 1_000

    /// Sends these devices a message without content in a new session, once the channel is online: what their apps
    /// hold of an old one is worth nothing any more.
    public func renewSessions(with devices: [SignalAddress]) {
        for device in devices { owed.note(device.deviceID, of: device.name, .session) }
    }

    /// The half on the writer's executor.
    ///
    /// - Parameter savepoint: runs its argument so that, when it throws, what it stored is undone.
    public func codec(engine: OMEMOEngine, savepoint: @escaping XMPPCodec.Savepoint) -> XMPPCodec {
        XMPPCodec(engine: engine, lists: lists, owed: owed, savepoint: savepoint)
    }
}
