/// What a new keyring must be before a deployment takes it. Nobody here can open a wrapped key; that
/// one is garbage shows only when its recipient opens it.
public enum KeyringRules {
    /// Checks a keyring that is to replace another.
    ///
    /// - It names keys of the roster only, wrapped for those who may read them, each once.
    /// - What was wrapped for someone who still may read is there, unaltered.
    /// - An archive key that is new is wrapped for every reader and the recovery key.
    /// - The working key is the one it was, wrapped for those who may hold it.
    public static func check(
        _ new: KeyringFile, for roster: VerifiedRoster, replacing old: KeyringFile, of before: VerifiedRoster
    ) throws(KeyringError) {
        let allowed = KeyringFile.allowed(by: roster)
        let holders = Set(roster.workingKeyRecipients.map(KeyID.init(publicKey:)))
        try checkForm(new.archive + new.working)
        for entry in new.archive {
            guard let recipients = allowed[entry.key] else { throw .unknownKey(entry.key) }
            guard recipients.contains(entry.recipient) else { throw .outsider(entry.recipient) }
        }
        for entry in new.working where !holders.contains(entry.recipient) { throw .outsider(entry.recipient) }
        guard Set(new.working.map(\.key)) == Set(old.working.map(\.key)) else { throw .workingKeyChanged }
        let still = old.pruned(for: roster)
        try checkKept(still.archive, in: new.archive, roster: roster)
        try checkKept(still.working, in: new.working, roster: roster)
        let known = Set(before.archiveKeys.map(\.id))
        let present = Set(new.archive.map { [$0.key, $0.recipient] })
        for key in roster.archiveKeys where !known.contains(key.id) {
            for recipient in allowed[key.id] ?? [] where !present.contains([key.id, recipient]) {
                throw .incomplete(
                    compartment: key.compartment, holder: roster.name(of: recipient) ?? recipient.description)
            }
        }
    }

    private static func checkForm(_ entries: [KeyringFile.Entry]) throws(KeyringError) {
        var seen: Set<[KeyID]> = []
        for entry in entries {
            guard entry.wrapped.count == KeyringFile.wrappedCount, entry.wrapped.first == 1 else {
                throw .malformed(entry.key)
            }
            guard seen.insert([entry.key, entry.recipient]).inserted else { throw .repeated(entry.key) }
        }
    }

    private static func checkKept(
        _ kept: [KeyringFile.Entry], in new: [KeyringFile.Entry], roster: VerifiedRoster
    ) throws(KeyringError) {
        let present = Set(new)
        for entry in kept where !present.contains(entry) {
            throw .lost(key: entry.key, holder: roster.name(of: entry.recipient) ?? entry.recipient.description)
        }
    }
}

/// Why a new keyring is not taken.
public enum KeyringError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Not of the length or version of a wrapped key.
    case malformed(KeyID)
    /// The same key for the same recipient twice.
    case repeated(KeyID)
    /// A key that the roster does not name.
    case unknownKey(KeyID)
    /// Wrapped for someone outside of the roster, or who may not read the compartment.
    case outsider(KeyID)
    /// Someone who may read it would lose it.
    case lost(key: KeyID, holder: String)
    /// A new archive key that one of its readers would not get.
    case incomplete(compartment: Compartment, holder: String)
    case workingKeyChanged

    public var description: String {
        switch self {
        case .malformed(let key): "The wrapped key \(key) in the new keyring is not of a known form."
        case .repeated(let key): "The new keyring has the key \(key) twice for one recipient."
        case .unknownKey(let key): "The new keyring has a key \(key) that the roster does not name."
        case .outsider(let recipient):
            "The new keyring wraps a key for \(recipient), which the roster does not name or which may not read it."
        case .lost(let key, let holder):
            "With the new keyring \(holder) would lose the key \(key). Read roster and keyring anew, and make the "
                + "change again."
        case .incomplete(let compartment, let holder):
            "The new archive key of '\(compartment.rawValue)' is not wrapped for \(holder)."
        case .workingKeyChanged:
            "The new keyring has another working key than the present one, or none."
        }
    }
}
