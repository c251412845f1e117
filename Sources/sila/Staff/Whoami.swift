import ArgumentParser
import Foundation
import Inbox
import Sealing
import Unsealing

/// `sila whoami`
struct Whoami: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Say who works on this machine, for which deployment, in which role.",
        discussion: """
            On a new machine this is the first command: it asks the bridge for the list of members, and shows \
            the fingerprint of the deployment. Compare it with what the coordinator has, in person. From then \
            on this machine accepts no other list.

            When the bridge cannot be reached, it says what is known here, and ends with 69.

            EXIT STATUS
              0 done; 64 command line; 65 the list is not the one this machine knows, you are not in it, or it \
            was not confirmed; 66 no profile or no terminal; 69 bridge not reachable; 74 reading or writing failed.
            """)

    @Option(help: ArgumentHelp("The deployment's five words, already compared; for scripts.", valueName: "words"))
    var fingerprint: String?

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            let report: Report
            do {
                report = try await StaffConnector.desk(machine, login: .none) {
                    try await Self.perform(
                        machine, office: $0.office, confirmation: .terminal, given: fingerprint)
                }
            } catch let error as ConnectionError {
                let known = try Self.offline(machine)
                try Output.standardOutput(bridge.json ? Output.json(known) : known.text)
                throw error
            }
            try Output.standardOutput(bridge.json ? Output.json(report) : report.text)
        }
    }

    struct Report: Encodable {
        let version = 1
        let member: String
        let fingerprint: String
        let keys: String
        /// Known once the bridge was asked.
        var role: String?
        var deployment: String?
        var reads: [String]?
        var bridgeIsLocked: Bool?

        var text: String {
            var lines = ["\(member)\(role.map { ", \($0)" } ?? "")", "  your fingerprint: \(fingerprint)"]
            if let deployment { lines.append("  deployment: \(deployment)") }
            if let reads { lines.append("  may read: \(reads.isEmpty ? "nothing" : reads.joined(separator: ", "))") }
            lines.append("  keys: \(keys)")
            if bridgeIsLocked == true {
                lines.append("The bridge waits for its working key and answers nobody: sila bridge open")
            }
            return lines.map { $0 + "\n" }.joined()
        }
    }

    /// What this machine knows by itself.
    static func offline(_ machine: StaffMachine) throws -> Report {
        let file = try machine.keyFile()
        return Report(
            member: machine.member.rawValue,
            fingerprint: MemberFingerprint.words(
                id: file.id, signingKey: file.signingPublicKey, sealingKey: file.sealingPublicKey),
            keys: machine.folder,
            deployment: try machine.pin().map { Proquint.words(Array($0.first.prefix(10))) })
    }

    /// Asks the bridge, and pins its roster if this machine knows none.
    static func perform(
        _ machine: StaffMachine, office: any StaffOffice, confirmation: StaffConfirmation, given: String?
    ) async throws -> Report {
        var report = try offline(machine)
        let health = try await office.health()
        let stored = try await office.roster()
        let verified: VerifiedRoster
        if try machine.pin() == nil {
            verified = try unpinned(stored)
            try requireMember(machine, in: verified)
            try confirmation.compare(verified.fingerprint, of: "the deployment", given: given)
            try machine.pinFirst(verified)
        } else {
            verified = try machine.verified(stored).verified
            if let given, !MemberFingerprint.matches(given, verified.fingerprint) {
                throw CommandFailure(
                    .data, "This machine knows the deployment \(verified.fingerprint), not the one given.")
            }
            try requireMember(machine, in: verified)
        }
        guard let role = verified.members[machine.member]?.role else { throw RosterError.empty }
        report.role = role.rawValue
        report.deployment = verified.fingerprint
        report.reads = Compartment.allCases.filter(role.readableCompartments.contains).map(\.rawValue)
        report.bridgeIsLocked = health.state == .locked
        return report
    }

    /// A roster that holds in itself: which one it is, a person must say.
    private static func unpinned(_ stored: [UInt8]) throws -> VerifiedRoster {
        let roster = try Roster(decoding: stored)
        guard let first = roster.entries.first else { throw RosterError.empty }
        return try roster.verified(by: RosterPin(first: first.hash, seenSequence: 0, seenHash: first.hash))
    }

    private static func requireMember(_ machine: StaffMachine, in verified: VerifiedRoster) throws {
        let file = try machine.keyFile()
        guard let member = verified.members[machine.member], member.signingKey == file.signingPublicKey,
            member.sealingKey == file.sealingPublicKey
        else {
            throw CommandFailure(
                .data,
                "The bridge's list does not name '\(machine.member)' with the keys on this machine. Bring your request to a "
                    + "coordinator (sila join), or tell them that you were taken out.")
        }
    }
}
