import ArgumentParser
import Daemon
import Foundation

extension Silad {
    /// `silad backup`
    struct BackupCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "backup",
            abstract: "Back up the deployment, sealed to the recovery key.",
            discussion: """
                Writes two files into the folders that backup.data and backup.keys of the configuration name. The \
                keys open what the data holds, and are removed after \(BackupRun.keyDays) days: whoever was erased \
                from the bridge can then be opened by nobody, also with older data. Old data goes after \
                backup.keep-days.

                Runs beside the daemon and holds nothing up. It needs no passphrase and cannot read what it wrote: \
                that takes the recovery words ('sila restore'). In key mode tpm it needs the credential, so let \
                systemd run it (config/silad-backup.service, silad-backup.timer).

                There are no ratchets in a backup: after a restore they are made anew. Bring both files to other \
                machines, not to the same one. Do it also after each change of staff.

                EXIT STATUS
                  0   made; 64 wrong usage; 75 not now: the disk, the store; 78 an error in configuration or keys
                """)

        @OptionGroup var options: ConfigurationOption
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            try DaemonProcess.reportingErrors {
                let isSeen = isatty(STDERR_FILENO) == 1
                let report = try BackupRun(configurationPath: options.config) { part in
                    if isSeen { FileHandle.standardError.write(Data("silad: \(part) …\n".utf8)) }
                }.run()
                if json {
                    let encoder = JSONEncoder()
                    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                    encoder.dateEncodingStrategy = .iso8601
                    return print(String(decoding: try encoder.encode(report), as: UTF8.self))
                }
                print("data  \(report.data)")
                print("keys  \(report.keys)")
                print("\(report.rows) rows, \(report.attachments) files of messages, \(report.bytes) bytes")
                for path in report.removed { print("removed, its time was over: \(path)") }
            }
        }
    }
}
