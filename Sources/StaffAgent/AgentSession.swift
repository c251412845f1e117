import Foundation
import Inbox
import Sealing
import StaffProtocol
import Synchronization
import Unsealing

/// What the agent holds while it is unlocked, and what it does with it. Thread-safe; no sockets here.
public final class AgentSession: Sendable {
    private struct State: Sendable {
        var keys: StaffKeys?
        var pin: RosterPin
        var deployment: [UInt8]?
        var role: Role?
        var opener = ArchiveOpener(keys: [])
        var lifetime: AgentLifetime
        var end: AgentEnd?
    }

    /// Seconds without use after which the agent forgets, unless said otherwise, and in any case.
    public static let defaultIdle: Double = 30 * 60
    public static let limit: Double = 10 * 3600

    public let member: MemberID
    let archive = IndexedArchive()
    private let isMemoryLocked: Bool
    private let state: Mutex<State>

    /// - Parameters:
    ///   - keys: unlocked.
    ///   - pin: which roster these keys belong to.
    ///   - idle: seconds without use after which everything is forgotten; at most `limit`.
    public init(
        keys: StaffKeys, pin: RosterPin, idle: Double = AgentSession.defaultIdle, clocks: AgentClocks = .system,
        isMemoryLocked: Bool = false
    ) {
        member = keys.id
        self.isMemoryLocked = isMemoryLocked
        let lifetime = AgentLifetime(idle: min(max(idle, 1), Self.limit), limit: Self.limit, clocks: clocks)
        state = Mutex(State(keys: keys, pin: pin, lifetime: lifetime))
    }

    /// Why everything was forgotten; `nil` as long as it was not. Looks at the clocks.
    public var end: AgentEnd? {
        let due = state.withLock { state in state.end == nil ? state.lifetime.end : nil }
        if let due { forget(due) }
        return state.withLock { $0.end }
    }

    /// Overwrites keys and index. The first reason stays.
    public func forget(_ reason: AgentEnd) {
        state.withLock { state in
            if state.end == nil { state.end = reason }
            // The last references: swift-crypto overwrites the keys when they go.
            state.keys = nil
            state.opener = ArchiveOpener(keys: [])
            state.deployment = nil
        }
        archive.wipe()
    }

    /// Answers one request of a client.
    public func answer(_ request: AgentRequest) -> AgentAnswer {
        if end != nil { return .failed(Self.notUnlocked) }
        if request.isUse { state.withLock { $0.lifetime.use() } }
        do {
            return try perform(request)
        } catch {
            return .failed(error)
        }
    }

    private func perform(_ request: AgentRequest) throws(AgentError) -> AgentAnswer {
        switch request {
        case .status: return .status(status)
        case .signLogin(let deployment, let challenge):
            return .signature(Data(try sign(deployment: Array(deployment), challenge: Array(challenge))))
        case .use(let roster, let keyring):
            try use(roster: Array(roster), keyring: Array(keyring))
            return .done
        case .open(let segments):
            guard segments.count <= AgentProtocol.segmentLimit else {
                throw AgentError(.tooLarge, "At most \(AgentProtocol.segmentLimit) segments are opened at once.")
            }
            return .opened(open(segments))
        case .localKey(let purpose):
            return .localKey(try localKey(purpose).withUnsafeBytes { Data($0) })
        case .search(let query, let limit):
            guard query.count <= AgentProtocol.queryLimit else {
                throw AgentError(.tooLarge, "A query has at most \(AgentProtocol.queryLimit) characters.")
            }
            return .found(archive.search(query, limit: min(max(limit, 0), AgentProtocol.hitLimit)))
        case .add(let segments, let items):
            add(segments, items)
            return .done
        case .remove(let positions, let conversations, let contacts):
            archive.remove(
                IndexedArchive.Removal(
                    positions: Set(positions), conversations: Set(conversations), contacts: Set(contacts)))
            return .done
        case .recentConversations(let limit):
            return .conversations(archive.recentConversations(min(max(limit, 0), AgentProtocol.hitLimit)))
        case .lock:
            forget(.locked)
            return .done
        }
    }
}

extension AgentSession {
    static let notUnlocked = AgentError(.notUnlocked, "Nothing is unlocked. Run 'sila unlock'.")

    /// Looks at the clocks: also the agent's own work must not use keys after a suspension.
    private func keys() throws(AgentError) -> StaffKeys {
        guard end == nil, let keys = state.withLock({ $0.keys }) else { throw Self.notUnlocked }
        return keys
    }

