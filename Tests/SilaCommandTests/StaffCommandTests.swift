import ArgumentParser
import Foundation
import Sealing
import StaffProtocol
import Testing

@testable import Inbox
@testable import Unsealing
@testable import sila

@Suite struct StaffCommandTests {
    let scene: Scene

    init() throws { scene = try Scene() }

    @Test func aNewMemberJoinsIsAdmittedAndFindsTheirPlace() async throws {
        let joined = try scene.join("bilal")
        let report = try await StaffAdd.perform(joined.request, role: .intern, keys: scene.keys, desk: scene.desk)
        #expect(report.role == "intern")
        #expect(report.fingerprint == joined.request.fingerprint)
        #expect(report.text.contains(scene.founding.verified.fingerprint))
        #expect(try await scene.opened(by: joined.keys) == [.conversation, .desk])
        // The coordinator's machine has seen the new entry.
        #expect(try scene.machine.pin()?.seenSequence == (try await scene.verified()).sequence)

        let answers = Answers("y")
        let me = try await Whoami.perform(
            joined.machine, office: scene.office, confirmation: answers.confirmation, given: nil)
        #expect(answers.asked.first?.contains(scene.founding.verified.fingerprint) == true)
        #expect(me.role == "intern")
        #expect(me.reads == ["conversation", "desk"])
        #expect(me.fingerprint == report.fingerprint, "both see the same five words")
        #expect(try joined.machine.pin()?.first == scene.founding.verified.first)
    }

