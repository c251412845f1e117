import ArgumentParser
import Foundation
import Inbox
import Sealing
import StaffProtocol
import Testing

@testable import Unsealing
@testable import sila

@Suite struct JoinTests {
    let scene: Scene

    init() throws { scene = try Scene() }

    @Test func aNewMachineHasKeysAndAProfileAndNoPin() throws {
        let joined = try scene.join("bilal")
        #expect(scene.scratch.listing("bilal") == ["bilal.key", "profile.json"])
        for path in [joined.machine.keyPath, joined.machine.folder + "/profile.json"] {
            #expect(try scene.scratch.mode(path) == 0o600)
        }
        #expect(try scene.scratch.mode(joined.machine.folder) == 0o700)
        #expect(try joined.machine.pin() == nil)
        let options = try BridgeOptions.parse(["--keys", joined.machine.folder])
        let machine = try StaffMachine(options, environment: [:])
        #expect(machine.member == joined.keys.id)
        #expect(machine.bridge == .host("bridge.example.org", socket: nil))
        let named = try BridgeOptions.parse(["--socket", "/run/s"])
        #expect(
            try StaffMachine(named, environment: ["SILA_KEYS": joined.machine.folder]).bridge == .socket("/run/s"))
    }

    @Test func whatIsBroughtToACoordinatorIsWhereItSays() {
        let report = Join.Report(member: "bilal", fingerprint: "a b c d e", request: "{}", keys: "/k")
        #expect(report.advice(isPrinted: true).contains("Bring what is printed above to a coordinator"))
        #expect(report.advice(isPrinted: false).contains("Bring what was written to a coordinator"))
        #expect(!report.advice(isPrinted: false).contains("above"))
    }

    @Test func aKeyFileThatOthersMayReadIsRefused() throws {
        let machine = try scene.join("bilal").machine
        for mode in [0o644, 0o640, 0o620] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: machine.keyPath)
            let failure = #expect(throws: CommandFailure.self) { try machine.keyFile() }
            #expect(failure?.code == .permission)
            #expect(failure?.description.hasSuffix("chmod 600 '\(machine.keyPath)'") == true)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: machine.keyPath)
        #expect(try machine.keyFile().id == machine.member)
    }

    @Test func keysAreNeverOverwritten() throws {
        let joined = try scene.join("bilal")
        let before = try joined.machine.keyFile()
        let maker = JoinMaker(
            folder: joined.machine.folder, member: joined.keys.id, bridge: joined.machine.bridge, replaces: false)
        let error = #expect(throws: CommandFailure.self) { try maker.check() }
        #expect(error?.code == .exists)
        #expect(try joined.machine.keyFile() == before)
        // Nor does one member's folder become another's.
        let foreign = JoinMaker(
            folder: joined.machine.folder, member: try scene.member("carla"), bridge: joined.machine.bridge,
            replaces: true)
        #expect(throws: CommandFailure.self) { try foreign.check() }
    }

    @Test(arguments: [
        ["--name", "bilal"], ["--name", "bilal", "--host", "h", "--socket", "/s"], ["--name", "B", "--host", "h"],
        ["--name", "bilal", "--socket", "s"], ["--name", "bilal", "--host", "-oProxyCommand=x"],
        ["--name", "bilal", "--socket", "/s", "--remote-socket", "/r"],
    ])
    func wrongCommandLinesEndWith64(_ arguments: [String]) {
        #expect {
            try Sila.parseAsRoot(["join"] + arguments)
        } throws: { Sila.exitCode(for: $0).rawValue == 64 }
    }

    @Test func aDamagedProfileIsNamed() throws {
        let folder = scene.machine.folder
        for (text, code) in [
            ("{", CommandFailure.Code.data), ("{\"version\": 2, \"member\": \"amina\", \"socket\": \"/s\"}", .data),
            ("{\"version\": 1, \"member\": \"Not A Name\", \"socket\": \"/s\"}", .data),
            ("{\"version\": 1, \"member\": \"amina\"}", .data),
        ] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/profile.json"))
            let options = try BridgeOptions.parse(["--keys", folder])
            let error = #expect(throws: CommandFailure.self) { try StaffMachine(options, environment: [:]) }
            #expect(error?.code == code)
        }
        let none = try BridgeOptions.parse(["--keys", folder + "x"])
        let error = #expect(throws: CommandFailure.self) { try StaffMachine(none, environment: [:]) }
        #expect(error?.code == .missing)
        #expect(error?.description.contains("sila join") == true)
    }

    @Test func thePassphraseOfPresentKeysMayComeFromAFile() throws {
        let file = scene.scratch.path + "/passphrase"
        #expect(FileManager.default.createFile(atPath: file, contents: Data("\(Scene.passphrase)\n".utf8)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        #expect(try scene.machine.unlock(passphraseFile: file).signingPublicKey == scene.keys.signingPublicKey)
        try Data("another passphrase\n".utf8).write(to: URL(fileURLWithPath: file))
        #expect(throws: UnsealingError.wrongPassphrase) { try scene.machine.unlock(passphraseFile: file) }
    }
}

