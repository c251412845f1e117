/// Why an element could not be read, or a message not be encrypted or decrypted.
///
/// Holds no content, address or key: it may be logged, and shown to staff.
public struct OMEMOError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A short fixed name, for lists and counts.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        // Elements
        case wrongElement = "wrong-element"
        case missingHeader = "missing-header"
        case missingKeys = "missing-keys"
        case tooManyKeys = "too-many-keys"
        case missingIV = "missing-iv"
        case badIVLength = "bad-iv-length"
        case badID = "bad-id"
        case badBase64 = "bad-base64"
        case emptyKey = "empty-key"
        case payloadTooLarge = "payload-too-large"
        case tooManyDevices = "too-many-devices"
        // Bundles
        case missingIdentityKey = "missing-identity-key"
        case missingSignedPreKey = "missing-signed-prekey"
        case missingSignature = "missing-signature"
        case missingPreKeys = "missing-prekeys"
        case tooManyPreKeys = "too-many-prekeys"
        case duplicatePreKeyID = "duplicate-prekey-id"
        case badKey = "bad-key"
        case badSignatureLength = "bad-signature-length"
        case badSignature = "bad-signature"
        // Decryption
        case replayed = "replayed"
        case noSession = "no-session"
        case unknownPreKey = "unknown-prekey"
        case brokenSession = "broken-session"
        case malformedMessage = "malformed-message"
        case identityChanged = "identity-changed"
        case badMessageKey = "bad-message-key"
        case tamperedPayload = "tampered-payload"
        case badText = "bad-text"
        // Our own side
        case notSetUp = "not-set-up"
        case preKeyIDsExhausted = "prekey-ids-exhausted"
        case noRecipient = "no-recipient"
        case library = "library"
    }

    /// Which error it is.
    public let code: Code
    /// What went wrong, where, and what helps: for people.
    public let reason: String
    /// Whether a new session with the sending device, built from its bundle and completed by
    /// `OMEMOEngine.emptyMessage`, makes later messages readable again.
    public let isHealedByNewSession: Bool

    /// - Parameter healable: see `isHealedByNewSession`.
    public init(_ code: Code, _ reason: String, healable: Bool = false) {
        self.code = code
        self.reason = reason
        self.isHealedByNewSession = healable
    }

    /// Code and reason.
    public var description: String { "\(code.rawValue): \(reason)" }
}
