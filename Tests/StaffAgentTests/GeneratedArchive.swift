import Foundation
import Messaging
import Sealing
import StaffProtocol

@testable import StaffAgent

/// An archive as a bridge would serve it: sealed by the code that the daemon seals with.
struct GeneratedArchive {
    private let sealer: ArchiveSealer
    private var keys: [String: (number: Int, key: SegmentKey)] = [:]
    private(set) var segments: [SealedSegment] = []
    var items: [Stored] = []

    /// An item, and the number of its segment in `segments`.
    struct Stored {
        var item: SealedItem
        var segment: UInt32
    }

    init(_ deployment: Deployment) throws { sealer = ArchiveSealer(roster: try deployment.verified) }

    /// Seals a message of `contact` at the next position. Returns its position.
    @discardableResult
    mutating func add(
        _ text: String, contact: Int64, day: Int32 = 20_000, compartment: Compartment = .conversation,
        isOutgoing: Bool = false
    ) throws -> Int64 {
        let name = "\(contact) \(day) \(compartment)"
        let segment: (number: Int, key: SegmentKey)
        if let known = keys[name] {
            segment = known
        } else {
            let key = try sealer.makeSegment(
                contact: ContactID(contact), day: ArchiveDay(daysSince1970: day), compartment: compartment)
            segment = (segments.count, key)
            segments.append(
                SealedSegment(
                    token: Data(key.segment.id.bytes), contact: contact, day: day, compartment: compartment,
                    wrapped: Data(key.wrapped.bytes)))
            keys[name] = segment
        }
        let position = Int64(items.count + 1)
        let at = Date(timeIntervalSince1970: Double(day) * 86_400 + Double(position))
        let record = MessageRecord(
            text: text, direction: isOutgoing ? .outgoing : .incoming, author: isOutgoing ? .staff : .contact,
            sentAt: at, receivedAt: at, channel: ChannelID(rawValue: "xmpp"), protection: .endToEnd)
        items.append(
            Stored(
                item: SealedItem(
                    kind: .message, id: position + 100, position: position, conversation: contact + 500,
                    segment: segments[segment.number].token, storedAt: Int64(at.timeIntervalSince1970 * 1000),
                    sealed: Data(try segment.key.seal(record, record: .row(position + 100))),
                    direction: isOutgoing ? "out" : "in"), segment: UInt32(segment.number)))
        return position
    }

    /// Seals a note, tag, task or proposal in `desk`, as a staff program does: under a random token.
    @discardableResult
    mutating func add(_ entry: EntryRecord, contact: Int64, as kind: SealedItem.Kind) throws -> Int64 {
        let day: Int32 = 20_003
        let key = try sealer.makeSegment(
            contact: ContactID(contact), day: ArchiveDay(daysSince1970: day), compartment: .desk)
        segments.append(
            SealedSegment(
                token: Data(key.segment.id.bytes), contact: contact, day: day, compartment: .desk,
                wrapped: Data(key.wrapped.bytes)))
        let position = Int64(items.count + 1)
        let token = [UInt8](repeating: UInt8(truncatingIfNeeded: position), count: 16)
        items.append(
            Stored(
                item: SealedItem(
                    kind: kind, id: position + 100, position: position, conversation: contact + 500,
                    segment: Data(key.segment.id.bytes), token: Data(token), storedAt: 0,
                    sealed: Data(
                        try key.seal(entry.encoded(), kind: RecordKind(rawValue: kind.rawValue), record: .token(token)))
                ),
                segment: UInt32(segments.count - 1)))
        return position
    }

    /// The key of a segment was deleted: its contact was erased.
    mutating func erase(contact: Int64) {
        for index in segments.indices where segments[index].contact == contact { segments[index].wrapped = Data() }
    }

    /// One bit of the record at a position is another one.
    mutating func corrupt(_ position: Int64) {
        let last = items[Int(position) - 1].item.sealed.count - 1
        items[Int(position) - 1].item.sealed[last] ^= 1
    }

    /// What the bulk stream gives behind a position: each segment before its first item, numbers of
    /// its own for each stream.
    func frames(after position: Int64, event: Int64) -> [ArchiveFrame] {
        var frames: [ArchiveFrame] = []
        var numbers: [UInt32: UInt32] = [:]
        for item in items where item.item.position > position {
            if numbers[item.segment] == nil, Int(item.segment) < segments.count {
                numbers[item.segment] = UInt32(numbers.count)
                frames.append(.segment(segments[Int(item.segment)], number: UInt32(numbers.count - 1)))
            }
            frames.append(.item(item.item, segment: numbers[item.segment] ?? .max, isClosed: false))
        }
        let count = frames.count { if case .item = $0 { true } else { false } }
        frames.append(.end(position: items.last?.item.position ?? 0, items: Int64(count), event: event))
        return frames
    }

