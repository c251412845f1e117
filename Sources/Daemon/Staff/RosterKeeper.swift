import Dispatch
import Foundation
import Sealing
import StaffProtocol

/// Who belongs to the deployment, as the daemon keeps it: roster, pin and keyring on the disk, and in
/// key mode `operator` the wait for the working key.
///
/// It verifies what it is given and can open none of it.
public actor RosterKeeper: StaffDirectory {
    /// A change that is on the disk.
    public struct Change: Sendable {
        public let roster: VerifiedRoster
        /// Everything open of the first goes to the second.
        public let reassign: StaffChange.Reassignment?
        public let call: Call
    }

    /// What the rest of the daemon does.
    public struct Hooks: Sendable {
        /// After a change is on the disk: seal to its keys, end sessions, reassign, tell staff. May run
        /// again for the same change when it failed, or when the client asks again.
        public var onRoster: @Sendable (Change) async throws -> Void
        /// Key mode `operator`: whether this key, which the viewer gave, opens the store, and if so makes use
        /// of it. A store that does not exist yet takes any.
        public var onKey: @Sendable (WorkingKey, Viewer) async throws -> Bool

        public init(
            onRoster: @escaping @Sendable (Change) async throws -> Void,
            onKey: @escaping @Sendable (WorkingKey, Viewer) async throws -> Bool = { _, _ in true }
        ) {
            self.onRoster = onRoster
            self.onKey = onKey
        }
    }

    private let files: StaffFiles
    private let hooks: Hooks
    private var contents: StaffFiles.Contents
    private var key: KeyState
    private let executor = SerialQueue(label: "sila.roster")

    private enum KeyState {
        /// Read by the daemon itself, or given.
        case open
        case locked
        /// A key is being tried.
        case trying
    }

    // Files are written here, which takes a disk's time: not on the cooperative pool.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Reads the files and verifies them.
    ///
    /// - Parameter waitsForKey: key mode `operator`.
    /// - Throws: `RosterError`, also when the keyring has no working key in key mode `operator`.
    public init(
        rosterPath: String, pinPath: String, keyringPath: String, waitsForKey: Bool, hooks: Hooks
    ) throws {
        try self.init(
            files: StaffFiles(roster: rosterPath, pin: pinPath, keyring: keyringPath), waitsForKey: waitsForKey,
            hooks: hooks)
    }

    init(files: StaffFiles, waitsForKey: Bool, hooks: Hooks) throws {
        let contents = try files.read()
        if waitsForKey, contents.keyring.working.isEmpty {
            throw RosterError.unreadable(
                path: files.keyring,
                reason: "it holds no working key for key mode 'operator'; restore it from a backup, or set "
                    + "keys.mode to the mode this deployment was made with")
        }
        self.files = files
        self.hooks = hooks
        self.contents = contents
        key = waitsForKey ? .locked : .open
    }

    public func roster() -> (verified: VerifiedRoster, stored: [UInt8]) { (contents.verified, contents.stored) }

    public func keyring() throws -> [UInt8] { try contents.keyring.encoded() }

    public func apply(_ change: StaffChange, _ call: Call) async throws -> Done {
        guard contents.verified.members[call.viewer.member]?.role == .coordinator else {
            throw APIError(.forbidden, "Only a coordinator may change who belongs.")
        }
        let check = ChangeCheck(present: contents, caller: call.viewer.member)
        // The same call again, whose first answer was lost or whose hook failed, writes nothing.
        if try !check.isPresent(change) {
            let next = try check.check(change)
            do {
                try files.replace(contents, by: next)
            } catch {
                throw APIError(
                    .unavailable,
                    "The change could not be written to the bridge's disk. Nothing was changed; try again.")
            }
            contents = next
        }
        try await hooks.onRoster(Change(roster: contents.verified, reassign: change.reassign, call: call))
        return Done()
    }

    public var isLocked: Bool { key != .open }

    public func unlock(workingKey: [UInt8], by viewer: Viewer) async throws -> Done {
        guard contents.verified.members[viewer.member]?.role.holdsWorkingKey == true else {
            throw APIError(.forbidden, "Only a coordinator or staff may open the bridge.")
        }
        switch key {
        case .open: return Done()
        case .trying: throw APIError(.conflict, "Somebody else opens the bridge at this moment.")
        case .locked: break
        }
        var bytes = workingKey
        guard let given = try? WorkingKey(root: SecretBytes(wiping: &bytes)),
            contents.keyring.working.contains(where: { $0.key == given.id })
        else { throw Self.wrongKey }
        key = .trying
        do {
            guard try await hooks.onKey(given, viewer) else { throw Self.wrongKey }
            key = .open
        } catch {
            key = .locked
            throw error
        }
        return Done()
    }

    private static let wrongKey = APIError(
        .refused, "This is not the working key of this bridge. Nothing was opened.")
}

/// Runs an actor's jobs on a dispatch queue of its own.
private final class SerialQueue: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
