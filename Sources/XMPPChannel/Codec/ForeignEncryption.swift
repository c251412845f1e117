import OMEMO
import XMPP

/// An encryption this bridge does not read. Its fallback body must not be taken for words of the
/// person.
struct ForeignEncryption {
    /// What the app calls it, from a fixed list; nothing the sender wrote.
    let name: String

    private static let known = [
        "urn:xmpp:omemo:2": "OMEMO 2",
        "urn:xmpp:omemo:1": "OMEMO 1",
        "urn:xmpp:openpgp:0": "OpenPGP",
        "jabber:x:encrypted": "OpenPGP (old)",
        "urn:xmpp:otr:0": "OTR",
    ]

    init?(in stanza: Element) {
        // XEP-0380 §3, or the element itself when the app names nothing.
        let declared = stanza.first("encryption", Namespace.encryption)?["namespace"]
        let present = stanza.children.first { Self.known[$0.namespace] != nil }?.namespace
        guard let namespace = declared ?? present, namespace != OMEMONamespace.axolotl || present != nil else {
            if declared == OMEMONamespace.axolotl {
                name = "OMEMO, but without its encrypted part"
                return
            }
            return nil
        }
        name = Self.known[namespace] ?? "an unknown method"
    }
}
