import Sealing

/// The archive's private keys, each wrapped for everyone who may read the compartment and for the
/// recovery key. It holds nothing that a server could open, so it lies with the deployment and
/// its backups.
public struct ArchiveKeyring: Sendable, Equatable {
    public static let version = 1
    static let format = "wrapped archive key"

    /// What lies on the disk.
    public private(set) var file: KeyringFile

    /// The wrapped archive keys.
    public var entries: [KeyringFile.Entry] { file.archive }

    public init(_ file: KeyringFile = KeyringFile()) { self.file = file }

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
        file.archive.removeAll { $0.key == key.publicKey.id && $0.recipient == recipientID }
        file.archive.append(
            KeyringFile.Entry(
                key: key.publicKey.id, recipient: recipientID,
                wrapped: [UInt8(Self.version)] + sealed.encapsulatedKey + sealed.ciphertext))
    }

    /// Opens everything that is wrapped for these keys.
    ///
    /// - Throws: `foreignKeyring` when it names an archive key that the roster does not; `nothingForUs` when it
    ///   has none for a member whose role reads something, which no change of staff leaves behind.
    public func unlock(_ keys: StaffKeys, roster: VerifiedRoster) throws(UnsealingError) -> ArchiveOpener {
        let opener = try unlock(keys.recipient, roster: roster)
        let member = roster.members.values.first { KeyID(publicKey: $0.sealingKey) == keys.recipient.id }
        if opener.keys.isEmpty, let member, !member.role.readableCompartments.isEmpty { throw .nothingForUs(member.id) }
        return opener
    }

    /// Opens everything with the recovery key.
    public func unlock(_ key: RecoveryKey, roster: VerifiedRoster) throws(UnsealingError) -> ArchiveOpener {
        try unlock(key.recipient, roster: roster)
    }

    private func unlock(_ recipient: RecipientKey, roster: VerifiedRoster) throws(UnsealingError) -> ArchiveOpener {
        let named = Set(roster.archiveKeys.map(\.id))
        if let foreign = entries.first(where: { !named.contains($0.key) }) { throw .foreignKeyring(foreign.key) }
        var opened: [ArchivePrivateKey] = []
        for publicKey in roster.archiveKeys {
            let entry = entries.first { $0.key == publicKey.id && $0.recipient == recipient.id }
            guard let entry else { continue }
            opened.append(try Self.open(entry, publicKey: publicKey, recipient: recipient))
        }
        return ArchiveOpener(keys: opened)
    }

    private static func open(
        _ entry: KeyringFile.Entry, publicKey: ArchivePublicKey, recipient: RecipientKey
    ) throws(UnsealingError) -> ArchivePrivateKey {
        let secret = try recipient.open(
            entry, info: info, authenticating: associatedData(publicKey, recipient.id), format: format)
        return try ArchivePrivateKey(publicKey: publicKey, secret: secret)
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
    /// The stored form: JSON, key ids in hexadecimal, wrapped keys in base64.
    public func encoded() throws(UnsealingError) -> [UInt8] {
        do {
            return try file.encoded()
        } catch {
            throw .roster(error)
        }
    }

    /// Reads the stored form.
    public init(decoding json: [UInt8]) throws(UnsealingError) {
        do {
            self.init(try KeyringFile(decoding: json))
        } catch {
            throw .roster(error)
        }
    }
}

extension ArchiveKeyring {
    static let workingFormat = "wrapped working key"

    /// Wraps the working key of a deployment in key mode `operator` for the X25519 public key of a
    /// recipient. `deployment` is the id in the roster: the key does not open as another's.
    public mutating func addWorkingKey(
        _ root: SecretBytes, for recipient: [UInt8], deployment: [UInt8]
    ) throws(UnsealingError) {
        let recipientID = KeyID(publicKey: recipient)
        do {
            let id = try WorkingKey(root: root).id
            let sealed = try HPKESuite.seal(
                root, to: recipient, info: Self.workingInfo,
                authenticating: Self.workingData(id, deployment: deployment, recipientID), format: Self.workingFormat)
            file.working.removeAll { $0.recipient == recipientID }
            file.working.append(
                KeyringFile.Entry(
                    key: id, recipient: recipientID,
                    wrapped: [UInt8(Self.version)] + sealed.encapsulatedKey + sealed.ciphertext))
        } catch {
            throw .sealing(error)
        }
    }

    /// The working key, for a bridge that waits locked; `nil` when it is not wrapped for these keys.
    public func unlockWorkingKey(_ keys: StaffKeys, roster: VerifiedRoster) throws(UnsealingError) -> SecretBytes? {
        try unlockWorkingKey(keys.recipient, deployment: roster.deployment)
    }

    /// The working key by the recovery key.
    public func unlockWorkingKey(_ key: RecoveryKey, roster: VerifiedRoster) throws(UnsealingError) -> SecretBytes? {
        try unlockWorkingKey(key.recipient, deployment: roster.deployment)
    }

    private func unlockWorkingKey(
        _ recipient: RecipientKey, deployment: [UInt8]
    ) throws(UnsealingError) -> SecretBytes? {
        guard let entry = file.working.first(where: { $0.recipient == recipient.id }) else { return nil }
        let root = try recipient.open(
            entry, info: Self.workingInfo,
            authenticating: Self.workingData(entry.key, deployment: deployment, recipient.id),
            format: Self.workingFormat)
        do {
            guard try WorkingKey(root: root).id == entry.key else { throw UnsealingError.wrongArchiveKey(entry.key) }
            return root
        } catch let error as SealingError {
            throw .sealing(error)
        } catch let error as UnsealingError {
            throw error
        } catch {
            throw .internalFailure("\(error)")
        }
    }

    private static let workingInfo: [UInt8] = Transcript("sila wrapped working key", version: UInt8(version)).bytes

    private static func workingData(_ key: KeyID, deployment: [UInt8], _ recipient: KeyID) -> [UInt8] {
        var transcript = Transcript("sila wrapped working key", version: UInt8(version))
        transcript.add(deployment)
        transcript.add(key.bytes)
        transcript.add(recipient.bytes)
        return transcript.bytes
    }
}

extension RecipientKey {
    /// Opens one entry of a keyring: version (1), encapsulated key (32), sealed key (32 + 16).
    fileprivate func open(
        _ entry: KeyringFile.Entry, info: [UInt8], authenticating data: [UInt8], format: String
    ) throws(UnsealingError) -> SecretBytes {
        let bytes = entry.wrapped
        guard let version = bytes.first else {
            throw .sealing(.malformed(format: format, reason: "it is empty"))
        }
        guard version == UInt8(ArchiveKeyring.version) else {
            throw .sealing(.unsupportedVersion(format: format, found: version))
        }
        let split = 1 + HPKESuite.encapsulatedKeyCount
        guard bytes.count == KeyringFile.wrappedCount else {
            throw .sealing(
                .malformed(
                    format: format, reason: "it has \(bytes.count) bytes instead of \(KeyringFile.wrappedCount)"))
        }
        do {
            return try open(
                encapsulatedKey: Array(bytes[1..<split]), ciphertext: Array(bytes[split...]), info: info,
                authenticating: data, format: format)
        } catch {
            throw .sealing(error)
        }
    }
}
