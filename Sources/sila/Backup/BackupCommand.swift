import ArgumentParser
import StaffProtocol

/// `sila backup`
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Have the bridge back itself up, sealed to the recovery key.",
        discussion: """
            Writes two files on the bridge's host, into the folders that its configuration names (backup.data and \
            backup.keys), while it goes on working. Nobody reads them without the recovery words: see sila restore. \
            They must be brought to other machines, apart from each other; whoever runs the bridge does that.

            A timer on the host does the same each night ('silad backup'). Do it by hand after a change of staff.

            For coordinators. \(Statuses.working)
            """)

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            if !bridge.json { Output.standardError("The bridge writes its backup …\n") }
            let made = try await session.connection.makeBackup()
            if bridge.json { return try Output.standardOutput(Output.json(made)) }
            var lines = [
                "On the bridge's host:", "  data  \(made.data)", "  keys  \(made.keys)",
                "\(Counted.words(made.rows, "row")), \(Counted.words(made.attachments, "file")) of messages, "
                    + "\(Counted.words(made.bytes, "byte")).",
            ]
            lines += made.removed.map { "Removed, its time was over: \($0)" }
            lines.append("Bring both to other machines, apart from each other.")
            try Output.standardOutput(lines.joined(separator: "\n") + "\n")
        }
    }
}
