import Foundation
import Sealing

/// Who asks: a member with a session, in the role that the roster gives them now.
public struct Viewer: Hashable, Sendable {
    public let member: MemberID
    public let role: Role

    public init(member: MemberID, role: Role) {
        self.member = member
        self.role = role
    }
}

/// Who changes something, and which intended change it is.
public struct Call: Hashable, Sendable {
    public let viewer: Viewer
    public let endpoint: Endpoint
    public let key: IdempotencyKey
    /// SHA-256 of the request: the same key with another request is refused.
    public let request: [UInt8]

    public init(viewer: Viewer, endpoint: Endpoint, key: IdempotencyKey, request: [UInt8]) {
        self.viewer = viewer
        self.endpoint = endpoint
        self.key = key
        self.request = request
    }
}

/// A part of the archive, in the order of positions.
public struct ArchiveChunk: Sendable, Equatable {
    public var items: [SealedItem]
    /// The segments of these items.
    public var segments: [SealedSegment]
    /// The position from which to go on; `nil` when this was the last part.
    public var next: Int64?
    /// The number of the last event that this reflects.
    public var event: Int64

    public init(items: [SealedItem], segments: [SealedSegment], next: Int64?, event: Int64) {
        self.items = items
        self.segments = segments
        self.next = next
        self.event = event
    }
}

/// Events for one viewer.
public struct EventBatch: Sendable, Equatable {
    public var events: [StaffEvent]
    /// The highest number that was looked at: what the viewer is not told lies behind them too.
    public var reached: Int64

    public init(events: [StaffEvent], reached: Int64) {
        self.events = events
        self.reached = reached
    }
}

/// An empty answer.
public struct Done: Codable, Sendable, Equatable {
    public init() {}
}

/// What the staff API serves, behind HTTP. The store and the bridge do it.
///
/// Every operation checks what the viewer's role may see (`Role.access`): with `assigned` only the
/// conversations assigned to them and not hidden from them, and there the last 90 days. What they may
/// not see is `notFound`. All throw `APIError` for what a client can act on; other errors are faults.
///
/// Changes are done once for each `Call.key` of a member: the same call again gives the same answer.
public protocol StaffService: Sendable {
    /// A member has logged in. An audit line tells of it: one a member and hour. Nobody is kept out when it cannot
    /// be written.
    func noteLogIn(of viewer: Viewer) async

    /// - Parameters:
    ///   - limit: 1 to 200 rows.
    ///   - after: `InboxPage.next` of the page before; empty for the first.
    func inbox(_ filter: InboxFilter, limit: Int, after: String, for viewer: Viewer) async throws -> InboxPage
    /// An audit line tells of it: one a member, conversation and hour.
    ///
    /// - Parameters:
    ///   - before: `ConversationPage.older` of the page before; empty for the newest.
    ///   - limit: 1 to 500 items.
    ///   - wholePerson: with what stands in the person's other conversations, as far as the viewer may see them.
    func conversation(
        _ id: Int64, before: String, limit: Int, wholePerson: Bool, for viewer: Viewer
    ) async throws -> ConversationPage
    /// Items with a position above `position`, oldest first; writes an audit line with the amount,
    /// if there are any.
    func archive(after position: Int64, limit: Int, for viewer: Viewer) async throws -> ArchiveChunk
    /// Events with a number above `number`, oldest first. When some of them are no longer kept, one
    /// event of kind `reset` with the newest number.
    func eventBatch(after number: Int64, limit: Int, for viewer: Viewer) async throws -> EventBatch
    /// Yields the newest event number after each commit that made events. Ends when the service closes.
    func eventNumbers() -> AsyncStream<Int64>

    func reply(_ conversation: Int64, _ request: ReplyRequest, _ call: Call) async throws -> Created
    func assign(_ conversation: Int64, _ request: AssignmentRequest, _ call: Call) async throws -> InboxRow
    func takeOver(_ conversation: Int64, _ request: TakeoverRequest, _ call: Call) async throws -> InboxRow
    func setAttention(_ conversation: Int64, _ request: AttentionRequest, _ call: Call) async throws -> InboxRow
    /// Takes a conversation out of the viewer's sight, and the assignment to them away.
    func hide(_ conversation: Int64, _ call: Call) async throws -> Done
    func arrivalWords(_ conversation: Int64, for viewer: Viewer) async throws -> ArrivalWordsStatus
    func setArrivalWords(
        _ conversation: Int64, _ request: ArrivalWordsRequest, _ call: Call
    ) async throws -> ArrivalWordsStatus
    func setPerson(_ conversation: Int64, _ request: PersonRequest, _ call: Call) async throws -> InboxRow
    func addEntry(_ conversation: Int64, _ entry: NewEntry, _ call: Call) async throws -> Created
    func closeEntry(_ entry: Int64, _ request: CloseEntry, _ call: Call) async throws -> SealedItem

