import ArgumentParser
import Sealing
import Unsealing

/// `sila staff rekey`
struct StaffRekey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey",
        abstract: "Give a member new keys, because the passphrase is forgotten or the machine is gone.",
        discussion: """
            A passphrase cannot be reset: nobody has it. The member makes new keys with \
            'sila join --new-keys' and brings the request; the fingerprint is compared as for a new member. \
            Then everything that you can open yourself is wrapped for the new keys.

            Restored: all that their role may read and you hold, which is usually everything. Their notes, \
            replies and settings are as they were. With --recovery-words also what you do not hold.

            Lost: replies that they had begun and not sent, which were on their machine. What only they held \
            opens with the recovery words, or not at all; the report says if there is such a thing.

            If the machine was lost or stolen, say --machine-lost: what they could read gets new keys, so that \
            the old key file opens nothing of what comes after.

            \(Staff.statuses)
            """)

    @Argument(help: ArgumentHelp("The file with the request; '-' for standard input.", valueName: "request-file"))
    var request: String

    @Option(help: ArgumentHelp("The five words, already compared; for scripts.", valueName: "words"))
    var fingerprint: String?

    @Flag(help: "The old key file may be in other hands: make new keys for what they could read.")
    var machineLost = false

    @Flag(help: "Read the recovery words from standard input, to restore what you do not hold yourself.")
    var recoveryWords = false

    @OptionGroup var bridge: BridgeOptions

    func validate() throws {
        if recoveryWords, request == "-" {
            throw ValidationError("Standard input cannot be the request and the recovery words.")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            let request = try StaffRequestFile.read(request)
            try StaffAdd.compare(request, given: fingerprint, confirmation: .terminal)
            let recovery = recoveryWords ? try StaffRecoveryWords.read() : nil
            let keys = try machine.unlock(passphraseFile: bridge.passphraseFile)
            try await StaffConnector.desk(machine, login: .keys(keys)) { desk in
                try await Self.perform(
                    request, machineLost: machineLost, recovery: recovery, keys: keys, desk: desk
                ).print(json: bridge.json)
            }
        }
    }

    /// - Precondition: the fingerprint was compared.
    static func perform(
        _ request: MemberRequest, machineLost: Bool, recovery: RecoveryKey?, keys: StaffKeys, desk: StaffDesk
    ) async throws -> StaffReport {
        let outcome = try await desk.change(keys: keys, recovery: recovery) { changes, verified in
            if let recovery, recovery.publicKey != verified.recoveryKey {
                throw CommandFailure(.data, "The recovery words are of another deployment, or were replaced.")
            }
            try changes.replaceKeys(request, machineLost: machineLost)
        }
        let lacking = outcome.holding.lacking(request.id)
        let note =
            lacking.isEmpty
            ? "They can read everything again that their role may read. Replies they had begun and not sent are lost."
            : lackingText(lacking, of: request.id)
        return StaffReport("'\(request.id)' has new keys.", outcome, member: request.id, notes: [note])
    }

    /// What could not be handed on, in plain words.
    static func lackingText(_ keys: [ArchivePublicKey], of member: MemberID) -> String {
        let names = Set(keys.map(\.compartment)).map(\.rawValue).sorted().joined(separator: ", ")
        return "'\(member)' CANNOT READ all of \(names): you do not hold \(keys.count == 1 ? "the key" : "all keys") "
            + "yourself. A coordinator who does hands them on with any change, or: sila staff rekey --recovery-words"
    }
}
