import ArgumentParser
import Daemon

extension Silad {
    /// `silad run`
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the bridge in the foreground.",
            discussion: """
                Prints `ready` on standard output once the store is open, and `online xmpp` each time the channel is \
                up. The log goes to standard error; it holds no message, name, address or key. SIGTERM or SIGINT ends \
                it after what was taken in is stored.
                """)

        @OptionGroup var options: ConfigurationOption

        func run() async throws {
            try await DaemonProcess.run(configurationPath: options.config, composition: .production)
        }
    }
}
