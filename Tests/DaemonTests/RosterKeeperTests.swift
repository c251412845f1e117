import Foundation
import Sealing
import StaffProtocol
import Testing

@testable import Daemon
@testable import Unsealing

@Suite struct RosterKeeperTests {
    @Test func whatIsOnTheDiskIsServed() async throws {
        let deployment = try Deployment()
        let keeper = try deployment.keeper()
        let roster = await keeper.roster()
        #expect(roster.verified == (try deployment.verified))
        #expect(roster.stored == (try deployment.roster.encoded()))
        #expect(try await keeper.keyring() == (try deployment.keyring.encoded()))
        #expect(await !keeper.isLocked)
    }

    @Test func aChangeIsOnTheDiskBeforeTheAnswer() async throws {
        let deployment = try Deployment()
        let hooks = HookLog()
        let keeper = try deployment.keeper(hooks: hooks)
        let change = try deployment.adding("bilal", .intern)
        _ = try await keeper.apply(change, deployment.call())
        #expect(await keeper.roster().stored == Array(change.roster))
        #expect(try await keeper.keyring() == Array(change.keyring))
        let again = try deployment.keeper()
        #expect(await again.roster().verified.members.count == 2)
        #expect(try await again.keyring() == Array(change.keyring))
        #expect(await hooks.rosters.map(\.sequence) == [change.after + 1])
        #expect(try deployment.seen() == change.after + 1, "the pin follows")
        #expect(try deployment.fileNames() == ["archive-keyring.json", "roster.json", "roster.pin"])
    }

    @Test func theReassignmentIsHandedOn() async throws {
        let deployment = try Deployment()
        let hooks = HookLog()
        let keeper = try deployment.keeper(hooks: hooks)
        _ = try await keeper.apply(try deployment.adding("bilal", .intern), deployment.call())
        let reassign = StaffChange.Reassignment(from: "bilal", to: "amina")
        let next = try deployment.after { try $0.dismiss(try member("bilal")) }
        let change = try deployment.change(next, reassign: reassign)
        _ = try await keeper.apply(change, deployment.call())
        #expect(await hooks.reassignments == [nil, reassign])
        // A repeated call writes nothing and tells the same.
        _ = try await keeper.apply(change, deployment.call())
        #expect(await hooks.reassignments == [nil, reassign, reassign])
    }

    @Test func aHookThatFailedIsRunAgainByTheSameCall() async throws {
        let deployment = try Deployment()
        let hooks = HookLog()
        await hooks.fail(times: 1)
        let keeper = try deployment.keeper(hooks: hooks)
        let change = try deployment.adding("bilal", .intern)
        await #expect(throws: HookLog.Failure.self) { try await keeper.apply(change, deployment.call()) }
        _ = try await keeper.apply(change, deployment.call())
        #expect(await hooks.rosters.count == 1)
    }

    @Test func onlyACoordinatorChangesAnything() async throws {
        let deployment = try Deployment()
        let keeper = try deployment.keeper()
        _ = try await keeper.apply(try deployment.adding("bilal", .staff), deployment.call())
        let change = try deployment.adding("carla", .intern)
        // What counts is the roster, not what the session was begun as.
        for caller in ["bilal", "carla", "nobody"] {
            await expect(.forbidden) { try await keeper.apply(change, deployment.call(by: caller)) }
        }
    }

    @Test func somebodyElseWasFaster() async throws {
        let deployment = try Deployment()
        let keeper = try deployment.keeper()
        let first = try deployment.adding("bilal", .intern, keep: false)
        let second = try deployment.adding("carla", .intern, keep: false)
        _ = try await keeper.apply(first, deployment.call())
        let error = await expect(.conflict) { try await keeper.apply(second, deployment.call()) }
        #expect(error?.current == String(first.after + 1))
    }

    @Test func aRosterThatDoesNotExtendThePresentOneIsRefused() async throws {
        let deployment = try Deployment()
        let keeper = try deployment.keeper()
        let other = try Deployment()
        var shorter = try deployment.change(deployment.changes())
        shorter.roster = Data(try Roster(entries: Array(deployment.roster.entries.dropLast())).encoded())
        var foreign = try other.adding("bilal", .intern)
        foreign.after = try deployment.verified.sequence
        for change in [shorter, foreign] {
            await expect(.refused) { try await keeper.apply(change, deployment.call()) }
        }
    }

    @Test func entriesMustBeSignedByTheCaller() async throws {
        let deployment = try Deployment()
        let keeper = try deployment.keeper()
        _ = try await keeper.apply(try deployment.adding("bilal", .coordinator), deployment.call())
        let change = try deployment.adding("carla", .intern)
        await expect(.refused) { try await keeper.apply(change, deployment.call(by: "bilal")) }
        #expect(await keeper.roster().verified.members.count == 2)
    }