    @Test func aFingerprintThatWasNotConfirmedAdmitsNobody() throws {
        let request = try scene.join("bilal").request
        let no = Answers("n")
        #expect(throws: CommandFailure.self) {
            try StaffAdd.compare(request, given: nil, confirmation: no.confirmation)
        }
        #expect(no.asked.first?.contains(request.fingerprint) == true)
        let other = try scene.join("carla").request.fingerprint
        #expect(throws: CommandFailure.self) {
            try StaffAdd.compare(request, given: other, confirmation: Answers("y").confirmation)
        }
        let nobody = #expect(throws: CommandFailure.self) {
            try StaffAdd.compare(request, given: nil, confirmation: StaffConfirmation(ask: nil))
        }
        #expect(nobody?.code == .missing)
        #expect(throws: Never.self) {
            try StaffAdd.compare(
                request, given: request.fingerprint.uppercased().replacingOccurrences(of: "-", with: " "),
                confirmation: StaffConfirmation(ask: nil))
        }
    }

    @Test func aRequestIsReadFromAFile() throws {
        let request = try scene.join("bilal").request
        let path = scene.scratch.path + "/request"
        try Data(try request.encoded()).write(to: URL(fileURLWithPath: path))
        #expect(try StaffRequestFile.read(path) == request)
        let missing = #expect(throws: CommandFailure.self) { try StaffRequestFile.read(path + "x") }
        #expect(missing?.code == .missing)
        #expect(throws: StaffChangeError.self) { try StaffRequestFile.read(scene.machine.keyPath) }
    }

    @Test func whoLeavesHandsOnTheirWorkInTheSameChange() async throws {
        let bilal = try await scene.admit("bilal", .staff)
        try await scene.admit("carla", .intern)
        let work = OpenWork(conversations: [12, 15], tasks: [3], proposals: [])
        await scene.office.set(work: work)
        let answers = Answers("ja")
        try StaffLeave.confirm(
            bilal.keys.id, to: scene.member("carla"), work: work, confirmation: answers.confirmation, given: false)
        let question = try #require(answers.asked.first)
        for word in ["c12", "c15", "t3", "'carla'"] { #expect(question.contains(word)) }

        let report = try await StaffLeave.perform(
            bilal.keys.id, to: scene.member("carla"), work: work, keys: scene.keys, desk: scene.desk)
        #expect(report.rotated == ["conversation", "desk", "casework"])
        #expect(report.reassigned?.conversations == ["c12", "c15"])
        #expect(report.text.contains("stays read"))
        #expect(await scene.office.reassignments == [.init(from: "bilal", to: "carla")])
        #expect(try await scene.verified().members[bilal.keys.id] == nil)
        #expect(try await scene.opened(by: bilal.keys) == [])
        #expect(try await scene.opened(by: scene.keys) == Set(Compartment.allCases))
    }

    @Test func workGoesToAMemberOnly() async throws {
        let bilal = try await scene.admit("bilal", .staff)
        let none = OpenWork(conversations: [], tasks: [], proposals: [])
        for to in ["bilal", "nobody"] {
            await #expect(throws: CommandFailure.self) {
                try await StaffLeave.perform(
                    bilal.keys.id, to: scene.member(to), work: none, keys: scene.keys, desk: scene.desk)
            }
        }
        #expect(try await scene.verified().members[bilal.keys.id] != nil)
        #expect(throws: CommandFailure.self) {
            try StaffLeave.confirm(
                bilal.keys.id, to: nil, work: none, confirmation: Answers("").confirmation, given: false)
        }
    }

    @Test func theLastCoordinatorIsTold() async throws {
        let report = try await Rotate.perform([.desk], recovery: nil, keys: scene.keys, desk: scene.desk)
        #expect(report.rotated == ["desk"])
        #expect(report.notes.contains { $0.contains("one coordinator") })
        try await scene.admit("bilal", .coordinator)
        let second = try await Rotate.perform([], recovery: nil, keys: scene.keys, desk: scene.desk)
        #expect(second.rotated == Compartment.allCases.map(\.rawValue))
        #expect(second.notes.isEmpty)
    }

    @Test func newRecoveryWordsOpenEverything() async throws {
        let recovery = try RecoveryKey()
        _ = try await Rotate.perform([], recovery: recovery, keys: scene.keys, desk: scene.desk)
        let keyring = ArchiveKeyring(await scene.office.keys)
        let roster = try await scene.verified()
        #expect(try keyring.unlock(recovery, roster: roster).publicKeys.count == 8)
        #expect(try keyring.unlock(scene.founding.recoveryKey, roster: roster).publicKeys.isEmpty)
    }

    @Test func aRoleIsChangedByAnother() async throws {
        let bilal = try await scene.admit("bilal", .intern)
        let report = try await StaffRole.perform(bilal.keys.id, role: .staff, keys: scene.keys, desk: scene.desk)
        #expect(report.role == "staff")
        #expect(try await scene.opened(by: bilal.keys) == [.conversation, .desk, .casework])
        await #expect(throws: StaffChangeError.yourself) {
            try await StaffRole.perform(scene.keys.id, role: .staff, keys: scene.keys, desk: scene.desk)
        }
    }

    @Test func aForgottenPassphraseIsMendedWithNewKeys() async throws {
        let bilal = try await scene.admit("bilal", .intern)
        let again = try scene.join("bilal")
        #expect(again.keys.signingPublicKey != bilal.keys.signingPublicKey)
        let report = try await StaffRekey.perform(
            again.request, machineLost: false, recovery: nil, keys: scene.keys, desk: scene.desk)
        #expect(report.text.contains("not sent are lost"))
        #expect(try await scene.opened(by: again.keys) == [.conversation, .desk])
        #expect(try await scene.opened(by: bilal.keys) == [])
        // The old key file lies beside the new one.
        let names = try FileManager.default.contentsOfDirectory(atPath: again.machine.folder)
        #expect(names.contains { $0.hasPrefix("bilal.key.until-") })
    }

    @Test func whatCannotBeRestoredIsSaid() async throws {
        let bilal = try await scene.admit("bilal", .coordinator)
        // Payments were never wrapped for the one who mends.
        let payments = try #require(try await scene.verified().currentArchiveKey(.payments))
        var file = await scene.office.keys
        let own = KeyID(publicKey: bilal.keys.sealingPublicKey)
        file.archive.removeAll { $0.key == payments.id && $0.recipient == own }
        await scene.office.set(keyring: file)
        let again = StaffKeys(id: scene.keys.id)
        let pinned = try await Whoami.perform(
            bilal.machine, office: scene.office, confirmation: Answers("y").confirmation, given: nil)
        #expect(pinned.role == "coordinator")
        let desk = StaffDesk(machine: bilal.machine, office: scene.office)
        let report = try await StaffRekey.perform(
            try MemberRequest(again), machineLost: false, recovery: nil, keys: bilal.keys, desk: desk)
        #expect(report.text.contains("CANNOT READ all of payments"))
        #expect(report.text.contains("recovery words only"))
        await #expect(throws: CommandFailure.self) {
            try await StaffRekey.perform(
                try MemberRequest(StaffKeys(id: scene.keys.id)), machineLost: false, recovery: try RecoveryKey(),
                keys: bilal.keys, desk: desk)
        }
        let mended = try await StaffRekey.perform(
            try MemberRequest(StaffKeys(id: scene.keys.id)), machineLost: false,
            recovery: scene.founding.recoveryKey, keys: bilal.keys, desk: desk)
        #expect(!mended.text.contains("CANNOT READ"))
    }

    @Test func somebodyElseWasFaster() async throws {
        let other = try scene.join("carla").request
        let (keys, machine) = (scene.keys, scene.machine)
        await scene.office.beforeChange { office in
            _ = try await StaffAdd.perform(
                other, role: .intern, keys: keys, desk: StaffDesk(machine: machine, office: office))
        }
        let error = await #expect(throws: APIError.self) { try await scene.admit("bilal", .intern) }
        #expect(error?.code == .conflict)
        #expect(CommandFailure(try #require(error)).code.rawValue == 75)
        #expect(try await scene.verified().members.count == 2)
        try await scene.admit("dunya", .intern)
    }

    @Test func aSubstitutedRosterIsRefusedLoudly() async throws {
        let other = try Scene()
        await scene.office.set(roster: other.founding.roster)
        let refusal = RosterRefusal(error: .notPinned)
        await #expect(throws: refusal) { try await scene.admit("bilal", .intern) }
        #expect(CommandFailure(refusal).code == .data)
        #expect(refusal.description.contains("WARNING"))
        await #expect(throws: refusal) {
            try await Whoami.perform(
                scene.machine, office: scene.office, confirmation: Answers("y").confirmation, given: nil)
        }
    }

    @Test func anOldRosterIsRefused() async throws {
        try await scene.admit("bilal", .intern)
        await scene.office.set(roster: scene.founding.roster)
        await #expect {
            try await scene.desk.state()
        } throws: { error in
            if case RosterError.rolledBack? = (error as? RosterRefusal)?.error { true } else { false }
        }
    }

    @Test func anAlteredKeyringIsRefused() async throws {
        var file = await scene.office.keys
        file.archive = file.archive.map {
            KeyringFile.Entry(
                key: $0.key, recipient: $0.recipient, wrapped: $0.wrapped.dropLast() + [$0.wrapped[80] ^ 1])
        }
        await scene.office.set(keyring: file)
        await #expect(throws: StaffChangeError.self) { try await scene.admit("bilal", .intern) }
    }
}

