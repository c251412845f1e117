import OMEMO
import XMPP

/// A `<message/>` of ours.
struct OutgoingMessage {
    enum Content {
        case plain(String)
        case encrypted(EncryptedElement)
        /// For an app, not for a person.
        case keyTransport(EncryptedElement)
    }

    /// What apps without OMEMO show, and what makes clients treat the stanza as a message.
    static let fallback = "This message is encrypted with OMEMO. Your app must support OMEMO to read it."

    /// A bare JID.
    let to: String
    /// Stanza id and origin id at once, by which our archive is asked for it (XEP-0359 §4).
    let id: String
    var content = Content.plain("")

    var stanza: Element {
        var message = Element(
            "message", Namespace.client, attributes: [("type", "chat"), ("to", to), ("id", id)])
        switch content {
        case .plain(let text):
            message.append(Element("body", Namespace.client, text: text))
        case .encrypted(let encrypted):
            message.append(encrypted.element)
            // XEP-0380 §3
            message.append(
                Element(
                    "encryption", Namespace.encryption,
                    attributes: [("namespace", OMEMONamespace.axolotl), ("name", "OMEMO")]))
            message.append(Element("body", Namespace.client, text: Self.fallback))
        case .keyTransport(let encrypted):
            message.append(encrypted.element)
            message.append(Element("store", Namespace.hints))
            return message
        }
        // XEP-0334 §4.4: archives keep it although the body says nothing.
        message.append(Element("store", Namespace.hints))
        message.append(Element("origin-id", Namespace.stanzaIDs, attributes: [("id", id)]))
        // XEP-0184 §5.1
        message.append(Element("request", Namespace.receipts))
        return message
    }
}