    /// The message of an attachment, sealed, with what opens it.
    func attachment(_ id: Int64, for viewer: Viewer) async throws -> AttachmentPage
    /// The file as the bridge keeps it: sealed. An audit line tells of it. Throws `refused` while it is not there.
    func attachmentFile(_ id: Int64, for viewer: Viewer) async throws -> AttachmentFile
    /// Takes a sealed file, of at most `NewAttachment.limit` bytes; `position` of the answer is 0.
    func addAttachment(_ conversation: Int64, _ content: [UInt8], _ call: Call) async throws -> Created
    /// Sends a file that was added.
    func sendAttachment(_ id: Int64, _ request: NewAttachment, _ call: Call) async throws -> Created
    func setHeard(_ id: Int64, _ request: HeardRequest, _ call: Call) async throws -> AttachmentInfo
    func suggest(_ request: SuggestionRequest, for viewer: Viewer) async throws -> Suggestions
    func staff(_ roster: VerifiedRoster, for viewer: Viewer) async throws -> [StaffMember]
    func openWork(of member: MemberID, for viewer: Viewer) async throws -> OpenWork
    func setSettings(_ settings: MemberSettings, of member: MemberID, _ call: Call) async throws -> MemberSettings
    /// - Parameter limit: 1 to 1,000 lines.
    func audit(after line: Int64, limit: Int, for viewer: Viewer) async throws -> AuditPage
    func reportOpened(_ report: OpenedReport, for viewer: Viewer) async throws -> Done
    func contactRecords(_ contact: Int64, for viewer: Viewer) async throws -> ContactRecords
    func erase(_ contact: Int64, _ request: EraseRequest, _ call: Call) async throws -> ErasureReport
    func addPracticeContact(_ request: PracticeRequest, _ call: Call) async throws -> InboxRow
    func status(for viewer: Viewer) async throws -> BridgeStatus

    /// Where the channel knows no devices: none.
    func devices(of conversation: Int64, for viewer: Viewer) async throws -> ContactDevices
    /// Lets what waited for the decision leave, once it was the last one.
    func decide(
        _ decision: DeviceDecision, about device: UInt32, of conversation: Int64, _ call: Call
    ) async throws -> ContactDevices
    func bridgeIdentity(for viewer: Viewer) async throws -> BridgeIdentity
    func acknowledgeGaps(_ request: AcknowledgeGaps, _ call: Call) async throws -> Done
    /// Each call makes another one. An audit line tells of it. Throws `refused` or `unavailable`, saying what whoever
    /// runs bridge or server must change.
    func makeInvitation(for viewer: Viewer) async throws -> Invitation
    /// Writes a backup on the bridge's host, sealed to the recovery key. Throws `conflict` while another is being made,
    /// and `unavailable` with the reason when the disk or the keys do not allow it.
    func makeBackup(for viewer: Viewer) async throws -> MadeBackup
}

extension StaffService {
    /// A page of one conversation alone.
    public func conversation(
        _ id: Int64, before: String, limit: Int, for viewer: Viewer
    ) async throws -> ConversationPage {
        try await conversation(id, before: before, limit: limit, wholePerson: false, for: viewer)
    }

    /// The events of a batch alone.
    public func events(after number: Int64, limit: Int, for viewer: Viewer) async throws -> [StaffEvent] {
        try await eventBatch(after: number, limit: limit, for: viewer).events
    }
}

/// `POST /v1/practice`: begins a practice conversation, assigned to the one who asks.
public struct PracticeRequest: Codable, Sendable, Equatable {
    /// The id of the story; empty for one that this member had least.
    public var story: String
    /// In which the learner is coached: `nl`, `en`; `nil` for the deployment's.
    public var language: String?
    public init(story: String = "", language: String? = nil) {
        self.story = story
        self.language = language
    }
}

/// Who belongs to the deployment, and the key that opens the working ring: files beside the store.
public protocol StaffDirectory: Sendable {
    /// The roster as it is now, and its stored form.
    func roster() async -> (verified: VerifiedRoster, stored: [UInt8])
    /// The stored form of the archive keyring: only wrapped keys.
    func keyring() async throws -> [UInt8]
    /// Takes a new roster and keyring: the roster must extend the present one by entries that hold.
    /// Written to disk before this returns; the sealer uses new archive keys from then on.
    func apply(_ change: StaffChange, _ call: Call) async throws -> Done
    /// Whether the bridge waits for its working key.
    var isLocked: Bool { get async }
    /// Key mode `operator`: gives the working key. Throws `APIError` when it is not the right one.
    func unlock(workingKey: [UInt8], by viewer: Viewer) async throws -> Done
}
