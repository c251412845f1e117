import FoundationEssentials

extension Roster {
    private struct Stored: Codable {
        var version: Int
        var entries: [StoredEntry]
    }

    private struct StoredEntry: Codable {
        var sequence: Int64
        var previous: Data
        /// Milliseconds since 1970-01-01 UTC.
        var at: Int64
        var author: String
        var statement: StoredStatement
        var signature: Data
    }

    private struct StoredMember: Codable {
        var id: String
        var role: String
        var signingKey: Data
        var sealingKey: Data
    }

    /// One object for all kinds: `kind` says which of the values must be there.
    private struct StoredStatement: Codable {
        var kind: String
        var deployment: Data?
        var member: StoredMember?
        var id: String?
        var compartment: String?
        var generation: UInt32?
        var publicKey: Data?
    }

    /// The stored form: JSON, sorted keys, binary values in base64.
    public func encoded() throws(RosterError) -> [UInt8] {
        try JSONForm.encode(Stored(version: Self.version, entries: entries.map(Self.store)))
    }

    /// Reads the stored form. What it says is not verified yet. Throws `RosterError`.
    public init(decoding json: [UInt8]) throws(RosterError) {
        let stored: Stored = try JSONForm.decode(json, version: Self.version, name: "roster")
        var entries: [RosterEntry] = []
        for entry in stored.entries { entries.append(try Self.entry(entry)) }
        self.init(entries: entries)
    }

    private static func store(_ entry: RosterEntry) -> StoredEntry {
        StoredEntry(
            sequence: entry.sequence, previous: Data(entry.previous), at: entry.at.milliseconds,
            author: entry.author.rawValue, statement: store(entry.statement), signature: Data(entry.signature))
    }

    private static func store(_ statement: RosterStatement) -> StoredStatement {
        var stored = StoredStatement(kind: statement.kind)
        switch statement {
        case .found(let deployment, let coordinator, let recoveryKey):
            stored.deployment = Data(deployment)
            stored.member = store(coordinator)
            stored.publicKey = Data(recoveryKey)
        case .admit(let member):
            stored.member = store(member)
        case .dismiss(let id):
            stored.id = id.rawValue
        case .archiveKey(let key):
            stored.compartment = key.compartment.rawValue
            stored.generation = key.generation
            stored.publicKey = Data(key.publicKey)
        case .recoveryKey(let key):
            stored.publicKey = Data(key)
        }
        return stored
    }

    private static func store(_ member: RosterMember) -> StoredMember {
        StoredMember(
            id: member.id.rawValue, role: member.role.rawValue, signingKey: Data(member.signingKey),
            sealingKey: Data(member.sealingKey))
    }

    private static func entry(_ stored: StoredEntry) throws(RosterError) -> RosterEntry {
        guard let author = MemberID(rawValue: stored.author) else {
            throw .malformed(reason: "the author of entry \(stored.sequence) is not a short name")
        }
        return RosterEntry(
            sequence: stored.sequence, previous: Array(stored.previous), at: Date(milliseconds: stored.at),
            author: author, statement: try statement(stored.statement, sequence: stored.sequence),
            signature: Array(stored.signature))
    }

    private static func statement(
        _ stored: StoredStatement, sequence: Int64
    ) throws(RosterError) -> RosterStatement {
        switch stored.kind {
        case "found":
            guard let deployment = stored.deployment, let coordinator = try member(stored.member),
                let key = stored.publicKey
            else { break }
            return .found(deployment: Array(deployment), coordinator: coordinator, recoveryKey: Array(key))
        case "admit":
            guard let member = try member(stored.member) else { break }
            return .admit(member)
        case "dismiss":
            guard let id = stored.id.flatMap(MemberID.init(rawValue:)) else { break }
            return .dismiss(id)
        case "archive-key":
            guard let compartment = stored.compartment.flatMap(Compartment.init(rawValue:)),
                let generation = stored.generation, let key = stored.publicKey
            else { break }
            do {
                return .archiveKey(
                    try ArchivePublicKey(compartment: compartment, generation: generation, publicKey: Array(key)))
            } catch {
                throw .malformed(reason: "entry \(sequence): \(error)")
            }
        case "recovery-key":
            guard let key = stored.publicKey else { break }
            return .recoveryKey(Array(key))
        default:
            throw .malformed(
                reason: "entry \(sequence) says '\(stored.kind.prefix(40))', which this version does not know")
        }
        throw .malformed(reason: "entry \(sequence) lacks a value")
    }

    private static func member(_ stored: StoredMember?) throws(RosterError) -> RosterMember? {
        guard let stored else { return nil }
        guard let id = MemberID(rawValue: stored.id), let role = Role(rawValue: stored.role) else {
            throw .malformed(reason: "a member's name or role is not known")
        }
        return RosterMember(
            id: id, role: role, signingKey: Array(stored.signingKey), sealingKey: Array(stored.sealingKey))
    }
}

extension VerifiedRoster {
    /// Reads roster and pin from disk and verifies. The files are public: no mode is asked for.
    public static func load(rosterPath: String, pinPath: String) throws(RosterError) -> VerifiedRoster {
        let pin = try RosterPin(decoding: read(pinPath))
        return try Roster(decoding: read(rosterPath)).verified(by: pin)
    }

    private static func read(_ path: String) throws(RosterError) -> [UInt8] {
        guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: path) }
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw .unreadable(path: path, reason: "\(error)")
        }
    }
}
