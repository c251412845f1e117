extension Role {
    /// The compartments whose archive keys are wrapped for this role.
    public var readableCompartments: Set<Compartment> {
        switch self {
        case .coordinator: [.conversation, .desk, .casework, .payments]
        case .staff: [.conversation, .desk, .casework]
        case .finance: [.desk, .payments]
        case .intern: [.conversation, .desk]
        case .auditor: []
        }
    }

    /// The compartments into which this role may put records: also some that it cannot read back.
    public var writableCompartments: Set<Compartment> {
        switch self {
        case .coordinator, .staff: [.conversation, .desk, .casework, .payments]
        case .finance: [.desk, .payments]
        case .intern: [.conversation, .desk, .casework]
        case .auditor: []
        }
    }

    /// Whether the working key is wrapped for this role (key mode `operator`): the same roles may
    /// give it to a bridge that waits locked.
    public var holdsWorkingKey: Bool {
        switch self {
        case .coordinator, .staff: true
        case .finance, .intern, .auditor: false
        }
    }
}

extension VerifiedRoster {
    /// The members whose role may read a compartment, by name.
    public func readers(of compartment: Compartment) -> [RosterMember] {
        sorted { $0.role.readableCompartments.contains(compartment) }
    }

    /// The members who may hold the working key, by name.
    public var workingKeyHolders: [RosterMember] { sorted(where: \.role.holdsWorkingKey) }

    private func sorted(where isIncluded: (RosterMember) -> Bool) -> [RosterMember] {
        members.values.filter(isIncluded).sorted { $0.id.rawValue < $1.id.rawValue }
    }

    /// The X25519 public keys for which an archive key of this compartment may be wrapped: those of
    /// its readers, and the recovery key.
    package func recipients(of compartment: Compartment) -> [[UInt8]] {
        readers(of: compartment).map(\.sealingKey) + [recoveryKey]
    }

    /// The X25519 public keys for which the working key may be wrapped.
    package var workingKeyRecipients: [[UInt8]] { workingKeyHolders.map(\.sealingKey) + [recoveryKey] }

    /// Who stands behind a recipient's key id, in words for people; `nil` for nobody of the roster.
    package func name(of recipient: KeyID) -> String? {
        if KeyID(publicKey: recoveryKey) == recipient { return "the recovery key" }
        return members.values.first { KeyID(publicKey: $0.sealingKey) == recipient }.map { "'\($0.id)'" }
    }
}