    private var status: AgentStatus {
        let index = archive.status
        let member = member.rawValue
        let isMemoryLocked = isMemoryLocked
        return state.withLock { state in
            AgentStatus(
                member: member, since: Self.milliseconds(state.lifetime.since),
                forgetsAt: Self.milliseconds(state.lifetime.forgetsAt),
                endsAt: Self.milliseconds(state.lifetime.endsAt),
                compartments: state.opener.compartments.map(\.rawValue).sorted(), index: index,
                isMemoryLocked: isMemoryLocked)
        }
    }

    private static func milliseconds(_ seconds: Double) -> Milliseconds {
        Milliseconds(exactly: (seconds * 1000).rounded()) ?? 0
    }

    func sign(deployment: [UInt8], challenge: [UInt8]) throws(AgentError) -> [UInt8] {
        if let own = state.withLock({ $0.deployment }), own != deployment {
            throw AgentError(
                .otherDeployment, "The keys that are unlocked belong to another deployment. Nothing was signed.")
        }
        let keys = try keys()
        do {
            return try keys.sign(
                LoginTranscript.bytes(deployment: deployment, member: member, challenge: challenge))
        } catch {
            throw AgentError(.internalError, error.description)
        }
    }

    func localKey(_ purpose: String) throws(AgentError) -> SecretBytes {
        guard let purpose = LocalPurpose(rawValue: purpose) else {
            throw AgentError(.malformed, "There is no local key for this purpose.")
        }
        let keys = try keys()
        do {
            return try keys.localKey(purpose)
        } catch {
            throw AgentError(.internalError, error.description)
        }
    }

    /// Takes roster and keyring in their stored forms. Ends the session when the roster does not hold
    /// the member with these keys any more.
    func use(roster: [UInt8], keyring: [UInt8]) throws(AgentError) {
        let keys = try keys()
        let pin = state.withLock { $0.pin }
        let verified: VerifiedRoster
        do {
            verified = try Roster(decoding: roster).verified(by: pin)
        } catch {
            throw AgentError(.roster, error.description)
        }
        guard let own = verified.members[member], own.signingKey == keys.signingPublicKey,
            own.sealingKey == keys.sealingPublicKey
        else {
            forget(.notMember)
            throw AgentError(
                .notMember, "The roster does not hold '\(member)' with these keys any more. Everything was forgotten.")
        }
        let opener: ArchiveOpener
        do {
            opener = try ArchiveKeyring(decoding: keyring).unlock(keys, roster: verified)
        } catch {
            throw AgentError(.keyring, error.description)
        }
        state.withLock { state in
            // The session may have ended while the keys were unwrapped.
            guard state.end == nil else { return }
            state.pin = verified.pin
            state.deployment = verified.deployment
            state.role = own.role
            state.opener = opener
        }
    }

    func open(_ segments: [SealedSegment]) -> [OpenedSecret] {
        let opener = opener
        return segments.compactMap { segment in
            guard let opened = try? segment.open(with: opener) else { return nil }
            return OpenedSecret(token: segment.token, secret: opened.handover.withUnsafeBytes { Data($0) })
        }
    }

    private func add(_ segments: [SealedSegment], _ items: [SealedItem]) {
        // While the archive is read they come by themselves.
        if archive.status.state == .filling { return }
        var reader = RecordReader(opener: opener)
        var numbers: [Data: UInt32] = [:]
        for segment in segments {
            let number = UInt32(numbers.count)
            numbers[segment.token] = number
            reader.take(segment, number: number)
        }
        for item in items { archive.add(item, segment: numbers[item.segment] ?? .max, reader) }
    }

    /// Opens nothing any more once the session is over. Looks at the clocks, as `keys` does.
    var opener: ArchiveOpener { end == nil ? state.withLock { $0.opener } : ArchiveOpener(keys: []) }

    /// The archive keys that are held.
    var archiveKeys: Set<ArchivePublicKey> { Set(opener.publicKeys) }

    /// Whether this member is served assigned conversations only.
    var isServedAssigned: Bool {
        state.withLock { $0.role?.access(to: .streamArchive) == .assigned }
    }

    /// Fills the index from `source` and keeps it up to date until the session ends. Cancel the task
    /// to stop.
    public func feed(from source: any ArchiveSource) -> Task<Void, Never> {
        Task { [self] in
            var feed = ArchiveFeed(session: self, source: source)
            await feed.run()
        }
    }
}
