import Foundation
import Sealing

/// The archive's private keys, each wrapped for everyone who may read the compartment and for the
/// recovery key. It holds nothing that a server could open, so it lies with the deployment and
/// its backups.
public struct ArchiveKeyring: Sendable, Equatable {
    public static let version = 1
    static let format = "wrapped archive key"

    /// One archive key for one recipient.
    public struct Entry: Sendable, Equatable {
        public let archiveKey: KeyID
        public let recipient: KeyID
        /// Version (1), encapsulated key (32), sealed key (32 + 16).
        let wrapped: [UInt8]
    }

    public private(set) var entries: [Entry]

    public init() { entries = [] }

    /// Wraps an archive key (HPKE, RFC 9180 §6.1) for the X25519 public key of a recipient.
    public mutating func add(_ key: ArchivePrivateKey, for recipient: [UInt8]) throws(UnsealingError) {
        let recipientID = KeyID(publicKey: recipient)
        let sealed: (encapsulatedKey: [UInt8], ciphertext: [UInt8])
        do {
            sealed = try HPKESuite.seal(
                key.secret, to: recipient, info: Self.info,
                authenticating: Self.associatedData(key.publicKey, recipientID),
                format: Self.format)
        } catch {
            throw .sealing(error)
        }
        entries.removeAll { $0.archiveKey == key.publicKey.id && $0.recipient == recipientID }
        entries.append(
            Entry(
                archiveKey: key.publicKey.id, recipient: recipientID,
                wrapped: [UInt8(Self.version)] + sealed.encapsulatedKey + sealed.ciphertext))
    }

    /// Opens everything that is wrapped for these keys.
    public func unlock(_ keys: StaffKeys, roster: VerifiedRoster) throws(UnsealingError) -> ArchiveOpener {
        try unlock(keys.recipient, roster: roster)
    }

    /// Opens everything with the recovery key.
    public func unlock(_ key: RecoveryKey, roster: VerifiedRoster) throws(UnsealingError) -> ArchiveOpener {
        try unlock(key.recipient, roster: roster)
    }

    private func unlock(_ recipient: RecipientKey, roster: VerifiedRoster) throws(UnsealingError) -> ArchiveOpener {
        var opened: [ArchivePrivateKey] = []
        for publicKey in roster.archiveKeys {
            let entry = entries.first { $0.archiveKey == publicKey.id && $0.recipient == recipient.id }
            guard let entry else { continue }
            opened.append(try Self.open(entry, publicKey: publicKey, recipient: recipient))
        }
        return ArchiveOpener(keys: opened)
    }

    private static func open(
        _ entry: Entry, publicKey: ArchivePublicKey, recipient: RecipientKey
    ) throws(UnsealingError) -> ArchivePrivateKey {
        let bytes = entry.wrapped
        guard let version = bytes.first else {
            throw .sealing(.malformed(format: format, reason: "it is empty"))
        }
        guard version == Self.version else {
            throw .sealing(.unsupportedVersion(format: format, found: version))
        }
        let split = 1 + HPKESuite.encapsulatedKeyCount
        guard bytes.count == split + 48 else {
            throw .sealing(.malformed(format: format, reason: "it has \(bytes.count) bytes instead of \(split + 48)"))
        }
        do {
            let secret = try recipient.open(
                encapsulatedKey: Array(bytes[1..<split]), ciphertext: Array(bytes[split...]), info: info,
                authenticating: associatedData(publicKey, recipient.id), format: format)
            return try ArchivePrivateKey(publicKey: publicKey, secret: secret)
        } catch let error as SealingError {
            throw .sealing(error)
        } catch let error as UnsealingError {
            throw error
        } catch {
            throw .internalFailure("\(error)")
        }
    }

    private static let info: [UInt8] = Transcript("sila archive key", version: UInt8(version)).bytes

    private static func associatedData(_ key: ArchivePublicKey, _ recipient: KeyID) -> [UInt8] {
        var transcript = Transcript("sila archive key", version: UInt8(version))
        transcript.add(key.compartment.rawValue)
        transcript.add(Int64(key.generation))
        transcript.add(key.publicKey)
        transcript.add(recipient.bytes)
        return transcript.bytes
    }
}

extension ArchiveKeyring {
    private struct Stored: Codable {
        struct Entry: Codable {
            var archiveKey: String
            var recipient: String
            var wrapped: Data
        }
        var version: Int
        var entries: [Entry]
    }

    /// The stored form: JSON, key ids in hexadecimal, wrapped keys in base64.
    public func encoded() throws(UnsealingError) -> [UInt8] {
        do {
            return try JSONForm.encode(
                Stored(
                    version: Self.version,
                    entries: entries.map {
                        Stored.Entry(
                            archiveKey: $0.archiveKey.description, recipient: $0.recipient.description,
                            wrapped: Data($0.wrapped))
                    }))
        } catch {
            throw .roster(error)
        }
    }

    /// Reads the stored form.
    public init(decoding json: [UInt8]) throws(UnsealingError) {
        do {
            let stored: Stored = try JSONForm.decode(json, version: Self.version, name: "archive keyring")
            entries = []
            for entry in stored.entries {
                guard let archiveKey = Hexadecimal.decode(entry.archiveKey).flatMap({ try? KeyID(bytes: $0) }),
                    let recipient = Hexadecimal.decode(entry.recipient).flatMap({ try? KeyID(bytes: $0) })
                else {
                    throw RosterError.malformed(reason: "a key id in the archive keyring is not 32 hexadecimal digits")
                }
                entries.append(Entry(archiveKey: archiveKey, recipient: recipient, wrapped: Array(entry.wrapped)))
            }
        } catch let error as RosterError {
            throw .roster(error)
        } catch {
            throw .internalFailure("\(error)")
        }
    }
}
