import Messaging
import OMEMO
import XMPP

/// The channel's codec without a link, for the package in `Benchmarks` only.
@_spi(Benchmarks)
public struct DetachedXMPPCodec: Sendable {
    private let lists = KnownDeviceLists()

    public init() {}

    /// See `XMPPCodec`.
    public func codec(engine: OMEMOEngine, savepoint: @escaping XMPPCodec.Savepoint) -> XMPPCodec {
        XMPPCodec(engine: engine, lists: lists, savepoint: savepoint)
    }

    /// A stanza as the link hands it over.
    public func payload(_ stanza: Element) -> any EnvelopePayload { StanzaPayload(stanza: stanza) }

    /// What the link brings for an account whose devices all have sessions.
    /// - Parameter jid: a bare JID; its device list counts as fetched from here on.
    public func material(for jid: String) -> any PreparationMaterial {
        lists.insert(jid)
        return BundleMaterial(bundles: [])
    }
}
