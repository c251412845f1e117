import ArgumentParser
import StaffAgent

/// `sila lock`
struct Lock: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Forget the private keys and the index now.",
        discussion: """
            The process that 'sila unlock' started overwrites what it holds and ends. When nothing is \
            unlocked, this is no error.

            EXIT STATUS
              0 nothing is unlocked any more; 64 command line; 66 no profile; 74 the agent did not answer.
            """)

    @OptionGroup var bridge: BridgeOptions

    struct Report: Encodable {
        let version = 1
        /// Whether something was unlocked before.
        let locked: Bool

        var text: String { locked ? "Locked.\n" : "Nothing was unlocked.\n" }
    }

    func run() throws {
        try CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            let report = Report(locked: try Self.lock(try AgentSocket.forProfile(machine.folder)))
            try Output.standardOutput(bridge.json ? Output.json(report) : report.text)
        }
    }

    /// Whether there was something to lock. An agent that does not understand this, as one of another
    /// version, is ended by a signal.
    private static func lock(_ socket: AgentSocket) throws -> Bool {
        do {
            _ = try AgentClient.ask(.lock, at: socket)
            return true
        } catch  where error.code == .notUnlocked {
            return false
        } catch  where error.code != .otherUser {
            try socket.terminate()
            return true
        }
    }
}
