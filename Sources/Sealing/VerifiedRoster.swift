import Crypto

/// A roster whose chain, signatures and rules hold.
public struct VerifiedRoster: Sendable, Equatable {
    /// The random id of the deployment, 16 bytes.
    public let deployment: [UInt8]
    /// Everyone who belongs now.
    public private(set) var members: [MemberID: RosterMember]
    /// Every archive key ever used, in order.
    public private(set) var archiveKeys: [ArchivePublicKey] = []
    /// X25519, 32 bytes.
    public private(set) var recoveryKey: [UInt8]
    /// The number of the last entry, the first being 0.
    public private(set) var sequence: Int64 = 0
    /// The hash of the first entry: what a pin holds and what people compare.
    public let first: [UInt8]
    /// The hash of the last entry.
    public private(set) var head: [UInt8]
    private var usedIDs: Set<MemberID>
    private var usedKeys: Set<[UInt8]>

    /// Starts with a first entry, which its own coordinator signed.
    init(founding entry: RosterEntry) throws(RosterError) {
        guard case .found(let deployment, let coordinator, let recoveryKey) = entry.statement else {
            throw .rule(sequence: 0, "the first entry does not found a deployment")
        }
        guard entry.sequence == 0, entry.previous == RosterEntry.noPrevious else {
            throw .brokenChain(sequence: 0)
        }
        guard deployment.count == 16 else {
            throw .rule(sequence: 0, "the deployment's id does not have 16 bytes")
        }
        guard coordinator.role == .coordinator, entry.author == coordinator.id else {
            throw .rule(sequence: 0, "the first member is not the coordinator who signs")
        }
        guard entry.isSigned(by: coordinator.signingKey) else { throw .badSignature(sequence: 0) }
        self.deployment = deployment
        members = [coordinator.id: coordinator]
        self.recoveryKey = recoveryKey
        usedIDs = [coordinator.id]
        usedKeys = [coordinator.signingKey, coordinator.sealingKey, recoveryKey]
        first = entry.hash
        head = first
        guard usedKeys.count == 3, usedKeys.allSatisfy({ $0.count == 32 }) else {
            throw .rule(sequence: 0, "its keys are not three different keys of 32 bytes")
        }
    }

    /// Adds an entry that follows the last one and is signed by a present coordinator.
    package mutating func append(_ entry: RosterEntry) throws(RosterError) {
        let number = sequence + 1
        guard entry.sequence == number, entry.previous == head else { throw .brokenChain(sequence: number) }
        guard let author = members[entry.author] else {
            throw .rule(sequence: number, "it is signed by '\(entry.author)', who is not a member")
        }
        guard author.role == .coordinator else {
            throw .rule(sequence: number, "it is signed by '\(entry.author)', who is not a coordinator")
        }
        guard entry.isSigned(by: author.signingKey) else { throw .badSignature(sequence: number) }
        try apply(entry.statement, number: number)
        sequence = number
        head = entry.hash
    }

    private mutating func apply(_ statement: RosterStatement, number: Int64) throws(RosterError) {
        switch statement {
        case .found:
            throw .rule(sequence: number, "only the first entry founds a deployment")
        case .admit(let member):
            try admit(member, number: number)
        case .dismiss(let id):
            guard members.removeValue(forKey: id) != nil else {
                throw .rule(sequence: number, "it dismisses '\(id)', who is not a member")
            }
            try requireCoordinator(number)
        case .archiveKey(let key):
            let last = currentArchiveKey(key.compartment)?.generation ?? 0
            guard key.generation == last + 1 else {
                throw .rule(
                    sequence: number,
                    "the archive key of '\(key.compartment.rawValue)' has generation \(key.generation) after \(last)")
            }
            try use(key.publicKey, number: number)
            archiveKeys.append(key)
        case .recoveryKey(let key):
            try use(key, number: number)
            recoveryKey = key
        }
    }

    private mutating func admit(_ member: RosterMember, number: Int64) throws(RosterError) {
        if let present = members[member.id] {
            // The same person with a new role or new keys.
            if present.signingKey != member.signingKey { try use(member.signingKey, number: number) }
            if present.sealingKey != member.sealingKey { try use(member.sealingKey, number: number) }
        } else {
            guard usedIDs.insert(member.id).inserted else {
                throw .rule(sequence: number, "the name '\(member.id)' belonged to someone who left")
            }
            try use(member.signingKey, number: number)
            try use(member.sealingKey, number: number)
        }
        members[member.id] = member
        try requireCoordinator(number)
    }

    /// A public key stands for one purpose and one person, for good.
    private mutating func use(_ key: [UInt8], number: Int64) throws(RosterError) {
        guard key.count == 32 else { throw .rule(sequence: number, "a key does not have 32 bytes") }
        guard usedKeys.insert(key).inserted else {
            throw .rule(sequence: number, "it uses a key that was used before")
        }
    }

    private func requireCoordinator(_ number: Int64) throws(RosterError) {
        guard members.values.contains(where: { $0.role == .coordinator }) else {
            throw .rule(sequence: number, "it leaves the deployment without a coordinator")
        }
    }

    /// The newest archive key of a compartment.
    public func currentArchiveKey(_ compartment: Compartment) -> ArchivePublicKey? {
        archiveKeys.last { $0.compartment == compartment }
    }

    /// The newest archive key of every compartment that has one.
    public var currentArchiveKeys: [ArchivePublicKey] { Compartment.allCases.compactMap(currentArchiveKey) }

    /// What people compare in person: five words of the first entry's hash (80 bits).
    public var fingerprint: String { Proquint.words(Array(first.prefix(10))) }

    /// A pin that holds this state.
    public var pin: RosterPin { RosterPin(first: first, seenSequence: sequence, seenHash: head) }
}
