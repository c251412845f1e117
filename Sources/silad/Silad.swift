import ArgumentParser
import CProcess
import Daemon
import Foundation

/// The bridge daemon.
@main
struct Silad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "silad",
        abstract: "The bridge daemon of Sila: channels, ratchets, bot, outbox, sealed store.",
        discussion: """
            silad connects to the helpline's messaging server, opens what contacts write, seals it at once to keys \
            that only staff hold, lets the bot answer, and sends what is due. It cannot read its own archive.

            One deployment is one folder with a configuration file (sila.yaml), keys made by `sila init`, and one \
            database file. Start it under a service manager with `silad run`.

            EXIT STATUS
              0   ended on request
              64  wrong usage
              75  cannot go on now: a port, the disk, another silad on the same deployment
              77  refused: the server our password, or we the server's key or (at the first connection) certificate
              78  an error in the configuration, the keys or the content
            """,
        version: DaemonVersion.text,
        subcommands: [Run.self, Status.self, BackupCommand.self, StoreCommand.self, CheckConfiguration.self])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var waiting = command as? any AsyncParsableCommand {
                try await waiting.run()
            } else {
                try command.run()
            }
        } catch {
            end(error)
        }
        sila_process_end(0)
    }

    /// What ArgumentParser does with an error, ended as `sila_process_end` says.
    private static func end(_ error: any Error) -> Never {
        let status = exitCode(for: error)
        let message = fullMessage(for: error)
        if !message.isEmpty {
            // Help and versions are what was asked for.
            if status.isSuccess { print(message) } else { FileHandle.standardError.write(Data((message + "\n").utf8)) }
        }
        sila_process_end(status.rawValue)
    }
}
