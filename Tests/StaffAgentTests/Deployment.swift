import Foundation
import Messaging
import Sealing
import StaffProtocol
import Synchronization
import Unsealing

@testable import StaffAgent

/// A deployment made in memory: a coordinator, an intern, archive keys for every compartment.
struct Deployment {
    let coordinator = StaffKeys(id: MemberID(rawValue: "noor") ?? Deployment.impossible())
    let intern = StaffKeys(id: MemberID(rawValue: "sami") ?? Deployment.impossible())
    private(set) var roster: Roster
    private(set) var keyring = ArchiveKeyring()
    let foundingPin: RosterPin

    init() throws {
        roster = try coordinator.foundRoster(
            .found(
                deployment: Array(repeating: 9, count: 16), coordinator: coordinator.member(role: .coordinator),
                recoveryKey: RecoveryKey().publicKey), at: Date(timeIntervalSince1970: 1_760_000_000))
        let first = try verify(roster)
        foundingPin = RosterPin(first: first.first, seenSequence: 0, seenHash: first.first)
        for compartment in Compartment.allCases { try addKey(compartment, generation: 1) }
        try append(.admit(intern.member(role: .intern)))
    }

    private static func impossible() -> MemberID { preconditionFailure("a short name is a short name") }

    mutating func append(_ statement: RosterStatement) throws {
        roster = try coordinator.append(statement, to: roster, at: Date(timeIntervalSince1970: 1_760_000_100))
    }

    /// A new archive key, wrapped for those whose role may read the compartment.
    mutating func addKey(_ compartment: Compartment, generation: UInt32) throws {
        let key = try ArchivePrivateKey(compartment: compartment, generation: generation)
        try append(.archiveKey(key.publicKey))
        try keyring.add(key, for: coordinator.sealingPublicKey)
        if Role.intern.readableCompartments.contains(compartment) {
            try keyring.add(key, for: intern.sealingPublicKey)
        }
    }

    var verified: VerifiedRoster { get throws { try verify(roster) } }
    var files: (roster: [UInt8], keyring: [UInt8]) { get throws { (try roster.encoded(), try keyring.encoded()) } }

    func session(
        _ keys: StaffKeys? = nil, idle: Double = 1800, clocks: AgentClocks = .system
    ) -> AgentSession {
        AgentSession(keys: keys ?? coordinator, pin: foundingPin, idle: idle, clocks: clocks)
    }
}

private func verify(_ roster: Roster) throws -> VerifiedRoster {
    guard let first = roster.entries.first else { throw RosterError.empty }
    return try roster.verified(by: RosterPin(first: first.hash, seenSequence: 0, seenHash: first.hash))
}

/// Clocks that stand until they are set.
final class FakeClocks: Sendable {
    private let time = Mutex((awake: 1000.0, boot: 5000.0, wall: 1_790_000_000.0))

    func pass(_ seconds: Double) { time.withLock { $0 = ($0.awake + seconds, $0.boot + seconds, $0.wall + seconds) } }
    func suspend(_ seconds: Double) { time.withLock { $0 = ($0.awake, $0.boot + seconds, $0.wall + seconds) } }
    func setWall(_ seconds: Double) { time.withLock { $0.wall = seconds } }

    var clocks: AgentClocks {
        AgentClocks(
            awake: { self.time.withLock { $0.awake } }, boot: { self.time.withLock { $0.boot } },
            wall: { self.time.withLock { $0.wall } })
    }
}
