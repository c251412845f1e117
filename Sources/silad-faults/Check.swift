import ArgumentParser
import Daemon
import Foundation

extension SiladFaults {
    /// `silad-faults check`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what the store holds after a crash: counts a conversation, integrity, audit chain.")

        @Option(name: .shortAndLong, help: "The deployment's configuration file.") var config = "sila.yaml"
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            try DaemonProcess.reportingErrors {
                print(try IntegrityReport(configurationPath: config).text(json: json))
            }
        }
    }
}
