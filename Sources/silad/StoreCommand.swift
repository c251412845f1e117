import ArgumentParser
import Daemon

extension Silad {
    /// `silad store`
    struct StoreCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "store", abstract: "Look at the sealed store.", subcommands: [Show.self])

        /// `silad store show`
        struct Show: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Print the last rows as anyone with the file sees them: sealed.")

            @OptionGroup var options: ConfigurationOption
            @Option(help: ArgumentHelp("Rows to print.", valueName: "n")) var limit = 20
            @Flag(help: "Print JSON.") var json = false

            func validate() throws {
                guard (1...10_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 10000") }
            }

            func run() throws {
                try DaemonProcess.reportingErrors {
                    print(try SealedRowsReport(configurationPath: options.config, limit: limit).text(json: json))
                }
            }
        }
    }
}
