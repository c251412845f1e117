import Foundation
import Sealing

/// Changes of people and keys, made in memory by a coordinator: each gives a roster with new signed
/// entries and the keyring that belongs to it. Nothing is written or sent here.
///
/// After every change the keyring holds nothing for anyone whom the roster does not allow it, and
/// for everyone whom it allows all that the author can open: of a compartment, all keys ever used.
public struct StaffChanges: Sendable {
    public private(set) var roster: Roster
    public private(set) var verified: VerifiedRoster
    public private(set) var keyring: ArchiveKeyring
    /// The compartments that got a new key.
    public private(set) var rotated: [Compartment] = []
    private let author: StaffKeys
    private let date: Date
    private var archiveKeys: [KeyID: ArchivePrivateKey]
    private let workingKey: SecretBytes?

    /// - Parameters:
    ///   - pin: what the author's machine remembers of the roster.
    ///   - recovery: opens what the author does not hold, for handing it on.
    ///   - date: stands in the new entries.
    /// - Throws: `StaffChangeError` when the roster does not hold, or the author is no coordinator in it.
    public init(
        roster: Roster, pin: RosterPin, keyring: ArchiveKeyring, author: StaffKeys, recovery: RecoveryKey? = nil,
        at date: Date
    ) throws(StaffChangeError) {
        do {
            let verified = try roster.verified(by: pin)
            guard let member = verified.members[author.id], member == author.member(role: member.role) else {
                throw StaffChangeError.notYou(author.id)
            }
            guard member.role == .coordinator else { throw StaffChangeError.notCoordinator(author.id, member.role) }
            archiveKeys = try keyring.unlock(author, roster: verified).keys
            var workingKey = try keyring.unlockWorkingKey(author, roster: verified)
            if let recovery {
                archiveKeys.merge(try keyring.unlock(recovery, roster: verified).keys) { own, _ in own }
                workingKey = try workingKey ?? keyring.unlockWorkingKey(recovery, roster: verified)
            }
            self.workingKey = workingKey
            self.roster = roster
            self.verified = verified
            self.keyring = keyring
            self.author = author
            self.date = date
        } catch {
            throw Self.failure(error)
        }
    }

    /// Admits someone new, and wraps for them what their role may read.
    public mutating func add(_ request: MemberRequest, role: Role) throws(StaffChangeError) {
        guard verified.members[request.id] == nil else { throw .isMember(request.id) }
        guard !hasLeft(request.id) else { throw .hasLeft(request.id) }
        try requireKeys(of: role.readableCompartments)
        try append(.admit(request.member(role: role)))
        try settle()
    }

    /// New keys for a present member who lost the old ones. What was wrapped for the old keys is
    /// taken out; what nobody can hand on is told by `KeyHolding.lacking`.
    ///
    /// - Parameter machineLost: the old key file may be in other hands: the compartments that they
    ///   could read get new keys.
    public mutating func replaceKeys(
        _ request: MemberRequest, machineLost: Bool = false
    ) throws(StaffChangeError) {
        guard let member = verified.members[request.id] else {
            throw hasLeft(request.id) ? .hasLeft(request.id) : .noMember(request.id)
        }
        guard request.id != author.id else { throw .yourself }
        guard request.member(role: member.role) != member else {
            throw .nothingToDo("the request has the keys that '\(member.id)' has already")
        }
        try append(.admit(request.member(role: member.role)))
        if machineLost { try renew(member.role.readableCompartments) }
        try settle()
    }

    /// Another role. Of what the new role may no longer read, the keys are taken out and rotated.
    public mutating func changeRole(of id: MemberID, to role: Role) throws(StaffChangeError) {
        guard let member = verified.members[id] else { throw .noMember(id) }
        guard member.role != role else { throw .nothingToDo("'\(id)' is \(role.rawValue) already") }
        guard id != author.id else { throw .yourself }
        try requireKeys(of: role.readableCompartments.subtracting(member.role.readableCompartments))
        try append(
            .admit(RosterMember(id: id, role: role, signingKey: member.signingKey, sealingKey: member.sealingKey)))
        try renew(member.role.readableCompartments.subtracting(role.readableCompartments))
        try settle()
    }

