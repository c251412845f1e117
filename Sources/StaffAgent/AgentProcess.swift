import Foundation
import Glibc
import Sealing
import Unsealing

/// What the agent is started with. The private keys go beside it, as bytes.
public struct AgentStart: Codable, Sendable, Equatable {
    public var member: String
    /// The path of the socket.
    public var socket: String
    /// The stored form of the pin that says to which roster the keys belong.
    public var pin: Data
    /// Seconds without use after which it forgets.
    public var idle: Double

    public init(member: MemberID, socket: AgentSocket, pin: RosterPin, idle: Double) throws(RosterError) {
        self.member = member.rawValue
        self.socket = socket.path
        self.pin = Data(try pin.encoded())
        self.idle = idle
    }
}

/// The process that is the agent.
public enum AgentProcess {
    /// To be called before a secret is in memory: no core dumps, no reading by other programs.
    public static func prepare() { ProcessMemory.harden() }

    /// The same for any program that opens conversations or asks for a passphrase: the first thing that it does.
    public static func guardSecrets() { ProcessMemory.guardSecrets() }

    /// Serves in the foreground until the session ends, and overwrites everything.
    ///
    /// - Parameters:
    ///   - source: where the index is filled from; `nil`: only by clients.
    ///   - ready: called when clients can connect.
    /// - Throws: `AgentError`.
    public static func run(
        _ keys: StaffKeys, start: AgentStart, source: (AgentSession) -> (any ArchiveSource)?,
        ready: () -> Void = {}
    ) throws(AgentError) -> AgentEnd {
        let pin: RosterPin
        do {
            pin = try RosterPin(decoding: Array(start.pin))
        } catch {
            throw AgentError(.roster, error.description)
        }
        let session = AgentSession(
            keys: keys, pin: pin, idle: start.idle, isMemoryLocked: ProcessMemory.lockHeap())
        let server = try AgentServer(session, at: AgentSocket(path: start.socket), takesSignals: true)
        var feed: Task<Void, Never>?
        defer { feed?.cancel() }
        return try server.run {
            feed = source(session).map(session.feed(from:))
            ready()
        }
    }

    /// The part in the background: takes what `AgentLauncher` wrote from standard input, says on
    /// standard output whether it stands, and lets go of the terminal.
    ///
    /// - Throws: `AgentError`, which the launcher was told as well.
    public static func runDetached(source: (AgentSession) -> (any ArchiveSource)?) throws(AgentError) -> AgentEnd {
        do throws(AgentError) {
            let start = try AgentFrame.decode(AgentStart.self, from: FrameStream.read(from: STDIN_FILENO))
            guard let member = MemberID(rawValue: start.member) else {
                throw AgentError(.malformed, "The agent was started without a member.")
            }
            let keys = try receiveKeys(of: member)
            return try run(keys, start: start, source: source) {
                if let frame = try? AgentFrame.encode(AgentAnswer.done) {
                    try? FrameStream.write(frame, to: STDOUT_FILENO)
                }
                ProcessMemory.detach()
            }
        } catch {
            if let frame = try? AgentFrame.encode(AgentAnswer.failed(error)) {
                try? FrameStream.write(frame, to: STDOUT_FILENO)
            }
            throw error
        }
    }

    private static func receiveKeys(of member: MemberID) throws(AgentError) -> StaffKeys {
        var bytes = try FrameStream.read(from: STDIN_FILENO)
        do {
            return try StaffKeys(id: member, handover: SecretBytes(wiping: &bytes))
        } catch {
            throw AgentError(.internalError, error.description)
        }
    }
}
