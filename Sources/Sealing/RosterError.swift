/// Why a roster is not accepted.
public enum RosterError: Error, Equatable, Sendable, CustomStringConvertible {
    case missing(path: String)
    case unreadable(path: String, reason: String)
    /// Written by a version that this program does not know.
    case unsupportedVersion(Int)
    case malformed(reason: String)
    case empty
    /// The first entry is not the pinned one: this is another roster.
    case notPinned
    /// Entries that were seen before are gone.
    case rolledBack(seen: Int64, found: Int)
    /// An entry that was seen before was replaced.
    case rewritten(sequence: Int64)
    case brokenChain(sequence: Int64)
    case badSignature(sequence: Int64)
    /// An entry says what it may not say.
    case rule(sequence: Int64, String)

    public var description: String {
        switch self {
        case .missing(let path):
            "'\(path)' does not exist. Make a deployment with 'sila init', or correct the paths under 'keys'."
        case .unreadable(let path, let reason):
            "'\(path)' cannot be read: \(reason)."
        case .unsupportedVersion(let version):
            "The roster has format version \(version), which this version of Sila does not know. Update Sila."
        case .malformed(let reason):
            "The roster is damaged: \(reason). Restore it from a backup."
        case .empty:
            "The roster has no entries. Restore it from a backup."
        case .notPinned:
            "The roster is NOT the one that is pinned: it may have been replaced. Nothing is sealed with its keys. "
                + "Restore the roster, or compare fingerprints in person before you pin it anew."
        case .rolledBack(let seen, let found):
            "The roster has \(found) entries, but \(seen) were seen before: an old copy was put in its place. "
                + "Restore the newest one."
        case .rewritten(let sequence):
            "Entry \(sequence) of the roster is not the one that was seen before: it may have been replaced. "
                + "Restore the roster."
        case .brokenChain(let sequence):
            "Entry \(sequence) of the roster does not follow the one before it: entries are missing, moved or altered."
        case .badSignature(let sequence):
            "The signature of entry \(sequence) of the roster is wrong: it was altered, or not signed by its author."
        case .rule(let sequence, let reason):
            "Entry \(sequence) of the roster is not allowed: \(reason)."
        }
    }
}
