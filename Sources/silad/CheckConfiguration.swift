import ArgumentParser
import Daemon

extension Silad {
    /// `silad check-config`
    struct CheckConfiguration: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check-config",
            abstract: "Check configuration, keys and content, and start nothing.")

        @OptionGroup var options: ConfigurationOption

        func run() throws {
            try DaemonProcess.reportingErrors {
                try DaemonProcess.checkConfiguration(path: options.config)
                print("\(options.config): configuration, keys and content are in order")
            }
        }
    }
}
