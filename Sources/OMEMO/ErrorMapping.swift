import SignalProtocol

extension OMEMOError {
    /// What a failure of the ratchet means for an OMEMO message. The only place where the one is
    /// turned into the other.
    init(decrypting error: SignalError) {
        switch error.kind {
        case .duplicateMessage:
            self.init(.replayed, "This message was decrypted before; it is not shown a second time.")
        case .noSession:
            self.init(.noSession, "There is no session with the sending device.", healable: true)
        case .invalidKeyID:
            self.init(
                .unknownPreKey, "The message uses a prekey that this device does not have (any more).", healable: true)
        case .invalidMessage, .invalidMAC:
            self.init(
                .brokenSession,
                "The message fits no state of the session: it was altered, or too many before it are missing.",
                healable: true)
        case .untrustedIdentity:
            self.init(
                .identityChanged,
                "The sending device has another identity key than before. Compare fingerprints with the contact, "
                    + "then accept the new key or block the device.")
        // The same code, while decrypting, would mean a broken record of our own.
        case .malformedRecord where !error.operation.hasPrefix("read-"):
            self.init(.library, "The stored session cannot be read: \(error.description)")
        case .legacyMessage, .invalidVersion, .malformedRecord, .invalidArgument, .invalidKey:
            self.init(
                .malformedMessage, "The encrypted key is not a message of this protocol (\(error.kind.rawValue)).")
        default:
            self.init(.library, error.description)
        }
    }

    /// What a failure of session building means for a bundle.
    init(establishing error: SignalError) {
        switch error.kind {
        case .invalidKey:
            self.init(.badSignature, "The signature of the signed prekey in the bundle is wrong; no session was built.")
        case .untrustedIdentity:
            self.init(
                .identityChanged,
                "The bundle has another identity key than this device had before. Compare fingerprints with the "
                    + "contact, then accept the new key or block the device.")
        default:
            self.init(.library, error.description)
        }
    }
}
