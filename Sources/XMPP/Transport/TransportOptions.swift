/// Where and how to connect.
public struct TransportOptions: Hashable, Sendable {
    /// How the server is known to be the right one.
    public enum Trust: Hashable, Sendable {
        /// An authority that this machine trusts signed the certificate.
        case system
        /// An authority in this PEM file signed the certificate; no other is trusted.
        case authority(file: String)
        /// The server holds this public key: `sha256//` and the base64 of the SHA-256 of its
        /// SubjectPublicKeyInfo. The certificate's signature and name are not looked at.
        case pinned(String)
        /// Both: an authority of the file, or of the machine if `nil`, and the pinned key.
        case pinnedAndAuthority(pin: String, file: String?)
    }

    /// A host name or address, and a port.
    public struct Endpoint: Hashable, Sendable {
        public var host: String
        public var port: UInt16

        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }

        /// As libcurl writes it: an IPv6 address in brackets.
        var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// The name in the certificate, sent as SNI.
    public var host: String
    public var port: UInt16
    /// Where to connect instead, `host:port`; the certificate is still checked against `host`.
    public var connectTo: Endpoint?
    public var trust: Trust
    /// A SOCKS5 proxy, which is given host names rather than addresses (`socks5h`).
    public var proxy: Endpoint?

    public init(
        host: String, port: UInt16, connectTo: Endpoint? = nil, trust: Trust = .system,
        proxy: Endpoint? = nil
    ) {
        self.host = host
        self.port = port
        self.connectTo = connectTo
        self.trust = trust
        self.proxy = proxy
    }
}
