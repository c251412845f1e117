import Foundation
import Sealing
import StaffProtocol
import Unsealing

/// Members with their keys, and a roster of them: one of each role, named after it.
struct People: Sendable {
    let keys: [String: StaffKeys]
    let roster: Roster
    let founder: StaffKeys
    static let date = Date(timeIntervalSince1970: 1_795_000_000)

    init() throws {
        var keys: [String: StaffKeys] = [:]
        for role in Role.allCases { keys[role.rawValue] = StaffKeys(id: try MemberID.named(role.rawValue)) }
        founder = try keys["coordinator"].orThrow()
        var roster = try founder.foundRoster(
            .found(
                deployment: Array(repeating: 7, count: 16), coordinator: founder.member(role: .coordinator),
                recoveryKey: RecoveryKey().publicKey),
            at: Self.date)
        for role in Role.allCases where role != .coordinator {
            let member = try keys[role.rawValue].orThrow().member(role: role)
            roster = try founder.append(.admit(member), to: roster, at: Self.date)
        }
        self.keys = keys
        self.roster = roster
    }

    func with(_ statement: RosterStatement) throws -> Roster {
        try founder.append(statement, to: roster, at: Self.date)
    }
}

extension Roster {
    func checked() throws -> VerifiedRoster {
        let first = try entries.first.orThrow()
        return try verified(by: RosterPin(first: first.hash, seenSequence: 0, seenHash: first.hash))
    }
}

extension MemberID {
    static func named(_ name: String) throws -> MemberID { try MemberID(rawValue: name).orThrow() }
}

extension Optional {
    struct Missing: Error {}
    func orThrow() throws -> Wrapped {
        guard let self else { throw Missing() }
        return self
    }
}

/// A directory in memory.
actor MemoryDirectory: StaffDirectory {
    static let workingKey = [UInt8](repeating: 9, count: 32)
    static let storedKeyring = Array(#"{"entries":[],"version":1}"#.utf8)

    private var current: Roster
    private var keyringBytes = storedKeyring
    private(set) var isLocked: Bool
    private(set) var changes: [(StaffChange, Call)] = []

    init(_ roster: Roster, isLocked: Bool) {
        current = roster
        self.isLocked = isLocked
    }

    func set(_ roster: Roster) { current = roster }

    func roster() async -> (verified: VerifiedRoster, stored: [UInt8]) {
        guard let verified = try? current.checked(), let stored = try? current.encoded() else {
            preconditionFailure("a roster of the tests does not hold")
        }
        return (verified, stored)
    }

    func keyring() async throws -> [UInt8] { keyringBytes }
    func store(keyring bytes: [UInt8]) { keyringBytes = bytes }

    func apply(_ change: StaffChange, _ call: Call) async throws -> Done {
        changes.append((change, call))
        return Done()
    }

    func unlock(workingKey: [UInt8], by viewer: Viewer) async throws -> Done {
        guard workingKey == Self.workingKey else {
            throw APIError(.refused, "this is not the working key of this deployment")
        }
        isLocked = false
        return Done()
    }
}

enum StaffKeysForTests {
    /// A member with keys that nobody had before.
    static func newMember(_ name: String, _ role: Role) throws -> RosterMember {
        StaffKeys(id: try MemberID.named(name)).member(role: role)
    }
}
