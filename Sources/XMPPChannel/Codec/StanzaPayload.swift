import Messaging
import OMEMO
import XMPP

/// A received `<message/>` on its way to the codec.
struct StanzaPayload: EnvelopePayload {
    let stanza: Element

    func encoded() -> [UInt8] { stanza.serialized() }

    var size: Int { stanza.size }

    var isEncrypted: Bool {
        stanza.first("encrypted", OMEMONamespace.axolotl) != nil || ForeignEncryption(in: stanza) != nil
    }
}

/// Bundles of the devices with which there is no session yet, fetched by the link.
struct BundleMaterial: PreparationMaterial {
    let bundles: [(device: UInt32, bundle: PreKeyBundle)]
}
