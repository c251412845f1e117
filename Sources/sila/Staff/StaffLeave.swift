import ArgumentParser
import Foundation
import Sealing
import StaffProtocol
import Unsealing

/// `sila staff leave`
struct StaffLeave: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leave",
        abstract: "Let a member go: hand their open work on, take them out, make new keys.",
        discussion: """
            Shows what lies open with them, and in one go: gives it to a colleague (--to) or to nobody, takes \
            them out of the roster, and makes new keys for every compartment that they could read. If somebody \
            else changed something in between, nothing of it is done.

            New keys protect what comes after, not what they have read. Their name is not given to anyone \
            again. Another coordinator takes a coordinator out, never they themselves.

            \(Staff.statuses)
            """)

    @Argument(help: "The member's short name.")
    var name: MemberID

    @Option(help: ArgumentHelp("Who takes over their open work. Default: nobody.", valueName: "name"))
    var to: MemberID?

    @Flag(help: "Do not ask before it is done.")
    var yes = false

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            let keys = try machine.unlock(passphraseFile: bridge.passphraseFile)
            try await StaffConnector.desk(machine, login: .keys(keys)) { desk in
                let work = try await desk.office.openWork(of: name)
                try Self.confirm(name, to: to, work: work, confirmation: .terminal, given: yes)
                try await Self.perform(name, to: to, work: work, keys: keys, desk: desk).print(json: bridge.json)
            }
        }
    }

    /// Shows what is open, and asks.
    static func confirm(
        _ name: MemberID, to: MemberID?, work: OpenWork, confirmation: StaffConfirmation, given: Bool
    ) throws {
        let open = StaffReport.Reassigned(work, to: to?.rawValue ?? "")
        let list =
            open.isEmpty
            ? "Nothing is open with '\(name)'." : "Open with '\(name)':\n" + open.lines.joined(separator: "\n")
        let whom = to.map { "goes to '\($0)'" } ?? "goes to nobody"
        try confirmation.agree(
            "\(list)\n\(open.isEmpty ? "" : "It \(whom). ")'\(name)' is taken out for good. Go on?", given: given)
    }

    static func perform(
        _ name: MemberID, to: MemberID?, work: OpenWork, keys: StaffKeys, desk: StaffDesk
    ) async throws -> StaffReport {
        let reassign = StaffChange.Reassignment(from: name.rawValue, to: to?.rawValue ?? "")
        let outcome = try await desk.change(keys: keys, reassign: reassign) { changes, verified in
            if let to {
                guard verified.members[to] != nil, to != name else {
                    throw CommandFailure(.data, "Work cannot go to '\(to)': that is no other member.")
                }
            }
            try changes.dismiss(name)
        }
        var notes = ["What '\(name)' has read stays read: new keys protect what comes after."]
        if outcome.before.members[name]?.role.holdsWorkingKey == true { notes += workingKeyNote(outcome, name) }
        notes.append("Take away their log-in on the bridge's host, and their SSH key, now.")
        return StaffReport(
            "'\(name)' has left.", outcome, member: name, reassigned: StaffReport.Reassigned(work, to: reassign.to),
            notes: notes)
    }

    /// The working key is not rotated: what lies in the store is sealed under it.
    static func workingKeyNote(_ outcome: StaffDesk.Outcome, _ name: MemberID) -> [String] {
        guard !outcome.changes.keyring.file.working.isEmpty else { return [] }
        return [
            "'\(name)' could open the bridge with the working key and may have kept it. It is of use only to someone who "
                + "also has the bridge's disk."
        ]
    }
}
