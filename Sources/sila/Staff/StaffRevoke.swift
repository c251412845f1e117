import ArgumentParser
import Sealing
import Unsealing

/// `sila staff revoke`
struct StaffRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take a member out at once.",
        discussion: """
            For when it must be quick: a stolen laptop, a breach of trust. Takes them out of the roster, ends \
            their sessions, makes new keys for what they could read, and leaves their open work with nobody; \
            the report lists it. For a normal good-bye: sila staff leave.

            \(Staff.statuses)
            """)

    @Argument(help: "The member's short name.")
    var name: MemberID

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            let keys = try machine.unlock(passphraseFile: bridge.passphraseFile)
            try await StaffConnector.desk(machine, login: .keys(keys)) { desk in
                let work = try await desk.office.openWork(of: name)
                try await StaffLeave.perform(name, to: nil, work: work, keys: keys, desk: desk).print(json: bridge.json)
            }
        }
    }
}
