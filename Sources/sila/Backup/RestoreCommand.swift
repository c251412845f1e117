import ArgumentParser
import Foundation
import Unsealing

/// `sila restore`
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a deployment's folder from a backup, with the recovery words.",
        discussion: """
            DATA and KEYS are the two files that 'silad backup' wrote: those of one backup, or data with keys that \
            were made later. Whoever was erased between the two stays erased. Reads the recovery words from standard \
            input; end it with Ctrl-D. Everything is checked before anything is written. The folder must not be \
            there, or be empty.

            The old machine must never run again: two daemons with one identity break every conversation. Then bring \
            the folder to the new machine and start silad there, which makes the database. Ratchets are made anew, \
            with ids that were never used. What contacts wrote after the backup is read from the server's archive; \
            what cannot be opened any more is shown, and they are asked to send it again. Lost is what staff and bot \
            did after the backup.

            Compare the five words of the deployment that it prints: a backup is sealed, but anybody who knows the \
            roster could have made one.

            EXIT STATUS
              0 done; 64 command line; 65 the words or a file are wrong; 66 a file is not there; 73 there is \
            something in the folder; 74 reading or writing failed; 77 permissions.
            """)

    @Argument(help: ArgumentHelp("The backup's file of data.", valueName: "data"))
    var data: String

    @Argument(help: ArgumentHelp("The backup's file of keys.", valueName: "keys"))
    var keys: String

    @Option(help: ArgumentHelp("The folder that is to be made.", valueName: "folder"))
    var into: String

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
        try CommandFailure.reporting {
            let folder = URL(fileURLWithPath: into).standardizedFileURL.path
            let work = RestoreWork(data: BackupReading(path: data), keys: BackupReading(path: keys), folder: folder)
            let result = try work.run {
                if isatty(STDIN_FILENO) == 1 {
                    Output.standardError("Type the \(RecoveryWords.count) words, then Ctrl-D on a line of its own:\n")
                }
                return try StandardInput.read(limit: 1 << 16)
            }
            Output.standardError(
                "sila: warning: the machine that this backup is of must never run silad again, also not later.\n")
            let report = RestoreReport(result, folder: folder)
            try Output.standardOutput(json ? Output.json(report) : report.text)
        }
    }
}

/// What was restored, and what comes next.
struct RestoreReport: Encodable {
    let version = 1
    let folder: String
    let madeAt: String
    let generation: Int64
    let fingerprint: String
    let keyMode: String
    let rows: Int
    let attachments: Int
    let members: [String]
    /// By key of sila.yaml: paths that lie outside of the folder.
    let elsewhere: [String: String]

    init(_ result: RestoreWork.Result, folder: String) {
        self.folder = folder
        madeAt = result.madeAt.formatted(.iso8601)
        generation = result.generation
        fingerprint = result.fingerprint
        keyMode = result.keyMode
        rows = result.rows
        attachments = result.attachments
        members = result.members
        elsewhere = Dictionary(result.elsewhere.map { ($0.key, $0.path) }) { first, _ in first }
    }

    var text: String {
        var lines = [
            "Restored into '\(folder)', from a backup of \(madeAt):",
            "  \(rows) rows, \(attachments) files of messages, restore number \(generation)",
            "  the deployment's words: \(fingerprint). Compare them with those you know.",
            "  who belongs: \(members.map(Foreign.word).joined(separator: ", "))",
            "", "Next:",
            "  1. Make sure that the old machine never runs silad again.",
        ]
        var steps = ["Bring the folder to the new machine, owned by the user who will run silad."]
        if !elsewhere.isEmpty {
            // Whoever can make a backup could paint over the words above with what a terminal obeys.
            let paths = elsewhere.sorted { $0.key < $1.key }.map { "     \($0.key): \(Foreign.word($0.value))" }
            steps.append(
                "Look at these paths in sila.yaml. What they name is not in this folder:\n"
                    + paths.joined(separator: "\n"))
        }
        if keyMode == "tpm" {
            steps.append(
                "Bind keys/working.key to the new machine, then shred it: config/sila.example.yaml says how.")
        }
        steps.append("silad check-config --config sila.yaml, then silad run: it makes the database.")
        if keyMode == "operator" { steps.append("sila bridge open, as a coordinator or as staff.") }
        steps.append("sila today: what could not be opened, or whose fate is not known, is shown there.")
        lines += steps.enumerated().map { "  \($0 + 2). \($1)" }
        return lines.joined(separator: "\n") + "\n"
    }
}
