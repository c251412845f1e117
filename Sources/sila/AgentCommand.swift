import ArgumentParser
import Sealing
import StaffAgent
import Unsealing

/// `sila agent`: the process behind `sila unlock`.
struct AgentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Hold the private keys in this process, in the foreground.",
        discussion: """
            What 'sila unlock' starts in the background. In the foreground it asks for the passphrase and \
            runs until it forgets: at 'sila lock', Ctrl-C, or when its time is over.
            """,
        shouldDisplay: false)

    @Flag(help: "Take the keys from standard input and go to the background; for 'sila unlock' only.")
    var detach = false

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Forget after this long without use: 45m, 2h. At most 10h.", valueName: "duration"))
    var idle = IdleTime(seconds: AgentSession.defaultIdle)

    @OptionGroup var bridge: BridgeOptions

    /// The command line of the process in the background.
    static func detachedArguments(_ folder: String, _ bridge: BridgeOptions) -> [String] {
        var arguments = ["agent", "--detach", "--keys", folder]
        if let socket = bridge.socket { arguments += ["--socket", socket] }
        if let host = bridge.host { arguments += ["--host", host] }
        return arguments
    }

    func run() throws {
        AgentProcess.prepare()
        try CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            if detach {
                _ = try AgentProcess.runDetached { AgentAccess.archive(machine, $0) }
            } else {
                try runHere(machine)
            }
        }
    }

    private func runHere(_ machine: StaffMachine) throws {
        let socket = try AgentSocket.forProfile(machine.folder)
        guard let pin = try machine.pin() else {
            throw CommandFailure(
                .missing,
                "This machine does not know the deployment yet. Compare its fingerprint in person: sila whoami")
        }
        let keys = try AgentAccess.unlock(machine, passphraseFile: bridge.passphraseFile)
        let start = try AgentStart(member: keys.id, socket: socket, pin: pin, idle: idle.seconds)
        let end = try AgentProcess.run(keys, start: start, source: { AgentAccess.archive(machine, $0) }) {
            Output.standardError("sila: unlocked as \(keys.id). Ctrl-C forgets.\n")
        }
        Output.standardError("sila: forgotten (\(end.rawValue)).\n")
    }
}
