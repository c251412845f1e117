import Foundation
import Inbox
import Sealing
import StaffProtocol
import Unsealing

/// The archive as the bridge serves it to the member whose keys the agent holds.
///
/// It connects when it is first asked, and anew after each failure: the bridge may be restarted, and
/// a machine that was away from the network comes back.
public actor BridgeArchive: ArchiveSource {
    private let connect: @Sendable () async throws -> InboxSession
    private let close: @Sendable (InboxSession) async -> Void
    private var session: InboxSession?
    private var ahead = EventAhead()

    /// - Parameter connect: opens a session with the keys that the agent holds (`HeldKeys`); must not
    ///   ask anything of anyone.
    public init(_ connect: @escaping @Sendable () async throws -> InboxSession) {
        self.connect = connect
        close = { await $0.close() }
    }

    private func open() async throws -> InboxSession {
        if let session { return session }
        let made = try await connect()
        session = made
        return made
    }

    public func staffFiles() async throws -> (roster: [UInt8], keyring: [UInt8]) {
        let session = try await open()
        let roster = try await session.connection.refreshRoster()
        // Who is not in it any more is given no keyring: the agent finds that out from the roster.
        guard roster.verified.members[session.connection.member] != nil else { return (roster.stored, []) }
        return (roster.stored, try await session.connection.keyring())
    }

    public func newestEvent() async throws -> Int64 {
        try await open().connection.inbox(.all, limit: 1).event
    }

    public func archive(after position: Int64) async throws -> AsyncThrowingStream<[ArchiveFrame], any Error> {
        try await open().bulk.batches(after: position)
    }

    public func events(after number: Int64) async throws -> AsyncThrowingStream<StaffEvent, any Error> {
        let signals = try await open().events.signals(after: number)
        ahead = EventAhead()
        return ahead.events(of: signals)
    }

    public func serves(_ conversation: Int64) async throws -> Bool {
        do {
            _ = try await open().connection.conversation(conversation, limit: 1)
            return true
        } catch let error as APIError where error.code == .notFound {
            return false
        }
    }

    /// Seconds that double from 1 to 64. The old session is let go of: what is wrong may be its own.
    public func pause(failures: Int) async throws {
        if let session { await close(session) }
        session = nil
        try await Task.sleep(for: .seconds(1 << min(max(failures, 1) - 1, 6)), tolerance: .seconds(1))
    }

    /// Ten seconds, or until an event comes that must not wait.
    public func gather() async throws {
        try await ahead.wait { try await Task.sleep(for: .seconds(10), tolerance: .seconds(2)) }
    }
}

/// The keys of a session, for what runs in the agent's own process.
public struct HeldKeys: KeyHolder {
    private let session: AgentSession
    public var member: MemberID { session.member }

    public init(_ session: AgentSession) { self.session = session }

    public func signLogin(deployment: [UInt8], challenge: [UInt8]) async throws -> [UInt8] {
        try session.sign(deployment: deployment, challenge: challenge)
    }

    public func use(keyring: [UInt8], roster: TrustedRoster) async throws {
        try session.use(roster: roster.stored, keyring: keyring)
    }

    public func open(_ segments: [SealedSegment]) async throws -> [Data: OpenedSegment] {
        let opener = session.opener
        return segments.reduce(into: [:]) { opened, segment in
            if let key = try? segment.open(with: opener) { opened[segment.token] = key }
        }
    }

    public func localKey(_ purpose: LocalPurpose) async throws -> SecretBytes {
        try session.localKey(purpose.rawValue)
    }
}
