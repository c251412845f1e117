import Foundation
import Inbox
import Sealing
import StaffAgent
import StaffProtocol

/// What a working command has: this machine's profile, the keys, and the bridge.
struct BridgeSession: Sendable {
    let machine: StaffMachine
    let work: InboxSession
    /// The agent, if one runs: it holds the keys and the index.
    let agent: AgentClient?

    var connection: StaffConnection { work.connection }
    var member: MemberID { machine.member }
    /// What was shown of each conversation on this machine.
    var seen: SeenMarks { SeenMarks(folder: machine.folder) }

    /// Runs a command's work with a session, and ends the session however the work ends.
    static func run(_ options: BridgeOptions, _ body: (BridgeSession) async throws -> Void) async throws {
        try await CommandFailure.reporting {
            try await open(options).end(after: body)
        }
    }

    /// Does the work, and ends the session however it ends.
    func end(after body: (BridgeSession) async throws -> Void) async throws {
        do {
            try await body(self)
        } catch {
            await work.close()
            throw error
        }
        await work.close()
    }

    /// Finds the profile, the keys and the bridge, and logs in.
    static func open(_ options: BridgeOptions) async throws -> BridgeSession {
        let machine = try StaffMachine(options)
        return try await open(machine, holder: holder(of: machine, passphraseFile: options.passphraseFile))
    }

    static func open(_ machine: StaffMachine, holder: Holder) async throws -> BridgeSession {
        let work = try await InboxSession.open(
            machine.profile, in: machine.profileFolder, keys: holder.keys, mayAsk: Terminal.isPresent)
        return BridgeSession(machine: machine, work: work, agent: holder.agent)
    }

    /// Whoever holds the keys of this command.
    struct Holder: Sendable {
        let keys: any KeyHolder
        let agent: AgentClient?
    }

    /// The agent when one runs; else the key file is opened, with the passphrase of a file or typed.
    static func holder(of machine: StaffMachine, passphraseFile: String?) throws -> Holder {
        if let agent = try agent(of: machine) { return Holder(keys: agent, agent: agent) }
        return Holder(keys: UnlockedKeys(try machine.unlock(passphraseFile: passphraseFile)), agent: nil)
    }

    /// The agent of this profile; `nil` when none runs.
    static func agent(of machine: StaffMachine) throws -> AgentClient? {
        guard let agent = try runningAgent(AgentSocket.forProfile(machine.folder)) else { return nil }
        guard agent.member == machine.member else {
            throw CommandFailure(
                .data,
                "The agent holds the keys of '\(agent.member)', and the profile is of '\(machine.member)'. "
                    + "Run: sila lock")
        }
        return agent
    }

    private static func runningAgent(_ socket: AgentSocket) throws -> AgentClient? {
        do {
            return try AgentClient(socket)
        } catch {
            guard error.code == .notUnlocked else { throw error }
            return nil
        }
    }
}

extension StaffMachine {
    var profileFolder: ProfileFolder { ProfileFolder(folder) }

    /// As `Inbox` takes it, with what the options put in its place.
    var profile: Profile {
        switch bridge {
        case .socket(let path): Profile(member: member, place: .socket(path))
        case .host(let name, let socket):
            Profile(member: member, place: .host(name, remoteSocket: socket ?? StaffProfile.systemSocket))
        }
    }
}
