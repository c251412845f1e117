import ArgumentParser
import Sealing
import Unsealing

/// `sila staff role`
struct StaffRole: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role",
        abstract: "Give a member another role.",
        discussion: """
            What the new role may read is wrapped for them. What it may no longer read gets new keys, without \
            them: that protects what comes after, not what they have read.

            Nobody changes their own role.

            \(Staff.statuses)
            """)

    @Argument(help: "The member's short name.")
    var name: MemberID

    @Argument(help: "coordinator, staff, finance, intern or auditor.")
    var role: Role

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            let keys = try machine.unlock(passphraseFile: bridge.passphraseFile)
            try await StaffConnector.desk(machine, login: .keys(keys)) { desk in
                try await Self.perform(name, role: role, keys: keys, desk: desk).print(json: bridge.json)
            }
        }
    }

    static func perform(
        _ name: MemberID, role: Role, keys: StaffKeys, desk: StaffDesk
    ) async throws -> StaffReport {
        let outcome = try await desk.change(keys: keys) { changes, _ in try changes.changeRole(of: name, to: role) }
        var notes: [String] = []
        if let before = outcome.before.members[name], before.role.holdsWorkingKey, !role.holdsWorkingKey {
            notes += StaffLeave.workingKeyNote(outcome, name)
        }
        let lacking = outcome.holding.lacking(name)
        if !lacking.isEmpty { notes.append(StaffRekey.lackingText(lacking, of: name)) }
        return StaffReport("'\(name)' is \(role.rawValue) now.", outcome, member: name, notes: notes)
    }
}