@Suite struct WhoamiTests {
    @Test func aStrangerIsToldSo() async throws {
        let scene = try Scene()
        let joined = try scene.join("bilal")
        let answers = Answers("y")
        await #expect(throws: CommandFailure.self) {
            try await Whoami.perform(
                joined.machine, office: scene.office, confirmation: answers.confirmation, given: nil)
        }
        #expect(answers.asked.isEmpty)
        #expect(try joined.machine.pin() == nil, "a list that does not name us is not pinned")
    }

    @Test func anUnconfirmedDeploymentIsNotPinned() async throws {
        let scene = try Scene()
        let bilal = try await scene.admit("bilal", .intern)
        for (answer, given) in [("n", nil), ("y", "babab-babab-babab-babab-babab")] {
            await #expect(throws: CommandFailure.self) {
                try await Whoami.perform(
                    bilal.machine, office: scene.office, confirmation: Answers(answer).confirmation, given: given)
            }
        }
        #expect(try bilal.machine.pin() == nil)
        let report = try await Whoami.perform(
            bilal.machine, office: scene.office, confirmation: StaffConfirmation(ask: nil),
            given: scene.founding.verified.fingerprint)
        #expect(report.deployment == scene.founding.verified.fingerprint)
    }

    @Test func whatIsKnownHereNeedsNoBridge() throws {
        let scene = try Scene()
        let report = try Whoami.offline(scene.machine)
        #expect(report.deployment == scene.founding.verified.fingerprint)
        #expect(report.fingerprint == scene.founding.verified.members[scene.keys.id]?.fingerprint)
        #expect(report.role == nil)
    }
}

@Suite struct UnreachedBridgeTests {
    @Test func aBridgeThatDoesNotRunIsNamed() async throws {
        let scene = try Scene()
        for login in [StaffLogin.none, .keys(scene.keys)] {
            let error = await #expect(throws: ConnectionError.self) {
                try await StaffConnector.desk(scene.machine, login: login) { try await $0.office.health() }
            }
            #expect(error?.kind == .notRunning)
            #expect(CommandFailure(try #require(error)).code == .unavailable)
        }
    }
}

@Suite struct BridgeOpenTests {
    @Test func aLockedBridgeIsOpenedByCoordinatorsAndStaff() async throws {
        let scene = try Scene(keyMode: .operator)
        #expect(!scene.scratch.listing().contains("d/keys/working.key"))
        let bilal = try await scene.admit("bilal", .staff)
        let carla = try await scene.admit("carla", .intern)
        for person in [bilal, carla] {
            _ = try await Whoami.perform(
                person.machine, office: scene.office, confirmation: Answers("y").confirmation, given: nil)
        }
        #expect(try await !BridgeOpen.perform(scene.desk, keys: scene.keys).opened, "it is open")
        await scene.office.lock()
        let intern = await #expect(throws: CommandFailure.self) {
            try await BridgeOpen.perform(
                StaffDesk(machine: carla.machine, office: scene.office), keys: carla.keys)
        }
        #expect(intern?.code == .permission)
        let report = try await BridgeOpen.perform(
            StaffDesk(machine: bilal.machine, office: scene.office), keys: bilal.keys)
        #expect(report.opened)
        #expect(await scene.office.given == [scene.founding.workingKey])
    }

    @Test func whoLosesTheKeyIsNamed() async throws {
        let scene = try Scene(keyMode: .operator)
        let bilal = try await scene.admit("bilal", .staff)
        let none = OpenWork(conversations: [], tasks: [], proposals: [])
        let report = try await StaffLeave.perform(
            bilal.keys.id, to: nil, work: none, keys: scene.keys, desk: scene.desk)
        #expect(report.text.contains("working key"))
        await scene.office.lock()
        #expect(try await BridgeOpen.perform(scene.desk, keys: scene.keys).opened)
    }

    @Test func theSetUpSaysWhatToDo() throws {
        let scene = try Scene(keyMode: .operator)
        let report = InitReport(
            scene.founding, files: try scene.scratch.files(), member: scene.keys.id, keyMode: .operator)
        #expect(report.files.workingKey == nil)
        #expect(report.text.contains("sila bridge open"))
        let command = try #require(
            try Sila.parseAsRoot(["init", "--deployment", "d", "--key-mode", "operator"]) as? Init)
        #expect(command.keyMode == .operator)
        #expect(throws: (any Error).self) {
            try Sila.parseAsRoot(["init", "--deployment", "d", "--key-mode", "tpm"])
        }
    }
}
