/// Where a server takes files: HTTP File Upload (XEP-0363).
public enum HTTPUpload {
    static let namespace = "urn:xmpp:http:upload:0"
    static let discoItems = "http://jabber.org/protocol/disco#items"

    /// A service of our server, and the largest file it takes, in bytes, if it says.
    public struct Service: Hashable, Sendable {
        public let address: JID
        public let limit: Int64?
    }

    /// Where to put one file, and where it is found then.
    public struct Slot: Hashable, Sendable {
        public let put: String
        /// Whole header lines.
        public let headers: [String]
        public let get: String
    }

    /// The addresses in an answer to `disco#items` (XEP-0030 §4).
    static func items(_ answer: Element) -> [JID] {
        (answer.first("query", discoItems)?.children ?? []).compactMap { item in
            item.name == "item" ? item["jid"].flatMap { try? JID($0) } : nil
        }
    }

    /// Whether an answer to `disco#info` is of such a service (XEP-0363 §3).
    static func service(at address: JID, _ answer: Element) -> Service? {
        guard let query = answer.first("query", Namespace.discoInfo),
            query.children.contains(where: { $0.name == "feature" && $0["var"] == namespace })
        else { return nil }
        let fields = query.children.filter { $0.name == "x" && $0.namespace == Namespace.dataForms }
            .flatMap(\.children)
        let size = fields.first { $0["var"] == "max-file-size" }?.first("value", Namespace.dataForms)?.text
        return Service(address: address, limit: size.flatMap { Int64($0) })
    }

    /// XEP-0363 §4. The server learns size and ending, not the name.
    static func request(name: String, size: Int64) -> Element {
        Element(
            "request", namespace,
            attributes: [
                ("filename", name), ("size", "\(size)"), ("content-type", "application/octet-stream"),
            ])
    }

    /// - Returns: `nil` for what is no slot over HTTPS.
    static func slot(_ answer: Element) -> Slot? {
        guard let slot = answer.first("slot", namespace), let put = slot.first("put", namespace),
            let putURL = put["url"], let getURL = slot.first("get", namespace)?["url"],
            [putURL, getURL].allSatisfy({
                $0.hasPrefix("https://") && $0.utf8.allSatisfy { (0x21...0x7e).contains($0) }
            }),
            !getURL.contains("#")
        else { return nil }
        // Only these three, and no line end in them (XEP-0363 §4).
        let headers = put.children.compactMap { header -> String? in
            guard header.name == "header", let name = header["name"],
                ["authorization", "cookie", "expires"].contains(name.lowercased())
            else { return nil }
            return "\(name): \(header.text.filter { !$0.isNewline })"
        }
        return Slot(put: putURL, headers: headers, get: getURL)
    }
}

extension XMPPClient {
    /// Looks for a file service among what our server lists (XEP-0363 §3), the server itself included.
    public func uploadService() async throws -> HTTPUpload.Service? {
        let server = try JID(configuration.account.domain)
        let listed = try await iq("get", to: server, Element("query", HTTPUpload.discoItems))
        for address in [server] + HTTPUpload.items(listed).prefix(50) {
            guard let info = try? await iq("get", to: address, Element("query", Namespace.discoInfo)) else { continue }
            if let service = HTTPUpload.service(at: address, info) { return service }
        }
        return nil
    }

    /// Asks for a slot. Throws `StanzaError` when it is refused; `nil` when the answer is none.
    public func uploadSlot(at service: HTTPUpload.Service, name: String, size: Int64) async throws -> HTTPUpload.Slot? {
        HTTPUpload.slot(try await iq("get", to: service.address, HTTPUpload.request(name: name, size: size)))
    }
}
