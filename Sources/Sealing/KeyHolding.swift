/// Who holds which archive key, as far as the keyring shows: whether a wrapped key opens, only its
/// recipient can tell.
public struct KeyHolding: Sendable, Equatable {
    /// One archive key and the members it is wrapped for.
    public struct Key: Sendable, Equatable {
        public let key: ArchivePublicKey
        /// By name.
        public let holders: [MemberID]
        /// Whether the recovery words open it.
        public let isRecoverable: Bool
    }

    /// In the order of the roster.
    public let keys: [Key]
    private let readable: [MemberID: Set<Compartment>]

    public init(roster: VerifiedRoster, keyring: KeyringFile) {
        let wrapped = Set(keyring.archive.map { [$0.key, $0.recipient] })
        let recovery = KeyID(publicKey: roster.recoveryKey)
        keys = roster.archiveKeys.map { key in
            Key(
                key: key,
                holders: roster.readers(of: key.compartment)
                    .filter { wrapped.contains([key.id, KeyID(publicKey: $0.sealingKey)]) }.map(\.id),
                isRecoverable: wrapped.contains([key.id, recovery]))
        }
        readable = roster.members.mapValues(\.role.readableCompartments)
    }

    /// The compartments of which a member holds every key.
    public func compartments(of member: MemberID) -> Set<Compartment> {
        (readable[member] ?? []).subtracting(lacking(member).map(\.compartment))
            .intersection(keys.map(\.key.compartment))
    }

    /// The keys that a member may have by role and does not hold.
    public func lacking(_ member: MemberID) -> [ArchivePublicKey] {
        keys.filter { readable[member]?.contains($0.key.compartment) == true && !$0.holders.contains(member) }
            .map(\.key)
    }

    /// The compartments of which nobody else holds some key: when this member loses their
    /// passphrase, only the recovery words open it.
    public func soleCompartments(of member: MemberID) -> Set<Compartment> {
        Set(keys.filter { $0.holders == [member] }.map(\.key.compartment))
    }

    /// The keys that no member holds: what is sealed to them opens with the recovery words, or not
    /// at all.
    public var heldByNobody: [Key] { keys.filter(\.holders.isEmpty) }
}
