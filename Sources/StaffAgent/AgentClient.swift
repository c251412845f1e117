import Dispatch
import Foundation
import Glibc
import Inbox
import Messaging
import Sealing
import StaffProtocol
import Unsealing

/// Asks the agent. Each request is a connection of its own: the agent may have ended in between, and
/// is then found out at once.
public struct AgentClient: Sendable {
    public let socket: AgentSocket
    /// Whose keys the agent holds.
    public let member: MemberID

    /// Seconds after which an answer is not waited for any longer.
    public static let timeout = 60

    /// Finds the agent. Throws `AgentError`: `notUnlocked` when none runs. Blocks for a moment.
    public init(_ socket: AgentSocket) throws(AgentError) {
        guard case .status(let status) = try Self.ask(.status, at: socket),
            let member = MemberID(rawValue: status.member)
        else { throw Self.unexpected }
        self.socket = socket
        self.member = member
    }

    static let unexpected = AgentError(
        .version, "The agent answered something else than was asked. Run 'sila lock', then 'sila unlock'.")

    /// Asks, and waits for the answer. Throws `AgentError`, also the one that the agent answered.
    ///
    /// - Parameter timeout: seconds.
    public static func ask(
        _ request: AgentRequest, at socket: AgentSocket, timeout: Int = timeout
    ) throws(AgentError) -> AgentAnswer {
        let descriptor = try socket.connect()
        defer { close(descriptor) }
        var time = timeval(tv_sec: timeout, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        var frame = try AgentFrame.encode(request)
        defer { frame.wipe() }
        try FrameStream.write(frame, to: descriptor)
        var payload = try FrameStream.read(from: descriptor)
        defer { payload.wipe() }
        let answer = try AgentFrame.decode(AgentAnswer.self, from: payload)
        if case .failed(let error) = answer { throw error }
        return answer
    }

    /// Asks from a task, without holding up the others: waiting happens on a thread of its own.
    public func ask(_ request: AgentRequest) async throws -> AgentAnswer {
        let socket = socket
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try Self.ask(request, at: socket) })
            }
        }
    }

    /// How the agent stands.
    public func status() async throws -> AgentStatus {
        guard case .status(let status) = try await ask(.status) else { throw Self.unexpected }
        return status
    }

    /// Searches the index, those with every word as typed first, the newest of them first. What has just come is taken in first.
    ///
    /// - Parameters:
    ///   - limit: hits at most, up to `AgentProtocol.hitLimit`.
    ///   - patience: how long that is waited for; after it the answer is not complete.
    public func search(
        _ query: String, limit: Int, patience: Duration = .seconds(2)
    ) async throws -> SearchAnswer {
        let deadline = ContinuousClock.now + patience
        while true {
            guard case .found(let answer) = try await ask(.search(query: query, limit: limit)) else {
                throw Self.unexpected
            }
            if answer.isComplete || ContinuousClock.now >= deadline { return answer }
            switch try await status().index.state {
            case .behind: try await Task.sleep(for: .milliseconds(50))
            // Taken in between the two questions.
            case .complete: continue
            case .empty, .filling, .interrupted: return answer
            }
        }
    }

    /// Gives items to be indexed; without effect while the archive is being read.
    public func add(_ items: [SealedItem], segments: [SealedSegment]) async throws {
        guard case .done = try await ask(.add(segments: segments, items: items)) else { throw Self.unexpected }
    }

    /// Has items forgotten: by position, and all of these conversations and contacts.
    public func remove(
        positions: [Int64] = [], conversations: [Int64] = [], contacts: [Int64] = []
    ) async throws {
        let request = AgentRequest.remove(positions: positions, conversations: conversations, contacts: contacts)
        guard case .done = try await ask(request) else { throw Self.unexpected }
    }

    /// Has everything forgotten, and the agent end.
    public func lock() async throws {
        guard case .done = try await ask(.lock) else { throw Self.unexpected }
    }
}

extension AgentClient: KeyHolder {
    public func signLogin(deployment: [UInt8], challenge: [UInt8]) async throws -> [UInt8] {
        let request = AgentRequest.signLogin(deployment: Data(deployment), challenge: Data(challenge))
        guard case .signature(let signature) = try await ask(request) else { throw Self.unexpected }
        return Array(signature)
    }

    public func use(keyring: [UInt8], roster: TrustedRoster) async throws {
        let request = AgentRequest.use(roster: Data(roster.stored), keyring: Data(keyring))
        guard case .done = try await ask(request) else { throw Self.unexpected }
    }

    public func open(_ segments: [SealedSegment]) async throws -> [Data: OpenedSegment] {
        var result: [Data: OpenedSegment] = [:]
        for start in stride(from: 0, to: segments.count, by: AgentProtocol.segmentLimit) {
            let part = Array(segments[start..<min(start + AgentProtocol.segmentLimit, segments.count)])
            guard case .opened(let opened) = try await ask(.open(segments: part)) else { throw Self.unexpected }
            let secrets = Dictionary(opened.map { ($0.token, $0.secret) }, uniquingKeysWith: { first, _ in first })
            for segment in part {
                guard let secret = secrets[segment.token] else { continue }
                var bytes = Array(secret)
                result[segment.token] = try OpenedSegment(
                    segment: segment.description(), handover: SecretBytes(wiping: &bytes))
            }
        }
        return result
    }

    public func localKey(_ purpose: LocalPurpose) async throws -> SecretBytes {
        guard case .localKey(let key) = try await ask(.localKey(purpose: purpose.rawValue)) else {
            throw Self.unexpected
        }
        var bytes = Array(key)
        return SecretBytes(wiping: &bytes)
    }
}