    @Test func anInternsSignatureIsRefused() async throws {
        let deployment = try Deployment()
        let keeper = try deployment.keeper()
        let intern = StaffKeys(id: try member("bilal"))
        _ = try await keeper.apply(try deployment.adding(intern, .intern), deployment.call())
        let forged = try intern.append(
            .admit(intern.member(role: .coordinator)), to: deployment.roster, at: Date())
        let change = StaffChange(
            after: try deployment.verified.sequence, roster: Data(try forged.encoded()),
            keyring: Data(try deployment.keyring.encoded()))
        await expect(.refused) { try await keeper.apply(change, deployment.call()) }
        await expect(.forbidden) { try await keeper.apply(change, deployment.call(by: "bilal")) }
    }

    @Test(arguments: ["", "{}", "{\"version\": 9, \"entries\": []}"])
    func whatIsNotARosterOrKeyringIsRefused(_ text: String) async throws {
        let deployment = try Deployment()
        let keeper = try deployment.keeper()
        let good = try deployment.adding("bilal", .intern)
        var (bad, worse) = (good, good)
        bad.roster = Data(text.utf8)
        worse.keyring = Data(text.utf8)
        for change in [bad, worse] { await expect(.refused) { try await keeper.apply(change, deployment.call()) } }
        bad.roster = Data(repeating: 0x20, count: StaffFiles.sizeLimit + 1)
        await expect(.tooLarge) { try await keeper.apply(bad, deployment.call()) }
        _ = try await keeper.apply(good, deployment.call())
    }

    @Test func theNamesOfAReassignmentAreChecked() async throws {
        let deployment = try Deployment()
        let keeper = try deployment.keeper()
        for reassign in [("amina", "nobody"), ("Not A Name", ""), ("amina", "amina")] {
            let change = try deployment.change(
                deployment.changes(), reassign: .init(from: reassign.0, to: reassign.1))
            await expect(.refused) { try await keeper.apply(change, deployment.call()) }
        }
    }

    @Test func aDamagedFileStopsTheStart() throws {
        let deployment = try Deployment()
        for name in ["roster.json", "roster.pin", "archive-keyring.json"] {
            let path = deployment.path(name)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            try bytes.dropLast(20).write(to: URL(fileURLWithPath: path))
            #expect(throws: RosterError.self, "\(name)") { try deployment.keeper() }
            try FileManager.default.removeItem(atPath: path)
            #expect(throws: RosterError.missing(path: path)) { try deployment.keeper() }
            try bytes.write(to: URL(fileURLWithPath: path))
        }
        #expect(throws: Never.self) { try deployment.keeper() }
    }
}

@Suite struct CrashTests {
    /// The daemon ends before the write with this number, counted from 0; the first writes before it
    /// are on the disk.
    @Test(arguments: 0..<5)
    func everyStateInBetweenIsUsable(_ written: Int) async throws {
        let deployment = try Deployment()
        let bilal = StaffKeys(id: try member("bilal"))
        _ = try await deployment.keeper().apply(try deployment.adding(bilal, .staff), deployment.call())
        let before = try deployment.verified.sequence
        let next = try deployment.after { try $0.dismiss(bilal.id) }
        let change = try deployment.change(next)
        let keeper = try deployment.keeper(writes: written)
        if written < 4 {
            await expect(.unavailable) { try await keeper.apply(change, deployment.call()) }
            #expect(await keeper.roster().verified.sequence == before, "what is not on the disk is not used")
        } else {
            _ = try await keeper.apply(change, deployment.call())
        }

        // The next start.
        let again = try deployment.keeper()
        let roster = await again.roster().verified
        let keyring = try ArchiveKeyring(decoding: try await again.keyring())
        let amina = deployment.coordinator
        let held = Set(try keyring.unlock(amina, roster: roster).publicKeys.map(\.id))
        #expect(held == Set(roster.archiveKeys.map(\.id)), "whoever is in the roster opens everything")
        let opened = try keyring.unlock(bilal, roster: roster).compartments
        if written < 2 {
            #expect(roster.sequence == before)
            #expect(opened == Role.staff.readableCompartments, "not dismissed yet")
            _ = try await again.apply(change, deployment.call())
        } else {
            #expect(roster.sequence == before + 4)
            #expect(opened == [])
            // The client asks again, because it got no answer.
            _ = try await again.apply(change, deployment.call())
        }
        #expect(await again.roster().verified.members[bilal.id] == nil)
        #expect(try await again.keyring() == Array(change.keyring))
    }

    @Test func aFileLeftBehindByACrashIsInNobodysWay() async throws {
        let deployment = try Deployment()
        try Data("half a fi".utf8).write(to: URL(fileURLWithPath: deployment.path("roster.json.new")))
        let keeper = try deployment.keeper()
        _ = try await keeper.apply(try deployment.adding("bilal", .intern), deployment.call())
        #expect(await (try deployment.keeper()).roster().verified.members.count == 2)
        #expect(!FileManager.default.fileExists(atPath: deployment.path("roster.json.new")))
    }
}
