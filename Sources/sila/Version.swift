import ArgumentParser
import Sealing

/// What this program is.
enum Version {
    static let number = "0.1.0"
    static let text = "sila \(number)"
}

/// `sila version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version of this program.",
        discussion: "With --json, also the version of the roster format that it reads and writes.")

    @Flag(help: "Print as JSON.")
    var json = false

    private struct Report: Encodable {
        var version = Version.number
        var rosterFormat = Roster.version
    }

    func run() throws {
        try CommandFailure.reporting {
            try Output.standardOutput(json ? Output.json(Report()) : Version.text + "\n")
        }
    }
}
