import Sealing

/// Why keys or sealed data cannot be opened on the staff side.
public enum UnsealingError: Error, Equatable, Sendable, CustomStringConvertible {
    case sealing(SealingError)
    case roster(RosterError)
    /// The key file is damaged or of an unknown version.
    case keyFile(reason: String)
    /// The passphrase does not open the key file, or the file was altered.
    case wrongPassphrase
    case weakPassphrase(reason: String)
    /// None of the unlocked keys opens this archive key.
    case notForUs(KeyID)
    /// No unlocked archive key opens this segment.
    case archiveKeyMissing(KeyID)
    /// The keyring names an archive key that the roster does not: it is another deployment's, or was
    /// substituted.
    case foreignKeyring(KeyID)
    /// The keyring holds no key for a member who must have some.
    case nothingForUs(MemberID)
    /// An opened archive key does not belong to the public key in the roster.
    case wrongArchiveKey(KeyID)
    case internalFailure(String)

    public var description: String {
        switch self {
        case .sealing(let error): error.description
        case .roster(let error): error.description
        case .keyFile(let reason): "The key file cannot be used: \(reason)."
        case .wrongPassphrase:
            "The passphrase is wrong, or the key file was altered. Nothing was changed; try again."
        case .weakPassphrase(let reason): "The passphrase is not accepted: \(reason)."
        case .notForUs(let key):
            "The archive key \(key) is not wrapped for you. Ask a coordinator whether your role may read it."
        case .archiveKeyMissing(let key):
            "The archive key \(key), which this record needs, is not among yours."
        case .foreignKeyring(let key):
            "The keyring names the archive key \(key), which the roster does not: it was substituted, or belongs to "
                + "another deployment. Nothing was opened or sealed with it. Stop, and call a coordinator."
        case .nothingForUs(let member):
            "The keyring of the bridge holds no key for '\(member)', whose role has some: it was emptied or substituted. "
                + "Nothing was opened or sealed with it. Stop, and call a coordinator."
        case .wrongArchiveKey(let key):
            "What is stored as archive key \(key) is another key: the keyring was altered. Tell a coordinator."
        case .internalFailure(let detail): "An operation failed that should not: \(detail)."
        }
    }
}
