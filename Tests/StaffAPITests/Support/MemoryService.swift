import Foundation
import Sealing
import StaffProtocol
import Synchronization

/// A service in memory that remembers what it was asked, and answers fixed things.
final class MemoryService: StaffService {
    struct Asked: Sendable, Equatable {
        let operation: String
        let viewer: Viewer
        var number: Int64 = 0
        var text = ""
        var limit = 0
        var call: Call?
    }

    private struct State {
        var asked: [Asked] = []
        var logIns: [Viewer] = []
        var events: [StaffEvent] = []
        var listeners: [Int: AsyncStream<Int64>.Continuation] = [:]
        var nextListener = 0
        var untold: StaffEvent.Kind?
        var whileReadingEvents: (@Sendable () async throws -> Void)?
        var items: [SealedItem] = []
        var segments: [SealedSegment] = []
        var failure: (any Error)?
        var archiveFailureAfter: Int64?
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var gate: (reached: AsyncStream<Void>.Continuation, open: AsyncStream<Void>)?
    }

    private let state = Mutex(State())

    var asked: [Asked] { state.withLock { $0.asked } }
    var logIns: [Viewer] { state.withLock { $0.logIns } }
    var lastCall: Call? { asked.last { $0.call != nil }?.call }

    /// What everything is answered with from now on.
    func fail(with error: (any Error)?) { state.withLock { $0.failure = error } }
    /// Where reading the archive fails.
    func failArchive(after position: Int64) { state.withLock { $0.archiveFailureAfter = position } }

    func put(items: [SealedItem], segments: [SealedSegment]) {
        state.withLock {
            $0.items = items
            $0.segments = segments
        }
    }

    func emit(_ kind: StaffEvent.Kind = .item, conversation: Int64 = 12) {
        let (number, listeners) = state.withLock { state in
            let number = (state.events.last?.number ?? 0) + 1
            state.events.append(
                StaffEvent(number: number, kind: kind, at: 1_000, conversation: conversation, position: number))
            return (number, Array(state.listeners.values))
        }
        for listener in listeners { listener.yield(number) }
    }

