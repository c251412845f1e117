internal import CSignalProtocol

/// A failure inside libsignal-protocol-c, with the library's own code kept.
///
/// This is the only place where the codes of `signal_protocol.h` are given a meaning; a test
/// compares the list with the header.
public struct SignalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, in the library's terms.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case outOfMemory = "out-of-memory"
        case invalidArgument = "invalid-argument"
        case unknown = "unknown"
        case duplicateMessage = "duplicate-message"
        case invalidKey = "invalid-key"
        case invalidKeyID = "invalid-key-id"
        case invalidMAC = "invalid-mac"
        case invalidMessage = "invalid-message"
        case invalidVersion = "invalid-version"
        case legacyMessage = "legacy-message"
        case noSession = "no-session"
        case staleKeyExchange = "stale-key-exchange"
        case untrustedIdentity = "untrusted-identity"
        case invalidVRFSignature = "invalid-vrf-signature"
        case malformedRecord = "malformed-record"
        case fingerprintVersionMismatch = "fingerprint-version-mismatch"
        case fingerprintIdentityMismatch = "fingerprint-identity-mismatch"
        /// A code the header does not name.
        case unrecognised = "unrecognised"
    }

    /// What went wrong.
    public let kind: Kind
    /// The code the C library returned, always negative.
    public let rawCode: Int32
    /// What we asked of the library, for logs: `decrypt`, `process-bundle`.
    public let operation: String

    init(code: Int32, operation: String) {
        self.kind = Self.kind(of: code)
        self.rawCode = code
        self.operation = operation
    }

    init(_ kind: Kind, operation: String) {
        self.kind = kind
        self.rawCode = Self.codes.first { $0.value == kind }?.key ?? SG_ERR_UNKNOWN
        self.operation = operation
    }

    /// For logs: operation, meaning and code, no data.
    public var description: String {
        "libsignal-protocol-c: \(operation) failed: \(kind.rawValue) (code \(rawCode))"
    }

    /// The meaning of a negative code of the C library.
    static func kind(of code: Int32) -> Kind { codes[code] ?? .unrecognised }

    private static let codes: [Int32: Kind] = [
        SG_ERR_NOMEM: .outOfMemory,
        SG_ERR_INVAL: .invalidArgument,
        SG_ERR_UNKNOWN: .unknown,
        SG_ERR_DUPLICATE_MESSAGE: .duplicateMessage,
        SG_ERR_INVALID_KEY: .invalidKey,
        SG_ERR_INVALID_KEY_ID: .invalidKeyID,
        SG_ERR_INVALID_MAC: .invalidMAC,
        SG_ERR_INVALID_MESSAGE: .invalidMessage,
        SG_ERR_INVALID_VERSION: .invalidVersion,
        SG_ERR_LEGACY_MESSAGE: .legacyMessage,
        SG_ERR_NO_SESSION: .noSession,
        SG_ERR_STALE_KEY_EXCHANGE: .staleKeyExchange,
        SG_ERR_UNTRUSTED_IDENTITY: .untrustedIdentity,
        SG_ERR_VRF_SIG_VERIF_FAILED: .invalidVRFSignature,
        SG_ERR_INVALID_PROTO_BUF: .malformedRecord,
        SG_ERR_FP_VERSION_MISMATCH: .fingerprintVersionMismatch,
        SG_ERR_FP_IDENT_MISMATCH: .fingerprintIdentityMismatch,
    ]
}

/// Returns a code that is zero or positive, and throws the rest.
@discardableResult
func checked(_ code: Int32, _ operation: String) throws -> Int32 {
    guard code < 0 else { return code }
    throw SignalError(code: code, operation: operation)
}