@Suite struct StaffListTests {
    @Test func theListShowsWhoHoldsWhatAndWhoIsAlone() async throws {
        let scene = try Scene()
        try await scene.admit("bilal", .staff)
        await scene.office.set(work: OpenWork(conversations: [1, 2], tasks: [3], proposals: []))
        let list = try await StaffOverview(scene.desk)
        #expect(list.members.map(\.member) == ["amina", "bilal"], "only who is in the roster")
        #expect(list.members[0].sole == ["payments"])
        #expect(list.members[1].sole == [])
        #expect(list.members[1].holds == ["conversation", "desk", "casework"])
        #expect(list.members[0].assigned == 2)
        #expect(list.lines(columns: 200, isColoured: false)[1].contains("2 conversations, 1 task "))
        let lines = list.lines(columns: 200, isColoured: true)
        #expect(lines[1].hasPrefix("\u{1b}[1;31mamina"))
        #expect(!lines[2].contains("\u{1b}"))
        #expect(lines[2].contains(list.members[1].fingerprint))
        #expect(lines.contains { $0.contains("SOLE: only 'amina' holds payments") })
        #expect(!list.lines(columns: 80, isColoured: false).joined().contains("\u{1b}"))
        #expect(list.lines(columns: 80, isColoured: false).prefix(3).allSatisfy { $0.count <= 80 })
    }

    @Test func trustIsGivenAndTaken() async throws {
        let scene = try Scene()
        try await scene.admit("bilal", .intern)
        func trust(_ arguments: String...) async throws -> StaffTrust.Report {
            let command = try #require(
                try Sila.parseAsRoot(["staff", "trust", "bilal"] + arguments) as? StaffTrust)
            return try await command.perform(scene.office)
        }
        let alone = try await trust("--replies-alone", "--experienced-in", "ary", "--experienced-in", "ar")
        #expect(alone.repliesAlone)
        #expect(alone.experiencedIn == ["ar", "ary"])
        let less = try await trust("--not-experienced-in", "ar")
        #expect(less.repliesAlone, "what was not named stays")
        #expect(less.experiencedIn == ["ary"])
        #expect(try await !trust("--no-replies-alone").repliesAlone)
        #expect(throws: (any Error).self) { try Sila.parseAsRoot(["staff", "trust", "bilal"]) }
        #expect(throws: (any Error).self) {
            try Sila.parseAsRoot(["staff", "trust", "bilal", "--experienced-in", "klingon"])
        }
    }
}
