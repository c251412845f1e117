import ArgumentParser
import Foundation
import Sealing
import Unsealing

/// `sila recovery`
struct Recovery: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery",
        abstract: "Work with the recovery words.",
        subcommands: [RecoveryCheck.self])
}

/// `sila recovery check`
struct RecoveryCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say whether recovery words are right and belong to a deployment.",
        discussion: """
            Reads the words from standard input; end it with Ctrl-D. Upper and lower case, spaces, hyphens, \
            line breaks and numbers before the words do not matter. If one word is wrong, it is named where \
            that can be known. The words are used to open the archive's keys, for trial; nothing is changed \
            or stored.

            EXIT STATUS
              0 the words are right; 64 command line; 65 they are wrong, or of another deployment; 66 no \
            roster there; 74 reading failed.
            """)

    @Option(help: ArgumentHelp("The deployment's folder, or a copy of it.", valueName: "folder"))
    var deployment: String

    @Flag(help: "Print the result as JSON.")
    var json = false

    private struct Report: Encodable {
        let version = 1
        let belongs = true
        let fingerprint: String
        let compartments: [String]
    }

    func run() throws {
        try CommandFailure.reporting {
            let files = try DeploymentFiles(deployment: deployment, keys: deployment)
            let checked = try RecoveryCheckWork(files: files).check {
                if isatty(STDIN_FILENO) == 1 {
                    Output.standardError("Type the \(RecoveryWords.count) words, then Ctrl-D on a line of its own:\n")
                }
                return try StandardInput.read(limit: 1 << 16)
            }
            let report = Report(
                fingerprint: checked.fingerprint, compartments: checked.compartments.map(\.rawValue))
            try Output.standardOutput(
                json
                    ? Output.json(report)
                    : "The words are right. They belong to the deployment \(report.fingerprint) and open "
                        + "\(report.compartments.joined(separator: ", ")).\n")
        }
    }
}

/// Checks recovery words against a deployment's files.
struct RecoveryCheckWork {
    let files: DeploymentFiles

    struct Result {
        let fingerprint: String
        let compartments: [Compartment]
    }

    /// `input` is asked for only once the deployment's files are known to be sound.
    func check(_ input: () throws -> String) throws -> Result {
        let roster = try VerifiedRoster.load(rosterPath: files.roster, pinPath: files.rosterPin)
        guard let bytes = FileManager.default.contents(atPath: files.keyring) else {
            throw CommandFailure(.missing, "'\(files.keyring)' cannot be read.")
        }
        // After a crash in the middle of a change the file may have more than the roster allows.
        let keyring = ArchiveKeyring(try KeyringFile(decoding: Array(bytes)).pruned(for: roster))
        let key = try RecoveryKey(secret: try RecoveryWords.parse(try input()))
        guard key.publicKey == roster.recoveryKey else {
            throw CommandFailure(
                .data,
                "The words are written correctly, but belong to another deployment than \(roster.fingerprint), or to a "
                    + "recovery key that was replaced.")
        }
        let opener = try keyring.unlock(key, roster: roster)
        let held = Set(opener.publicKeys.map(\.id))
        let missing = roster.archiveKeys.filter { !held.contains($0.id) }
        guard missing.isEmpty else {
            let names = Set(missing.map(\.compartment.rawValue)).sorted().joined(separator: ", ")
            throw CommandFailure(
                .data,
                "The words are right, but the keyring lacks keys of \(names) for them. Restore '\(files.keyring)'.")
        }
        return Result(
            fingerprint: roster.fingerprint, compartments: Compartment.allCases.filter(opener.compartments.contains))
    }
}
