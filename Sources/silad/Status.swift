import ArgumentParser
import Daemon

extension Silad {
    /// `silad status`
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show counts of the store, without content.",
            discussion: """
                Reads beside a running daemon. Shows messages in and out, how many conversations wait for a person \
                (`waiting` in JSON), the outbox by stage, what is uncertain or failed, and what was set aside because \
                it could not be opened, by reason. Then the stream to the server, since when and across how many \
                restarts it was resumed, times in which messages may be missing, restores from a backup, and when \
                the last backup was made (`backup.isOverdue` in JSON, also when there was none).
                """)

        @OptionGroup var options: ConfigurationOption
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            try DaemonProcess.reportingErrors {
                print(try StatusReport(configurationPath: options.config).text(json: json))
            }
        }
    }
}
