import FoundationEssentials

/// The stored form of the keyring: private keys, each wrapped for one recipient. It holds nothing
/// that this module, or the daemon, could open.
///
/// Version 1 has archive keys only. Version 2 also has the working key of a deployment in key mode
/// `operator`; it is written only where there is one.
public struct KeyringFile: Sendable, Equatable {
    /// Bytes of a wrapped key: version (1), encapsulated key (32), sealed key (32 + 16).
    package static let wrappedCount = 81

    /// One key for one recipient.
    public struct Entry: Sendable, Hashable {
        /// Which key it is: an archive key of the roster, or the working key.
        public let key: KeyID
        /// For whose sealing key it is wrapped.
        public let recipient: KeyID
        public let wrapped: [UInt8]

        public init(key: KeyID, recipient: KeyID, wrapped: [UInt8]) {
            self.key = key
            self.recipient = recipient
            self.wrapped = wrapped
        }
    }

    /// Archive keys.
    public var archive: [Entry]
    /// The working key; empty outside of key mode `operator`.
    public var working: [Entry]

    public init(archive: [Entry] = [], working: [Entry] = []) {
        self.archive = archive
        self.working = working
    }

    private struct Stored: Codable {
        struct Entry: Codable {
            var archiveKey: String?
            var workingKey: String?
            var recipient: String
            var wrapped: Data
        }
        var version: Int
        var entries: [Entry]
        var working: [Entry]?
    }

    /// JSON, key ids in hexadecimal, wrapped keys in base64.
    public func encoded() throws(RosterError) -> [UInt8] {
        let archive = archive.map {
            Stored.Entry(
                archiveKey: $0.key.description, recipient: $0.recipient.description, wrapped: Data($0.wrapped))
        }
        let working = working.map {
            Stored.Entry(
                workingKey: $0.key.description, recipient: $0.recipient.description, wrapped: Data($0.wrapped))
        }
        return try JSONForm.encode(
            working.isEmpty
                ? Stored(version: 1, entries: archive) : Stored(version: 2, entries: archive, working: working))
    }

    /// Reads the stored form. Throws `RosterError` when it is damaged or of an unknown version.
    public init(decoding json: [UInt8]) throws(RosterError) {
        let stored = try Self.read(json)
        var archive: [Entry] = []
        for entry in stored.entries { archive.append(try Self.entry(entry, key: entry.archiveKey)) }
        var working: [Entry] = []
        for entry in stored.working ?? [] { working.append(try Self.entry(entry, key: entry.workingKey)) }
        self.init(archive: archive, working: working)
    }

    private static func read(_ json: [UInt8]) throws(RosterError) -> Stored {
        let name = "archive keyring"
        do throws(RosterError) {
            let stored: Stored = try JSONForm.decode(json, version: 1, name: name)
            guard stored.working == nil else {
                throw RosterError.malformed(reason: "the \(name) is of version 1, but holds a working key")
            }
            return stored
        } catch .unsupportedVersion(2) {
            return try JSONForm.decode(json, version: 2, name: name)
        }
    }

    private static func entry(_ stored: Stored.Entry, key: String?) throws(RosterError) -> Entry {
        guard let key = key.flatMap(id), let recipient = id(stored.recipient) else {
            throw .malformed(reason: "a key id in the archive keyring is not 32 hexadecimal digits")
        }
        return Entry(key: key, recipient: recipient, wrapped: Array(stored.wrapped))
    }

    private static func id(_ text: String) -> KeyID? {
        Hexadecimal.decode(text).flatMap { try? KeyID(bytes: $0) }
    }
}

extension KeyringFile {
    /// Without what this roster does not allow: keys it does not name, people who left or may no
    /// longer read, a recovery key that was replaced.
    public func pruned(for roster: VerifiedRoster) -> KeyringFile {
        let allowed = Self.allowed(by: roster)
        let holders = Set(roster.workingKeyRecipients.map(KeyID.init(publicKey:)))
        return KeyringFile(
            archive: archive.filter { allowed[$0.key]?.contains($0.recipient) == true },
            working: working.filter { holders.contains($0.recipient) })
    }

    /// With what another has and this lacks.
    public func merged(with other: KeyringFile) -> KeyringFile {
        func add(_ new: [Entry], to present: [Entry]) -> [Entry] {
            let known = Set(present.map { [$0.key, $0.recipient] })
            return present + new.filter { !known.contains([$0.key, $0.recipient]) }
        }
        return KeyringFile(
            archive: add(other.archive, to: archive), working: add(other.working, to: working))
    }

    /// For each archive key of a roster, the recipients that it may be wrapped for.
    static func allowed(by roster: VerifiedRoster) -> [KeyID: Set<KeyID>] {
        let recipients = Dictionary(
            uniqueKeysWithValues: Compartment.allCases.map {
                ($0, Set(roster.recipients(of: $0).map(KeyID.init(publicKey:))))
            })
        return roster.archiveKeys.reduce(into: [:]) { $0[$1.id] = recipients[$1.compartment] }
    }
}
