import ArgumentParser
import Foundation
import Inbox
import Sealing
import StaffAgent
import Unsealing

/// `sila unlock`
struct Unlock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Open your private keys for a while.",
        discussion: """
            Asks for your passphrase and starts a process in the background that holds your keys and an index \
            of what you may read, in memory only. The other commands use it. It forgets everything at 'sila \
            lock', after 30 minutes without use (--for says otherwise), after ten hours in any case, when this \
            machine was suspended, when you log out, and when you do not belong to the deployment any more.

            Only programs of your own user on this machine reach it; keep your screen locked when you leave. \
            The index may be swapped out by the system: swap must be encrypted on a staff machine.

            When it is unlocked already, this says until when, and changes nothing.

            EXIT STATUS
              0 unlocked; 64 command line; 65 wrong passphrase (after three tries at the prompt), a damaged \
            key file, or a roster that must not be trusted; 66 no profile, key file or terminal; 74 reading \
            failed, or the agent could not be started; 77 permissions, or you do not belong any more.
            """)

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Forget after this long without use: 45m, 2h. At most 10h.", valueName: "duration"))
    var idle = IdleTime(seconds: AgentSession.defaultIdle)

    @OptionGroup var bridge: BridgeOptions

    struct Report: Encodable {
        let version = 1
        let alreadyUnlocked: Bool
        let agent: AgentStatus
        /// What kept the bridge from being reached; the keys are unlocked all the same.
        let warning: String?

        var text: String {
            let state = alreadyUnlocked ? "Unlocked already" : "Unlocked"
            return "\(state) as \(agent.member), until \(Moments.clock(agent.forgetsAt)) if it is not used, "
                + "\(Moments.clock(agent.endsAt)) at the latest. To forget at once: sila lock\n"
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            if let running = try BridgeSession.agent(of: machine) {
                return try show(Report(alreadyUnlocked: true, agent: try await running.status(), warning: nil))
            }
            let socket = try AgentSocket.forProfile(machine.folder)
            try start(machine, socket)
            let client = try AgentClient(socket)
            let warning = try await introduce(client, machine)
            try show(Report(alreadyUnlocked: false, agent: try await client.status(), warning: warning))
        }
    }

    private func show(_ report: Report) throws {
        if let warning = report.warning { Output.standardError("sila: warning: \(warning)\n") }
        try Output.standardOutput(bridge.json ? Output.json(report) : report.text)
    }

    private func start(_ machine: StaffMachine, _ socket: AgentSocket) throws {
        guard let pin = try machine.pin() else {
            throw CommandFailure(
                .missing,
                "This machine does not know the deployment yet. Compare its fingerprint in person: sila whoami")
        }
        let keys = try AgentAccess.unlock(machine, passphraseFile: bridge.passphraseFile)
        let start = try AgentStart(member: keys.id, socket: socket, pin: pin, idle: idle.seconds)
        try AgentLauncher.start(keys, start, arguments: AgentCommand.detachedArguments(machine.folder, bridge))
    }

    /// Gives the agent the archive keys by way of the bridge. What is wrong with the bridge is a
    /// warning: the agent tries again by itself.
    private func introduce(_ client: AgentClient, _ machine: StaffMachine) async throws -> String? {
        do {
            let session = try await AgentAccess.session(machine, keys: client, mayAsk: true)
            await session.close()
            return nil
        } catch let error as ConnectionError {
            return "\(error) Unlocked all the same; the agent tries again by itself."
        } catch let error as RosterRefusal {
            // Nothing is to be opened for a bridge that may be another one.
            try? await client.lock()
            throw error
        }
    }
}

/// A time on the command line: `45m`, `2h`, `90s`; a bare number is minutes. A second to ten hours.
struct IdleTime: ExpressibleByArgument, Equatable {
    let seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        let unit = argument.last.flatMap { units[$0] }
        let digits = unit == nil ? argument[...] : argument.dropLast()
        guard (1...6).contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isNumber }),
            let number = Double(digits)
        else { return nil }
        seconds = number * (unit ?? 60)
        guard seconds >= 1, seconds <= AgentSession.limit else { return nil }
    }

    var defaultValueDescription: String { "30m" }
}