    /// An item as a conversation page gives it.
    func sealedItem(_ position: Int64) -> SealedItem { items[Int(position) - 1].item }
}

/// A bridge that serves a generated archive, and whose connection a test cuts where it likes.
actor FakeBridge: ArchiveSource {
    private(set) var archive: GeneratedArchive
    private var files: (roster: [UInt8], keyring: [UInt8])
    private var event: Int64
    private var queue: [Result<StaffEvent, Cut>] = []
    private var waiting: CheckedContinuation<Result<StaffEvent, Cut>?, Never>?
    private var settling: [CheckedContinuation<Void, Never>] = []
    /// Each stream of the archive ends before this many more items went out.
    private var cutAfter: Int?
    private(set) var streams: [Int64] = []
    private(set) var pauses: [Int] = []
    private(set) var gathered = 0
    private var isGatheringForever = false
    private var awaitingGather: [CheckedContinuation<Void, Never>] = []
    /// The role is served no archive.
    private(set) var isForbidden = false

    struct Cut: Error {}

    init(_ archive: GeneratedArchive, _ deployment: Deployment, event: Int64 = 40) throws {
        self.archive = archive
        self.event = event
        files = try deployment.files
    }

    func change(_ body: (inout GeneratedArchive) throws -> Void) rethrows { try body(&archive) }
    func set(_ deployment: Deployment) throws { files = try deployment.files }
    func cut(after items: Int) { cutAfter = items }

    func newestEvent() -> Int64 { event }
    func serves(_ conversation: Int64) -> Bool { archive.items.contains { $0.item.conversation == conversation } }

    /// From now on more is waited for until that is cancelled.
    func gatherForever() { isGatheringForever = true }

    func gather() async throws {
        gathered += 1
        for waiting in awaitingGather { waiting.resume() }
        awaitingGather = []
        if isGatheringForever { try await Task.sleep(for: .seconds(86_400)) }
    }

    /// Waits until the agent has gathered so many times, or does.
    func gathering(_ times: Int) async {
        while gathered < times { await withCheckedContinuation { awaitingGather.append($0) } }
    }

    func staffFiles() -> (roster: [UInt8], keyring: [UInt8]) { files }

    func forbid() { isForbidden = true }

    func archive(after position: Int64) throws -> AsyncThrowingStream<[ArchiveFrame], any Error> {
        if isForbidden { throw APIError(.forbidden, "not for this role") }
        streams.append(position)
        var frames = archive.frames(after: position, event: event)
        var isCut = false
        if let limit = cutAfter, frames.count > limit {
            frames = Array(frames.prefix(limit))
            cutAfter = nil
            isCut = true
        }
        return AsyncThrowingStream { continuation in
            for start in stride(from: 0, to: frames.count, by: 7) {
                continuation.yield(Array(frames[start..<min(start + 7, frames.count)]))
            }
            continuation.finish(throwing: isCut ? Cut() : nil)
        }
    }

    func events(after number: Int64) -> AsyncThrowingStream<StaffEvent, any Error> {
        AsyncThrowingStream { try await self.nextEvent(after: number)?.get() }
    }

    /// An event that was not handled yet, when there is one: the one before was handled.
    private func nextEvent(after number: Int64) async -> Result<StaffEvent, Cut>? {
        if !queue.isEmpty { return queue.removeFirst() }
        return await withCheckedContinuation { continuation in
            waiting = continuation
            for settled in settling { settled.resume() }
            settling = []
        }
    }

    /// Waits until the agent has handled everything and waits for the next event.
    func settled() async {
        if waiting != nil { return }
        await withCheckedContinuation { settling.append($0) }
    }

    func emit(_ kind: StaffEvent.Kind, conversation: Int64 = 0, position: Int64 = 0) {
        event += 1
        send(
            .success(
                StaffEvent(number: event, kind: kind, at: 0, conversation: conversation, position: position)))
    }

    /// The events' connection is lost.
    func cutEvents() { send(.failure(Cut())) }

    private func send(_ result: Result<StaffEvent, Cut>) {
        if let waiting {
            self.waiting = nil
            waiting.resume(returning: result)
        } else {
            queue.append(result)
        }
    }

    /// Ends the events for good, so that the agent's task can end.
    func close() {
        waiting?.resume(returning: nil)
        waiting = nil
    }

    func pause(failures: Int) throws {
        pauses.append(failures)
        try Task.checkCancellation()
    }
}
