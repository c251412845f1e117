/// Starts the interactive inbox.
enum ReaderLauncher {
    static func run(_ session: BridgeSession, reorders: Bool) async throws {
        throw CommandFailure(.software, "The interactive reader is not part of this build.")
    }
}
