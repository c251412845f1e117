import Foundation
import Sealing
import StaffProtocol
import Testing

@testable import Unsealing
@testable import sila

/// A bridge that keeps roster and keyring in memory and takes what the daemon would take.
actor FakeOffice: StaffOffice {
    private(set) var stored: Roster
    private(set) var keys: KeyringFile
    private(set) var reassignments: [StaffChange.Reassignment] = []
    private(set) var given: [SecretBytes] = []
    private var settings: [String: MemberSettings] = [:]
    private var state = Health.State.ready
    private var work = OpenWork(conversations: [], tasks: [], proposals: [])
    /// Is done before a change is looked at: somebody else was faster.
    private var interference: (@Sendable (FakeOffice) async throws -> Void)?

    init(_ founding: Founding) {
        stored = founding.roster
        keys = founding.keyring.file
    }

    func lock() { state = .locked }
    func set(work: OpenWork) { self.work = work }
    func set(roster: Roster) { stored = roster }
    func set(keyring: KeyringFile) { keys = keyring }
    func beforeChange(_ body: @escaping @Sendable (FakeOffice) async throws -> Void) { interference = body }

    func verified() throws -> VerifiedRoster {
        guard let first = stored.entries.first else { throw RosterError.empty }
        return try stored.verified(by: RosterPin(first: first.hash, seenSequence: 0, seenHash: first.hash))
    }

    func health() throws -> Health {
        let verified = try verified()
        return Health(
            state: state, version: "0", deployment: Data(verified.deployment), rosterSequence: verified.sequence)
    }

    func roster() throws -> [UInt8] { try stored.encoded() }
    func keyring() throws -> [UInt8] { try keys.encoded() }

    func changeStaff(_ change: StaffChange) async throws {
        if let interfere = interference {
            interference = nil
            try await interfere(self)
        }
        let before = try verified()
        guard change.after == before.sequence else { throw APIError(.conflict, "somebody was faster") }
        let roster = try Roster(decoding: Array(change.roster))
        let after = try roster.verified(by: before.pin)
        let file = try KeyringFile(decoding: Array(change.keyring))
        try KeyringRules.check(file, for: after, replacing: keys, of: before)
        stored = roster
        keys = file
        if let reassign = change.reassign { reassignments.append(reassign) }
    }

    func staff() throws -> [StaffMember] {
        try verified().members.values.map {
            StaffMember(
                member: $0.id.rawValue, role: $0.role.rawValue, settings: settings[$0.id.rawValue] ?? MemberSettings(),
                assigned: work.conversations.count, tasks: work.tasks.count)
        } + [
            StaffMember(member: "\u{1b}[2Jghost", role: "intern", settings: MemberSettings(), assigned: 9, tasks: 9)
        ]
    }

    func openWork(of member: MemberID) -> OpenWork { work }

    func setSettings(_ new: MemberSettings, of member: MemberID) -> MemberSettings {
        settings[member.rawValue] = new
        return new
    }

    func unlock(workingKey: SecretBytes) {
        given.append(workingKey)
        state = .ready
    }
}

/// A coordinator at her machine, with a bridge.
struct Scene {
    let scratch: Scratch
    let office: FakeOffice
    let founding: Founding
    let keys: StaffKeys
    let machine: StaffMachine
    var desk: StaffDesk { StaffDesk(machine: machine, office: office) }

    static let passphrase = "a passphrase for tests"
    static let cheap = ScryptParameters(
        salt: [UInt8](repeating: 1, count: 16), rounds: 1024, blockSize: 8, parallelism: 1)

    init(keyMode: NewKeyMode = .file) throws {
        scratch = try Scratch()
        founding = try Founding(
            coordinator: scratch.member(), passphrase: Passphrase(Self.passphrase),
            wrapsWorkingKey: keyMode == .operator, at: Date(), scrypt: Self.cheap)
        let files = try scratch.files()
        try DeploymentMaker(files: files, member: scratch.member(), keyMode: keyMode).make(founding)
        office = FakeOffice(founding)
        keys = try founding.keyFile.unlock(Passphrase(Self.passphrase))
        machine = StaffMachine(folder: files.keys, member: keys.id, bridge: .socket(files.socket))
    }

    /// The machine of a new member, and the request made there.
    func join(_ name: String) throws -> (machine: StaffMachine, request: MemberRequest, keys: StaffKeys) {
        let folder = scratch.path + "/" + name
        let id = try scratch.member(name)
        let bridge = StaffProfile.Bridge.host("bridge.example.org", socket: nil)
        let replaces = NewFiles.exists(folder + "/profile.json")
        let maker = JoinMaker(folder: folder, member: id, bridge: bridge, replaces: replaces)
        let request = try maker.make {
            try StaffKeyFile($0, passphrase: Passphrase(Self.passphrase), scrypt: Self.cheap, randomness: .system)
        }
        let machine = StaffMachine(folder: folder, member: id, bridge: bridge)
        return (machine, request, try machine.keyFile().unlock(Passphrase(Self.passphrase)))
    }

    /// Admits someone, and gives their machine and keys.
    @discardableResult
    func admit(_ name: String, _ role: Role) async throws -> (machine: StaffMachine, keys: StaffKeys) {
        let joined = try join(name)
        _ = try await StaffAdd.perform(joined.request, role: role, keys: keys, desk: desk)
        return (joined.machine, joined.keys)
    }

    func member(_ name: String) throws -> MemberID { try scratch.member(name) }

    func verified() async throws -> VerifiedRoster { try await office.verified() }

    func opened(by keys: StaffKeys) async throws -> Set<Compartment> {
        try ArchiveKeyring(await office.keys).unlock(keys, roster: try await office.verified()).compartments
    }
}

/// Somebody who answers questions with the same words, and keeps what was asked.
final class Answers {
    private(set) var asked: [String] = []
    private let answer: String
    init(_ answer: String) { self.answer = answer }

    var confirmation: StaffConfirmation {
        StaffConfirmation(ask: {
            self.asked.append($0)
            return self.answer
        })
    }
}
