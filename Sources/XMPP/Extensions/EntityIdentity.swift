import Crypto
import Foundation

/// What we say we are and can do (XEP-0030), and its hash for our presence (XEP-0115).
public struct EntityIdentity: Hashable, Sendable {
    /// `client/bot` of the registry of service discovery identities.
    public var category = "client"
    public var type = "bot"
    public var name = "Sila"
    public var features: [String] = [Namespace.discoInfo, Namespace.ping, Namespace.receipts]
    /// In bytes; the names of nodes that we take from an inquiry and repeat.
    static let nodeLimit = 1000

    /// A URI that names the software (XEP-0115 §4).
    public var node = "urn:sila"

    public init() {}

    /// Asks the server to send us events of this PEP node (XEP-0163 §4.3.2).
    public mutating func notify(_ node: String) { features.append("\(node)+notify") }

    /// The answer to an inquiry.
    /// - Parameter node: as asked for, at most `nodeLimit` bytes; it is repeated.
    func query(node: String?) -> Element {
        var query = Element("query", Namespace.discoInfo)
        if let node { query["node"] = node }
        query.append(
            Element(
                "identity", Namespace.discoInfo, attributes: [("category", category), ("type", type), ("name", name)]))
        for feature in features.sorted() {
            query.append(Element("feature", Namespace.discoInfo, attributes: [("var", feature)]))
        }
        return query
    }

    /// XEP-0115 §5.1: identities, then features in order, hashed.
    public var verification: String {
        // "<" cannot stand in any of these, as the XEP's note on the collision attack asks.
        let identity = "\(category)/\(type)//\(name)<"
        let text =
            identity
            + features.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            .map { "\($0)<" }.joined()
        return Data(Insecure.SHA1.hash(data: Data(text.utf8))).base64EncodedString()
    }

    /// Presence that makes us reachable for messages.
    public var presence: Element {
        let caps = Element(
            "c", "http://jabber.org/protocol/caps",
            attributes: [("hash", "sha-1"), ("node", node), ("ver", verification)])
        return Element("presence", Namespace.client, children: [caps])
    }
}
