/// An XMPP address: `local@domain/resource` (RFC 7622).
///
/// Normalisation is a part of what RFC 7622 asks: localpart and domain are lowercased, forbidden
/// ASCII characters and control characters are refused. The PRECIS width, directionality and
/// normalisation rules are not applied; servers apply them before they hand an address on.
/// Printing shows no part of it: an address is personal data. Its text is `text`.
public struct JID: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public let local: String?
    public let domain: String
    public let resource: String?

    /// Why a text is not an address.
    public enum Failure: String, Error, Hashable, Sendable, CustomStringConvertible {
        case empty
        case badDomain = "bad-domain"
        case badLocal = "bad-localpart"
        case badResource = "bad-resource"
        case tooLong = "too-long"

        public var description: String {
            "Not an XMPP address: \(rawValue). Expected name@server or name@server/client."
        }
    }

    /// RFC 7622 §3.1: 1023 octets for each part.
    private static let partLimit = 1023

    /// Reads an address.
    public init(_ text: String) throws(Failure) {
        guard !text.isEmpty else { throw .empty }
        // RFC 7622 §3.2: the resource begins at the first "/", the domain at the first "@" before it.
        // By scalar: for a `Character`, a combining mark behind a separator would be a part of it and hide it.
        let scalars = text.unicodeScalars
        let slash = scalars.firstIndex(of: "/")
        let bare = scalars[..<(slash ?? scalars.endIndex)]
        let at = bare.firstIndex(of: "@")
        try self.init(
            local: at.map { String(bare[..<$0]) },
            domain: String(at.map { bare[bare.index(after: $0)...] } ?? bare),
            resource: slash.map { String(scalars[scalars.index(after: $0)...]) })
    }

    public init(local: String?, domain: String, resource: String? = nil) throws(Failure) {
        let local = local?.lowercased()
        let domain = domain.lowercased()
        for part in [local, domain, resource] where (part?.utf8.count ?? 0) > Self.partLimit { throw .tooLong }
        if let local {
            // RFC 7622 §3.3.1.
            guard !local.isEmpty, Self.isClean(local), !Self.has(local, oneOf: "\"&'/:<>@ ") else { throw .badLocal }
        }
        guard !domain.isEmpty, Self.isClean(domain), !Self.has(domain, oneOf: "@/<>&\"' "),
            !Self.beginsWithMark(domain)
        else { throw .badDomain }
        if let resource {
            guard !resource.isEmpty, Self.isClean(resource) else { throw .badResource }
        }
        self.local = local
        self.domain = domain
        self.resource = resource
    }

    private init(bareOf jid: JID) {
        local = jid.local
        domain = jid.domain
        resource = nil
    }

    /// Without the resource: the account.
    public var bare: JID { JID(bareOf: self) }

    public var isBare: Bool { resource == nil }

    /// The address as it stands on the wire.
    public var text: String {
        (local.map { "\($0)@" } ?? "") + domain + (resource.map { "/\($0)" } ?? "")
    }

    public var description: String { "<jid>" }
    public var debugDescription: String { description }

    private static func has(_ part: String, oneOf forbidden: String) -> Bool {
        part.unicodeScalars.contains { forbidden.unicodeScalars.contains($0) }
    }

    /// RFC 5891 §4.2.3.2 forbids it in a domain.
    private static func beginsWithMark(_ part: String) -> Bool {
        switch part.unicodeScalars.first?.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    private static func isClean(_ part: String) -> Bool {
        part.unicodeScalars.allSatisfy { Element.isAllowed($0) && $0.properties.generalCategory != .control }
    }
}
