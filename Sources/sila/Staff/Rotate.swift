import ArgumentParser
import Sealing
import Unsealing

/// `sila rotate`
struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make new archive keys, or new recovery words.",
        discussion: """
            From then on the bridge seals to the new keys, which are wrapped for those who may read the \
            compartment now, and for the recovery key. What was sealed before stays readable with the old \
            keys. Taking a member out rotates by itself; this is for when a key may be known to others.

            With --recovery-key, new recovery words are made and printed once; the old ones open nothing of \
            what comes after. Write the new ones down by hand and burn the old paper.

            \(Staff.statuses)
            """)

    @Argument(
        help: ArgumentHelp(
            "conversation, desk, casework or payments. Default: all of them.", valueName: "compartment"))
    var compartments: [Compartment] = []

    @Flag(help: "Make new recovery words too.")
    var recoveryKey = false

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            let keys = try machine.unlock(passphraseFile: bridge.passphraseFile)
            try await StaffConnector.desk(machine, login: .keys(keys)) { desk in
                let recovery = recoveryKey ? try RecoveryKey() : nil
                let report = try await Self.perform(compartments, recovery: recovery, keys: keys, desk: desk)
                guard let recovery else { return try report.print(json: bridge.json) }
                let words = RecoveryReport(change: report, recoveryWords: recovery.words)
                try Output.standardOutput(bridge.json ? Output.json(words) : words.text)
            }
        }
    }

    /// - Parameter recovery: the new recovery key, if there is to be one.
    static func perform(
        _ compartments: [Compartment], recovery: RecoveryKey?, keys: StaffKeys, desk: StaffDesk
    ) async throws -> StaffReport {
        let chosen = compartments.isEmpty ? Set(Compartment.allCases) : Set(compartments)
        let outcome = try await desk.change(keys: keys) { changes, _ in
            if let recovery { try changes.replaceRecoveryKey(with: recovery) }
            try changes.rotate(chosen)
        }
        return StaffReport("The bridge seals to new keys from now on.", outcome)
    }

    struct RecoveryReport: Encodable {
        let change: StaffReport
        let recoveryWords: [String]

        var text: String {
            """
            \(change.text)
            RECOVERY WORDS
            Write these \(recoveryWords.count) words down by hand, now, and destroy the old ones. They are stored
            nowhere. If you could not read them, run this again.

            \(RecoveryWordTable.text(recoveryWords))

            Then check what you wrote: sila recovery check --deployment <folder>

            """
        }
    }
}
