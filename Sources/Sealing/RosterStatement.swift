/// The short name of a member in a deployment: 1 to 32 lower-case letters, digits, hyphens. It is
/// never given to anyone else again.
public struct MemberID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String

    /// `nil` when the text is not a short name.
    public init?(rawValue: String) {
        let allowed = rawValue.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d
        }
        guard allowed, (1...32).contains(rawValue.utf8.count), !rawValue.hasPrefix("-"), !rawValue.hasSuffix("-")
        else { return nil }
        self.rawValue = rawValue
    }

    public var description: String { rawValue }
}

/// What a member is allowed, in outline. The raw value is part of signed formats.
public enum Role: String, CaseIterable, Sendable {
    case coordinator, staff, finance, intern, auditor
}

/// A member of staff with the public halves of their keys.
public struct RosterMember: Hashable, Sendable {
    public let id: MemberID
    public let role: Role
    /// Ed25519, 32 bytes: signs the roster, log-ins and approvals.
    public let signingKey: [UInt8]
    /// X25519, 32 bytes: archive keys are wrapped to it.
    public let sealingKey: [UInt8]

    public init(id: MemberID, role: Role, signingKey: [UInt8], sealingKey: [UInt8]) {
        self.id = id
        self.role = role
        self.signingKey = signingKey
        self.sealingKey = sealingKey
    }

    func add(to transcript: inout Transcript) {
        transcript.add(id.rawValue)
        transcript.add(role.rawValue)
        transcript.add(signingKey)
        transcript.add(sealingKey)
    }
}

/// What one entry of the roster says.
public enum RosterStatement: Hashable, Sendable {
    /// The first entry: a random id of the deployment (16 bytes), its first coordinator, and the
    /// recovery key (X25519).
    case found(deployment: [UInt8], coordinator: RosterMember, recoveryKey: [UInt8])
    /// A new member, or a member's new keys or role.
    case admit(RosterMember)
    /// A member leaves. Their short name is not used again.
    case dismiss(MemberID)
    /// A new archive key of a compartment; its generation is one more than the last.
    case archiveKey(ArchivePublicKey)
    /// A new recovery key; the old one is not used for anything new.
    case recoveryKey([UInt8])

    package var kind: String {
        switch self {
        case .found: "found"
        case .admit: "admit"
        case .dismiss: "dismiss"
        case .archiveKey: "archive-key"
        case .recoveryKey: "recovery-key"
        }
    }

    func add(to transcript: inout Transcript) {
        transcript.add(kind)
        switch self {
        case .found(let deployment, let coordinator, let recoveryKey):
            transcript.add(deployment)
            coordinator.add(to: &transcript)
            transcript.add(recoveryKey)
        case .admit(let member):
            member.add(to: &transcript)
        case .dismiss(let member):
            transcript.add(member.rawValue)
        case .archiveKey(let key):
            transcript.add(key.compartment.rawValue)
            transcript.add(Int64(key.generation))
            transcript.add(key.publicKey)
        case .recoveryKey(let key):
            transcript.add(key)
        }
    }
}
