import Foundation
import Sealing
import StaffProtocol
import Testing

@testable import Daemon
@testable import Unsealing

func member(_ name: String) throws -> MemberID {
    try #require(MemberID(rawValue: name))
}

/// Expects an `APIError` of a code.
@discardableResult
func expect(
    _ code: APIError.Code, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> some Any
) async -> APIError? {
    do {
        _ = try await body()
        Issue.record("nothing was refused", sourceLocation: sourceLocation)
    } catch let error as APIError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
    return nil
}

/// The files of a deployment in a folder of its own, and the keys of its coordinator `amina`.
final class Deployment {
    let folder: String
    let coordinator: StaffKeys
    let workingKey: SecretBytes
    let recoveryKey: RecoveryKey
    private(set) var roster: Roster
    private(set) var keyring: ArchiveKeyring

    init(wrapsWorkingKey: Bool = false) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sila-daemon-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let passphrase = Passphrase("a passphrase for tests")
        let founding = try Founding(
            coordinator: try member("amina"), passphrase: passphrase, wrapsWorkingKey: wrapsWorkingKey, at: Date(),
            scrypt: ScryptParameters(
                salt: [UInt8](repeating: 1, count: 16), rounds: 1024, blockSize: 8, parallelism: 1))
        coordinator = try founding.keyFile.unlock(passphrase)
        workingKey = founding.workingKey
        recoveryKey = founding.recoveryKey
        roster = founding.roster
        keyring = founding.keyring
        for (name, bytes) in [
            ("roster.json", try roster.encoded()), ("roster.pin", try founding.verified.pin.encoded()),
            ("archive-keyring.json", try keyring.encoded()),
        ] {
            try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    func fileNames() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

    /// The number of the last entry that the pin on the disk has seen.
    func seen() throws -> Int64 {
        try RosterPin(decoding: Array(try Data(contentsOf: URL(fileURLWithPath: path("roster.pin"))))).seenSequence
    }

    private func pin() throws -> RosterPin {
        let first = try #require(roster.entries.first).hash
        return RosterPin(first: first, seenSequence: 0, seenHash: first)
    }

    var verified: VerifiedRoster { get throws { try roster.verified(by: try pin()) } }

    func changes() throws -> StaffChanges {
        try StaffChanges(roster: roster, pin: try pin(), keyring: keyring, author: coordinator, at: Date())
    }

    func change(_ changes: StaffChanges, reassign: StaffChange.Reassignment? = nil) throws -> StaffChange {
        StaffChange(
            after: try verified.sequence, roster: Data(try changes.roster.encoded()),
            keyring: Data(try changes.keyring.encoded()), reassign: reassign)
    }

    func after(_ body: (inout StaffChanges) throws -> Void) throws -> StaffChanges {
        var changes = try changes()
        try body(&changes)
        return changes
    }

    func adding(_ name: String, _ role: Role, keep: Bool = true) throws -> StaffChange {
        try adding(StaffKeys(id: try member(name)), role, keep: keep)
    }

    /// - Parameter keep: go on from the state after it.
    func adding(_ keys: StaffKeys, _ role: Role, keep: Bool = true) throws -> StaffChange {
        let next = try after { try $0.add(try MemberRequest(keys), role: role) }
        let change = try change(next)
        if keep { (roster, keyring) = (next.roster, next.keyring) }
        return change
    }

    func call(by name: String = "amina") throws -> Call {
        Call(
            viewer: Viewer(member: try member(name), role: .coordinator), endpoint: .changeStaff,
            key: IdempotencyKey.random(), request: [])
    }

    /// - Parameter writes: how many files are written before the disk takes no more.
    func keeper(waitsForKey: Bool = false, writes: Int? = nil, hooks: HookLog = HookLog()) throws -> RosterKeeper {
        var files = StaffFiles(
            roster: path("roster.json"), pin: path("roster.pin"), keyring: path("archive-keyring.json"))
        if let writes {
            let disk = FailingDisk(writes: writes)
            files.write = { try disk.write($0, to: $1) }
        }
        return try RosterKeeper(
            files: files, waitsForKey: waitsForKey,
            hooks: RosterKeeper.Hooks(
                onRoster: { try await hooks.onRoster($0) }, onKey: { key, _ in await hooks.onKey(key) }))
    }
}

/// A disk that takes a number of files and then none.
final class FailingDisk: @unchecked Sendable {
    // Only the executor of one keeper calls it, one job at a time.
    private var left: Int

    init(writes: Int) { left = writes }

    func write(_ bytes: [UInt8], to path: String) throws {
        guard left > 0 else { throw POSIXError(.ENOSPC) }
        left -= 1
        try AtomicFile.write(bytes, to: path)
    }
}

/// What the keeper told the rest of the daemon.
actor HookLog {
    struct Failure: Error {}

    private(set) var rosters: [VerifiedRoster] = []
    private(set) var reassignments: [StaffChange.Reassignment?] = []
    private(set) var keys: [KeyID] = []
    private var failures = 0
    private var refusals = 0

    func fail(times: Int) { failures = times }
    func refuseKeys(times: Int) { refusals = times }

    func onRoster(_ change: RosterKeeper.Change) throws {
        if failures > 0 {
            failures -= 1
            throw Failure()
        }
        rosters.append(change.roster)
        reassignments.append(change.reassign)
    }

    func onKey(_ key: WorkingKey) -> Bool {
        if refusals > 0 {
            refusals -= 1
            return false
        }
        keys.append(key.id)
        return true
    }
}
