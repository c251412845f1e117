import Foundation
import Sealing

/// Everything that a new deployment starts with, made in memory: nothing is written here.
public struct Founding: Sendable {
    public let roster: Roster
    public let verified: VerifiedRoster
    public let keyring: ArchiveKeyring
    public let keyFile: StaffKeyFile
    public let workingKey: SecretBytes
    /// Shown once and kept nowhere.
    public let recoveryKey: RecoveryKey

    /// Makes the keys of the first coordinator, an archive key for each compartment, the recovery
    /// key, the working key, and the roster that names the public ones.
    ///
    /// - Parameter wrapsWorkingKey: key mode `operator`: the keyring holds the working key, wrapped
    ///   for the coordinator and the recovery key, and nothing of it needs to be on the bridge's disk.
    public init(
        coordinator: MemberID, passphrase: Passphrase, wrapsWorkingKey: Bool = false, at date: Date
    ) throws(UnsealingError) {
        try self.init(
            coordinator: coordinator, passphrase: passphrase, wrapsWorkingKey: wrapsWorkingKey, at: date,
            scrypt: .standard())
    }

    init(
        coordinator: MemberID, passphrase: Passphrase, wrapsWorkingKey: Bool = false, at date: Date,
        scrypt: ScryptParameters
    ) throws(UnsealingError) {
        let keys = StaffKeys(id: coordinator)
        let recovery = try RecoveryKey()
        var roster = try keys.foundRoster(
            .found(
                deployment: Randomness.system.bytes(16), coordinator: keys.member(role: .coordinator),
                recoveryKey: recovery.publicKey),
            at: date)
        var keyring = ArchiveKeyring()
        for compartment in Compartment.allCases {
            let key = try ArchivePrivateKey(compartment: compartment, generation: 1)
            roster = try keys.append(.archiveKey(key.publicKey), to: roster, at: date)
            try keyring.add(key, for: keys.sealingPublicKey)
            try keyring.add(key, for: recovery.publicKey)
        }
        do {
            guard let first = roster.entries.first, let last = roster.entries.last else { throw RosterError.empty }
            verified = try roster.verified(
                by: RosterPin(first: first.hash, seenSequence: last.sequence, seenHash: last.hash))
        } catch let error as RosterError {
            throw .roster(error)
        } catch {
            throw .internalFailure("\(error)")
        }
        let workingKey = SecretBytes(randomCount: WorkingKey.byteCount)
        if wrapsWorkingKey {
            for recipient in [keys.sealingPublicKey, recovery.publicKey] {
                try keyring.addWorkingKey(workingKey, for: recipient, deployment: verified.deployment)
            }
        }
        self.roster = roster
        self.keyring = keyring
        keyFile = try StaffKeyFile(keys, passphrase: passphrase, scrypt: scrypt, randomness: .system)
        self.workingKey = workingKey
        recoveryKey = recovery
    }
}