    /// Every stream of event numbers ends.
    func close() {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.finish() }
    }

    /// Makes `reply` wait: `reached` gets an element when it is asked, `open` lets it go on.
    func holdReplies() -> (reached: AsyncStream<Void>, open: AsyncStream<Void>.Continuation) {
        let (reached, reachedContinuation) = AsyncStream<Void>.makeStream()
        let (open, openContinuation) = AsyncStream<Void>.makeStream()
        state.withLock { $0.gate = (reachedContinuation, open) }
        return (reached, openContinuation)
    }

    /// Returns once so many streams of event numbers are open.
    func waitForListeners(_ count: Int) async throws {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiting.append((count, continuation)) }
            resumeWaiting()
        }
    }

    private func resumeWaiting() {
        let reached = state.withLock { state in
            let count = state.listeners.count
            defer { state.waiting.removeAll { $0.count == count } }
            return state.waiting.filter { $0.count == count }.map(\.continuation)
        }
        for waiter in reached { waiter.resume() }
    }

    private func note(_ asked: Asked) throws {
        let failure = state.withLock { state in
            state.asked.append(asked)
            return state.failure
        }
        if let failure { throw failure }
    }

    private func note(_ operation: String, _ call: Call, _ number: Int64 = 0, _ text: String = "") throws {
        try note(Asked(operation: operation, viewer: call.viewer, number: number, text: text, call: call))
    }

    static let row = InboxRow(
        conversation: 12, contact: 4, channel: "xmpp", endsAt: .bridge, waitsSince: 1, dangerSince: 0, lastInAt: 1,
        lastOutAt: 0, language: "ary-Latn", assigned: "", takenOverBy: "", takenOverUntil: 0, bot: nil,
        unheardVoice: 0, troubled: 0, proposals: 0, tasksDue: 0, isPractice: false, newestItem: 3)

    func noteLogIn(of viewer: Viewer) async {
        // Not among what was asked: each session begins with one.
        state.withLock { $0.logIns.append(viewer) }
    }

    func inbox(_ filter: InboxFilter, limit: Int, after: String, for viewer: Viewer) async throws -> InboxPage {
        try note(
            Asked(operation: "inbox", viewer: viewer, text: "\(filter.rawValue) \(after)", limit: limit))
        return InboxPage(rows: [Self.row], waiting: 1, danger: 0, next: "", event: 0)
    }

    func conversation(
        _ id: Int64, before: String, limit: Int, wholePerson: Bool, for viewer: Viewer
    ) async throws -> ConversationPage {
        try note(Asked(operation: "conversation", viewer: viewer, number: id, text: before, limit: limit))
        return ConversationPage(row: Self.row, items: [], segments: [], older: "", olderWithheld: false, event: 0)
    }

    func archive(after position: Int64, limit: Int, for viewer: Viewer) async throws -> ArchiveChunk {
        try note(Asked(operation: "archive", viewer: viewer, number: position, limit: limit))
        return try state.withLock { state in
            if let failure = state.archiveFailureAfter, position >= failure {
                throw APIError(.unavailable, "the disk does not answer")
            }
            let rest = state.items.filter { $0.position > position }
            let items = Array(rest.prefix(limit))
            let tokens = Set(items.map(\.segment))
            return ArchiveChunk(
                items: items, segments: state.segments.filter { tokens.contains($0.token) },
                next: rest.count > limit ? items.last?.position : nil, event: state.events.last?.number ?? 0)
        }
    }

    func eventBatch(after number: Int64, limit: Int, for viewer: Viewer) async throws -> EventBatch {
        try note(Asked(operation: "events", viewer: viewer, number: number, limit: limit))
        let (batch, whileReading) = state.withLock { state in
            let events = Array(state.events.filter { $0.number > number }.prefix(limit))
            let isWhole = events.count < limit
            let told = state.untold.map { untold in events.filter { $0.kind != untold } } ?? events
            let reached = isWhole ? max(number, state.events.last?.number ?? 0) : events.last?.number ?? number
            return (EventBatch(events: told, reached: reached), state.whileReadingEvents)
        }
        if !batch.events.isEmpty { try await whileReading?() }
        return batch
    }

    /// Events of this kind concern others.
    func withhold(_ kind: StaffEvent.Kind) { state.withLock { $0.untold = kind } }
    /// What happens after events were read and before they are given.
    func whileReadingEvents(_ body: @escaping @Sendable () async throws -> Void) {
        state.withLock { $0.whileReadingEvents = body }
    }

    func eventNumbers() -> AsyncStream<Int64> {
        let (stream, continuation) = AsyncStream<Int64>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.nextListener += 1
            state.listeners[state.nextListener] = continuation
            return state.nextListener
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.listeners[id] = nil }
            self?.resumeWaiting()
        }
        return stream
    }

    func reply(_ conversation: Int64, _ request: ReplyRequest, _ call: Call) async throws -> Created {
        try note("reply", call, conversation, request.text)
        if let gate = state.withLock({ $0.gate }) {
            gate.reached.yield()
            for await _ in gate.open { break }
        }
        return Created(id: 5, position: 6)
    }

    func assign(_ conversation: Int64, _ request: AssignmentRequest, _ call: Call) async throws -> InboxRow {
        try note("assign", call, conversation, request.member)
        return Self.row
    }

    func takeOver(_ conversation: Int64, _ request: TakeoverRequest, _ call: Call) async throws -> InboxRow {
        try note("takeOver", call, conversation)
        return Self.row
    }

    func setAttention(_ conversation: Int64, _ request: AttentionRequest, _ call: Call) async throws -> InboxRow {
        try note("setAttention", call, conversation)
        return Self.row
    }

    func hide(_ conversation: Int64, _ call: Call) async throws -> Done {
        try note("hide", call, conversation)
        return Done()
    }

    static let card = ArrivalWordsStatus(
        conversation: 12, form: "words", madeAt: 1, madeBy: "noor", expiresAt: 2, usedAt: 0, exposedAt: 0, tries: 0,
        isBlocked: false)

    func arrivalWords(_ conversation: Int64, for viewer: Viewer) async throws -> ArrivalWordsStatus {
        try note(Asked(operation: "arrivalWords", viewer: viewer, number: conversation))
        return Self.card
    }

    func setArrivalWords(
        _ conversation: Int64, _ request: ArrivalWordsRequest, _ call: Call
    ) async throws -> ArrivalWordsStatus {
        try note("setArrivalWords", call, conversation, request.action.rawValue)
        return Self.card
    }

    func setPerson(_ conversation: Int64, _ request: PersonRequest, _ call: Call) async throws -> InboxRow {
        try note("setPerson", call, conversation, request.action.rawValue)
        return Self.row
    }

    func addEntry(_ conversation: Int64, _ entry: NewEntry, _ call: Call) async throws -> Created {
        try note("addEntry", call, conversation, entry.kind.rawValue)
        return Created(id: 7, position: 8)
    }

    func closeEntry(_ entry: Int64, _ request: CloseEntry, _ call: Call) async throws -> SealedItem {
        try note("closeEntry", call, entry, request.outcome)
        return SealedItem(
            kind: .task, id: entry, position: 9, conversation: 12, segment: Data(count: 16), storedAt: 1,
            sealed: Data([1]))
    }

    func attachment(_ id: Int64, for viewer: Viewer) async throws -> AttachmentPage {
        try note(Asked(operation: "attachment", viewer: viewer, number: id))
        let item = SealedItem(
            kind: .message, id: 2, position: 3, conversation: 12, segment: Data(count: 16), storedAt: 1,
            sealed: Data([1]), attachment: AttachmentInfo(id: id, kind: "voice", state: "fetched", size: 3))
        return AttachmentPage(
            item: item,
            segment: SealedSegment(
                token: Data(count: 16), contact: 4, day: 20_000, compartment: .conversation, wrapped: Data(count: 97)),
            contact: 4)
    }

    func attachmentFile(_ id: Int64, for viewer: Viewer) async throws -> AttachmentFile {
        try note(Asked(operation: "attachmentFile", viewer: viewer, number: id))
        return AttachmentFile(path: #filePath, size: 3)
    }

    func addAttachment(_ conversation: Int64, _ content: [UInt8], _ call: Call) async throws -> Created {
        try note("addAttachment", call, conversation)
        return Created(id: 5, position: 0)
    }

    func sendAttachment(_ id: Int64, _ request: NewAttachment, _ call: Call) async throws -> Created {
        try note("sendAttachment", call, id, request.name)
        return Created(id: 9, position: 4)
    }

    func setHeard(_ id: Int64, _ request: HeardRequest, _ call: Call) async throws -> AttachmentInfo {
        try note("setHeard", call, id)
        return AttachmentInfo(id: id, kind: "voice", state: "fetched", size: 3)
    }

    func suggest(_ request: SuggestionRequest, for viewer: Viewer) async throws -> Suggestions {
        try note(Asked(operation: "suggest", viewer: viewer, text: request.text))
        return Suggestions(variety: "ary-Latn", suggestions: [])
    }

    func staff(_ roster: VerifiedRoster, for viewer: Viewer) async throws -> [StaffMember] {
        try note(Asked(operation: "staff", viewer: viewer))
        return roster.members.values.map {
            StaffMember(
                member: $0.id.rawValue, role: $0.role.rawValue, settings: MemberSettings(), assigned: 0, tasks: 0)
        }
    }

    func openWork(of member: MemberID, for viewer: Viewer) async throws -> OpenWork {
        try note(Asked(operation: "openWork", viewer: viewer, text: member.rawValue))
        return OpenWork(conversations: [12], tasks: [], proposals: [])
    }

    func setSettings(
        _ settings: MemberSettings, of member: MemberID, _ call: Call
    ) async throws -> MemberSettings {
        try note("setSettings", call, 0, member.rawValue)
        return settings
    }

    func audit(after line: Int64, limit: Int, for viewer: Viewer) async throws -> AuditPage {
        try note(Asked(operation: "audit", viewer: viewer, number: line, limit: limit))
        return AuditPage(lines: [], next: 0)
    }

    func reportOpened(_ report: OpenedReport, for viewer: Viewer) async throws -> Done {
        try note(Asked(operation: "reportOpened", viewer: viewer, number: report.conversation))
        return Done()
    }

    func contactRecords(_ contact: Int64, for viewer: Viewer) async throws -> ContactRecords {
        try note(Asked(operation: "contactRecords", viewer: viewer, number: contact))
        return ContactRecords(
            contact: contact, createdAt: 1, conversations: [], addresses: [], items: [], segments: [])
    }

    func erase(_ contact: Int64, _ request: EraseRequest, _ call: Call) async throws -> ErasureReport {
        try note("erase", call, contact)
        return ErasureReport(segmentKeys: 1, records: 2, addresses: 1, remains: ["audit-lines"])
    }

    func addPracticeContact(_ request: PracticeRequest, _ call: Call) async throws -> InboxRow {
        try note("addPracticeContact", call, 0, request.story)
        return Self.row
    }

    func acknowledgeGaps(_ request: AcknowledgeGaps, _ call: Call) async throws -> Done {
        try note("acknowledgeGaps", call, request.upTo)
        return Done()
    }

    func makeInvitation(for viewer: Viewer) async throws -> Invitation {
        try note(Asked(operation: "makeInvitation", viewer: viewer))
        return Invitation(
            bridge: BridgeIdentity(
                address: "bridge@example.org", device: 7, fingerprint: String(repeating: "0a", count: 32)),
            uri: "xmpp:bridge@example.org?roster;preauth=x;ibr=y", expiresAt: 5,
            contacts: CardContacts(
                telephone: "+442079460123", secondWay: "post@example.org", android: "Conversations", iPhone: "Monal"))
    }

    func makeBackup(for viewer: Viewer) async throws -> MadeBackup {
        try note(Asked(operation: "makeBackup", viewer: viewer))
        return MadeBackup(
            madeAt: 1, generation: 0, data: "/b/x.data", keys: "/k/x.keys", bytes: 5, rows: 2, attachments: 0,
            removed: [])
    }

    func status(for viewer: Viewer) async throws -> BridgeStatus {
        try note(Asked(operation: "status", viewer: viewer))
        return BridgeStatus(
            version: "1", startedAt: 1, now: 2, keyMode: "file", channels: [], waiting: 0, danger: 0, outbox: [:],
            setAside: [:], schemaVersion: "003", warnings: [])
    }

    func devices(of conversation: Int64, for viewer: Viewer) async throws -> ContactDevices {
        try note(Asked(operation: "devices", viewer: viewer, number: conversation))
        return ContactDevices(devices: [], held: 0)
    }

    func decide(
        _ decision: DeviceDecision, about device: UInt32, of conversation: Int64, _ call: Call
    ) async throws -> ContactDevices {
        try note("decideDevice", call, conversation, "\(device)")
        return ContactDevices(devices: [], held: 0)
    }

    func bridgeIdentity(for viewer: Viewer) async throws -> BridgeIdentity {
        try note(Asked(operation: "bridgeIdentity", viewer: viewer))
        return BridgeIdentity(address: "bridge@example.org", device: 7, fingerprint: String(repeating: "0", count: 64))
    }
}
