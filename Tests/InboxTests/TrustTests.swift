import Foundation
import Glibc
import Sealing
import StaffProtocol
import Synchronization
import Testing

@testable import Inbox
@testable import Unsealing

@Suite struct TrustTests {
    @Test func aLongerRosterMovesThePin() throws {
        let deployment = try TestDeployment()
        let trusted = try RosterTrust(deployment.folder).accept(deployment.roster.encoded())
        #expect(trusted.verified == deployment.verified)
        #expect(try deployment.folder.readPin() == deployment.verified.pin)
    }

    @Test func aSubstitutedRosterIsRefusedLoudly() throws {
        let deployment = try TestDeployment()
        let before = try deployment.folder.readPin()
        let other = try TestDeployment()
        let error = #expect(throws: RosterRefusal.self) {
            try RosterTrust(deployment.folder).accept(other.roster.encoded())
        }
        #expect(error?.error == .notPinned)
        #expect(error?.isSubstituted == true)
        #expect(error?.description.hasPrefix("WARNING") == true)
        #expect(try deployment.folder.readPin() == before)
    }

    @Test func aReplayedArchiveKeyIsRefused() throws {
        let deployment = try TestDeployment()
        let trust = RosterTrust(deployment.folder)
        let newer = try deployment.rotated(.conversation).roster
        #expect(try trust.accept(newer.encoded()).verified.currentArchiveKey(.conversation)?.generation == 2)
        // The bridge offers the list as it was, with the old key.
        let error = #expect(throws: RosterRefusal.self) { try trust.accept(deployment.roster.encoded()) }
        #expect(error?.isSubstituted == true)
        #expect(try deployment.folder.readPin().seenSequence == newer.entries.last?.sequence)
    }

    @Test func aRosterThatNobodySignedIsRefused() throws {
        let deployment = try TestDeployment()
        let intruder = StaffKeys(id: deployment.coordinator.id)
        let forged = try intruder.append(
            .admit(StaffKeys(id: #require(MemberID(rawValue: "eve"))).member(role: .coordinator)),
            to: deployment.roster, at: TestDeployment.date)
        let error = #expect(throws: RosterRefusal.self) {
            try RosterTrust(deployment.folder).accept(forged.encoded())
        }
        #expect(error?.error == .badSignature(sequence: forged.entries.last?.sequence ?? 0))
    }

    @Test func aDamagedRosterIsNoAttack() throws {
        let deployment = try TestDeployment()
        let error = #expect(throws: RosterRefusal.self) {
            try RosterTrust(deployment.folder).accept(Array("{}".utf8))
        }
        #expect(error?.isSubstituted == false)
    }

    @Test func aMissingOrDamagedPinIsNamed() throws {
        let deployment = try TestDeployment()
        let trust = RosterTrust(deployment.folder)
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: deployment.folder.pin))
        let damaged = #expect(throws: FileError.self) { try trust.accept(deployment.roster.encoded()) }
        #expect(damaged?.path == deployment.folder.pin)
        try FileManager.default.removeItem(atPath: deployment.folder.pin)
        let missing = #expect(throws: FileError.self) { try trust.accept(deployment.roster.encoded()) }
        #expect(missing?.isMissing == true)
    }

    @Test func anotherProgramCannotMoveThePinBack() async throws {
        let deployment = try TestDeployment()
        let folder = deployment.folder
        let older = try deployment.roster.encoded()
        let newer = try deployment.rotated(.desk).roster
        let verified = try newer.verified(by: deployment.verified.pin)
        // This program is about to write the newer pin when another one comes with the older roster.
        let path = folder.pin + ".lock"
        let lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try #require(flock(lock, LOCK_EX) == 0)
        let result = Mutex<Result<TrustedRoster, any Error>?>(nil)
        let shared = Shared(result)
        let (ended, end) = AsyncStream<Void>.makeStream()
        Thread.detachNewThread {
            let found = Result { try RosterTrust(folder).accept(older) }
            shared.value.withLock { $0 = found }
            end.finish()
        }
        // Only the system's list of locks tells that somebody waits for one: no event does.
        while shared.value.withLock({ $0 == nil }), try !Self.isAwaited(lock) {
            try await Task.sleep(for: .milliseconds(5))
        }
        try folder.write(verified.pin)
        close(lock)
        for await _ in ended {}
        let error = #expect(throws: RosterRefusal.self) { try shared.value.withLock { try $0?.get() } }
        #expect(error?.isSubstituted == true)
        #expect(try folder.readPin() == verified.pin)
    }

    private final class Shared: Sendable {
        let value: Mutex<Result<TrustedRoster, any Error>?>
        init(_ value: consuming Mutex<Result<TrustedRoster, any Error>?>) { self.value = value }
    }

    /// Whether somebody waits for the lock on an open file (proc_locks(5)).
    private static func isAwaited(_ descriptor: Int32) throws -> Bool {
        var status = stat()
        fstat(descriptor, &status)
        let locks = try String(contentsOfFile: "/proc/locks", encoding: .utf8)
        return locks.split(separator: "\n").contains { $0.contains("->") && $0.contains(":\(status.st_ino) ") }
    }

    @Test func aKeyInAnothersPlaceIsRefused() async throws {
        let deployment = try TestDeployment()
        struct Stored: Codable {
            struct Entry: Codable {
                var archiveKey: String
                var recipient: String
                var wrapped: Data
            }
            var version: Int
            var entries: [Entry]
        }
        var stored = try JSONDecoder().decode(Stored.self, from: Data(deployment.keyring.encoded()))
        let recipient = KeyID(publicKey: deployment.coordinator.sealingPublicKey).description
        let mine = stored.entries.indices.filter { stored.entries[$0].recipient == recipient }
        // The wrapped key of one compartment is put in the place of another's.
        stored.entries[mine[0]].wrapped = stored.entries[mine[1]].wrapped
        let altered = Array(try JSONEncoder().encode(stored))
        let keys = UnlockedKeys(deployment.coordinator)
        let trusted = try deployment.trusted()
        let error = await caught(UnsealingError.self) { try await keys.use(keyring: altered, roster: trusted) }
        #expect(error != nil)
    }

    @Test func localKeysAreTheMembersOwn() async throws {
        let deployment = try TestDeployment()
        let mine = try deployment.coordinator.localKey(.drafts)
        #expect(mine.count == 32)
        #expect(try deployment.coordinator.localKey(.drafts) == mine)
        #expect(try await UnlockedKeys(deployment.coordinator).localKey(.drafts) == mine)
        #expect(try deployment.intern.localKey(.drafts) != mine)
    }
}

@Suite struct ProfileTests {
    @Test(arguments: [
        Profile.Place.socket("/run/sila/staff.sock"), .host("bridge", remoteSocket: "/srv/sila/run/staff.sock"),
    ])
    func aProfileComesBackAsItWas(_ place: Profile.Place) throws {
        let deployment = try TestDeployment()
        let profile = Profile(member: deployment.coordinator.id, place: place)
        try deployment.folder.write(profile)
        #expect(try deployment.folder.readProfile() == profile)
        let mode = try FileManager.default.attributesOfItem(atPath: deployment.folder.profile)[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test(arguments: [
        "", "[]", #"{"version":1,"member":"amina"}"#, #"{"version":1,"member":"Not A Name","socket":"/s"}"#,
        #"{"version":1,"member":"amina","socket":"/s","host":"h","remoteSocket":"/s"}"#,
        #"{"version":1,"member":"amina","host":"h"}"#, #"{"version":2,"member":"amina","socket":"/s"}"#,
        #"{"version":1,"member":"amina","socket":""}"#,
    ])
    func whatIsNoProfileIsRefused(_ text: String) {
        #expect(throws: ProfileError.self) { try Profile(decoding: Array(text.utf8)) }
    }
}
