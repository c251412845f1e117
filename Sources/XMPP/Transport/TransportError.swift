/// Why a connection could not be made, or ended. Holds no address: it may be logged.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The server's name could not be resolved.
        case dns
        /// Nothing listens there, or the network does not reach it.
        case refused
        /// The deadline passed first.
        case timeout
        /// The server's certificate is not signed by an authority we trust, or has expired.
        case certificate
        /// The certificate is for another host name.
        case hostName = "host-name"
        /// The public key differs from the pinned one. Somebody may be listening in.
        case pinMismatch = "pin-mismatch"
        /// The server does not speak TLS here, or no version or cipher that we accept.
        case tls
        /// The SOCKS5 proxy cannot be reached, or refused.
        case proxy
        /// The connection is over: the other side or the network ended it, or we closed it.
        case closed
        /// The settings cannot be used: a file that is not there, a malformed pin.
        case configuration
        /// The library failed in a way that has no name of its own.
        case library
    }

    public let kind: Kind
    /// The library's own code, where there is one (libcurl's `CURLcode`).
    public let code: Int?
    /// What went wrong and what to do about it.
    public let reason: String

    public init(_ kind: Kind, code: Int? = nil, reason: String? = nil) {
        self.kind = kind
        self.code = code
        self.reason = reason ?? Self.advice(kind)
    }

    public var description: String {
        code.map { "\(kind.rawValue) (\($0)): \(reason)" } ?? "\(kind.rawValue): \(reason)"
    }

    /// Whether connecting again with the same settings makes sense without a person looking first.
    public var isTemporary: Bool {
        switch kind {
        case .dns, .refused, .timeout, .tls, .proxy, .closed, .library: true
        // An expired certificate is renewed without us: worth another look, slowly.
        case .certificate, .hostName: true
        case .pinMismatch, .configuration: false
        }
    }

    private static func advice(_ kind: Kind) -> String {
        switch kind {
        case .dns: "The server's name could not be resolved. Check its spelling and this machine's DNS."
        case .refused: "The server could not be reached. Check that it runs, the port, and the firewall."
        case .timeout: "The server did not answer in time. Check that it speaks direct TLS on this port."
        case .certificate:
            "The server's certificate is not trusted. Check that it is valid and that the right CA file is set."
        case .hostName: "The server's certificate is for another host name. Check the host and the certificate."
        case .pinMismatch:
            "The server's public key is not the pinned one. If the server's key was not changed on purpose, "
                + "somebody may be listening in: do not change the pin before you know."
        case .tls: "The TLS handshake failed. Check that the port speaks direct TLS, version 1.2 or later."
        case .proxy: "The SOCKS5 proxy could not be reached or refused. Check that it runs and its address."
        case .closed: "The connection was closed."
        case .configuration: "The connection's settings cannot be used. Check CA file, pin and proxy."
        case .library: "The network library failed."
        }
    }
}
