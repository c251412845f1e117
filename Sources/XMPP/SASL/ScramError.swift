/// Why SASL authentication failed. Holds neither name nor password.
public struct ScramError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The server offers no SCRAM mechanism that we know.
        case noMechanism = "no-mechanism"
        /// The password holds characters that SASLprep forbids (RFC 4013 §2.3).
        case badPassword = "bad-password"
        /// The server's message breaks RFC 5802's grammar.
        case malformed
        /// The server's nonce does not begin with ours.
        case badNonce = "bad-nonce"
        /// Fewer iterations than RFC 5802 allows (4096), or more than we are ready to compute.
        case badIterations = "bad-iterations"
        /// The server refused with an error of its own (RFC 5802 §7): mostly a wrong password.
        case refused
        /// The server does not know the password either: it is not the one it claims to be.
        case badServerSignature = "bad-server-signature"
        /// A message came at a point where none was due.
        case unexpected
        case library
    }

    public let kind: Kind

    public init(_ kind: Kind) { self.kind = kind }

    public var description: String { "SASL authentication failed: \(kind.rawValue). \(advice)" }

    private var advice: String {
        switch kind {
        case .noMechanism: "Enable SCRAM-SHA-256 or SCRAM-SHA-1 on the server; PLAIN is never used."
        case .badPassword: "Set a password of ordinary characters."
        case .refused: "Check account and password."
        case .badServerSignature, .badNonce:
            "The server could not prove that it knows the account: check that it is the right server."
        case .badIterations: "The server must use 4096 to 1000000 iterations."
        case .malformed, .unexpected, .library: "Check the server's software."
        }
    }
}