    /// Takes a member out, for good, and makes new keys for every compartment that they could read.
    /// That protects what comes after, not what they have read.
    public mutating func dismiss(_ id: MemberID) throws(StaffChangeError) {
        guard let member = verified.members[id] else { throw .noMember(id) }
        guard id != author.id else { throw .yourself }
        try append(.dismiss(id))
        try renew(member.role.readableCompartments)
        try settle()
    }

    /// New archive keys, for those who may read these compartments now.
    public mutating func rotate(_ compartments: Set<Compartment>) throws(StaffChangeError) {
        guard !compartments.isEmpty else { throw .nothingToDo("no compartment was named") }
        try renew(compartments)
        try settle()
    }

    /// Another recovery key. The author must be able to open every archive key, so that the new
    /// words open as much as the old ones did.
    public mutating func replaceRecoveryKey(with key: RecoveryKey) throws(StaffChangeError) {
        let missing = Set(verified.archiveKeys.filter { archiveKeys[$0.id] == nil }.map(\.compartment))
        guard missing.isEmpty else { throw .lacksKeys(Compartment.allCases.filter(missing.contains)) }
        try append(.recoveryKey(key.publicKey))
        try settle()
    }

    /// Wraps for everyone what they may read and do not have yet, as far as the author can open it.
    public mutating func complete() throws(StaffChangeError) { try settle() }

    // MARK: -

    private func hasLeft(_ id: MemberID) -> Bool {
        roster.entries.contains {
            if case .dismiss(id) = $0.statement { true } else { false }
        }
    }

    /// Handing on keys of these compartments must be possible, at least of those in use.
    private func requireKeys(of compartments: Set<Compartment>) throws(StaffChangeError) {
        let missing = Compartment.allCases.filter { compartment in
            guard compartments.contains(compartment), let key = verified.currentArchiveKey(compartment) else {
                return false
            }
            return archiveKeys[key.id] == nil
        }
        guard missing.isEmpty else { throw .lacksKeys(missing) }
    }

    private mutating func renew(_ compartments: Set<Compartment>) throws(StaffChangeError) {
        for compartment in Compartment.allCases where compartments.contains(compartment) {
            let generation = (verified.currentArchiveKey(compartment)?.generation ?? 0) + 1
            let key: ArchivePrivateKey
            do {
                key = try ArchivePrivateKey(compartment: compartment, generation: generation)
            } catch {
                throw .unsealing(error)
            }
            try append(.archiveKey(key.publicKey))
            archiveKeys[key.publicKey.id] = key
            rotated.append(compartment)
        }
    }

    private mutating func append(_ statement: RosterStatement) throws(StaffChangeError) {
        do {
            let longer = try author.append(statement, to: roster, at: date)
            guard let entry = longer.entries.last else { throw RosterError.empty }
            var next = verified
            try next.append(entry)
            (roster, verified) = (longer, next)
        } catch {
            throw Self.failure(error)
        }
    }

    private mutating func settle() throws(StaffChangeError) {
        do {
            var next = ArchiveKeyring(keyring.file.pruned(for: verified))
            let present = Set(next.file.archive.map { [$0.key, $0.recipient] })
            for publicKey in verified.archiveKeys {
                guard let key = archiveKeys[publicKey.id] else { continue }
                for recipient in verified.recipients(of: publicKey.compartment)
                where !present.contains([publicKey.id, KeyID(publicKey: recipient)]) {
                    try next.add(key, for: recipient)
                }
            }
            let holders = Set(next.file.working.map(\.recipient))
            if let workingKey {
                for recipient in verified.workingKeyRecipients where !holders.contains(KeyID(publicKey: recipient)) {
                    try next.addWorkingKey(workingKey, for: recipient, deployment: verified.deployment)
                }
            }
            keyring = next
        } catch {
            throw Self.failure(error)
        }
    }

    private static func failure(_ error: any Error) -> StaffChangeError {
        switch error {
        case let error as StaffChangeError: error
        case let error as RosterError: .roster(error)
        case let error as UnsealingError: .unsealing(error)
        default: .unsealing(.internalFailure("\(error)"))
        }
    }
}
