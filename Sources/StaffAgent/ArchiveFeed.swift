import Foundation
import Sealing
import StaffProtocol

/// Fills the index from the bridge and keeps it up to date, until it is cancelled or the session ends.
///
/// A million messages of twelve words with 10,000 contacts on twenty days each (199,000 segments, a
/// stream of 355 MB) take 31 seconds of processor time, on all cores at once, and 440 MB of memory at
/// most; of the time, unwrapping segment keys (HPKE, 63 microseconds each) is 13 seconds.
///
/// Erasures are not missed: the number of the newest event is asked for before the first item is
/// read, and all events behind it are looked at afterwards.
struct ArchiveFeed: Sendable {
    private let session: AgentSession
    private let source: any ArchiveSource
    private let shardCount: Int
    private var shards: [ArchiveShard] = []
    /// The position of the last item that was taken, and the number of the last event.
    private var position: Int64 = 0
    private var event: Int64?
    private var isFilled = false
    private var read = 0
    private var failures = 0

    /// The connection ended without a failure: the same as one.
    private struct Interrupted: Error {}

    init(
        session: AgentSession, source: any ArchiveSource, shardCount: Int = ProcessInfo.processInfo.activeProcessorCount
    ) {
        self.session = session
        self.source = source
        self.shardCount = max(1, shardCount)
    }

    /// Returns when the session has ended or the task is cancelled.
    mutating func run() async {
        while !Task.isCancelled, session.end == nil {
            do {
                try await follow()
            } catch let error as APIError where error.code == .forbidden {
                // This role is served no archive.
                break
            } catch {
                if Task.isCancelled || session.end != nil { break }
                session.archive.setInterrupted(true)
                failures += 1
                do { try await source.pause(failures: failures) } catch { break }
            }
        }
        for shard in shards { await shard.wipe() }
    }

    /// Reads what is missing, then follows the events. Throws when the connection is lost.
    private mutating func follow() async throws {
        try await takeStaffFiles()
        if isFilled { try await catchUp() } else { try await fill() }
        session.archive.setInterrupted(false)
        for try await event in try await source.events(after: event ?? 0) {
            if session.end != nil { return }
            try await take(event)
            self.event = event.number
            failures = 0
        }
        throw Interrupted()
    }

    private func takeStaffFiles() async throws {
        let files = try await source.staffFiles()
        try session.use(roster: files.roster, keyring: files.keyring)
    }

    private mutating func take(_ event: StaffEvent) async throws {
        switch event.kind {
        case .item:
            guard event.position == 0 || event.position > position else { return }
            try await gather()
            try await catchUp()
        case .erased:
            session.archive.remove(IndexedArchive.Removal(conversations: [event.conversation]))
        case .roster:
            let before = session.archiveKeys
            try await takeStaffFiles()
            // A key that was wrapped for this member just now opens items that came before.
            if session.archiveKeys != before { try await refill() }
        case .reset:
            // Erasures may be among the events that are gone.
            session.archive.wipe()
            self.event = event.number
            try await refill()
        case .conversation:
            // An intern was given a conversation, whose older items are served from now on, or has it no
            // longer: then nothing of it stays here.
            guard session.isServedAssigned else { return }
            let isHeld = session.archive.holds(conversation: event.conversation)
            switch (isHeld, try await source.serves(event.conversation)) {
            case (true, false): session.archive.remove(IndexedArchive.Removal(conversations: [event.conversation]))
            case (false, true): try await refill()
            default: break
            }
        case .itemChanged, .channel: break
        }
    }

    /// Waits a little for more new items, or until somebody searches.
    private func gather() async throws {
        let searched = session.archive.fallBehind()
        let source = source
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await source.gather() }
            group.addTask { for await _ in searched {} }
            try await group.next()
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    private mutating func refill() async throws {
        isFilled = false
        position = 0
        read = 0
        try await fill()
    }

    /// Reads the archive on all cores, from where it was cut off.
    private mutating func fill() async throws {
        if position == 0 {
            session.archive.beginFilling()
            if event == nil { event = try await source.newestEvent() }
            let opener = session.opener
            shards = (0..<shardCount).map { _ in ArchiveShard(opener: opener) }
        }
        let stream = try await source.archive(after: position)
        for shard in shards { await shard.beginStream() }
        var isWhole = false
        // One batch is opened while the next one is fetched.
        var opening: Task<Void, Never>?
        do {
            for try await batch in stream {
                try Task.checkCancellation()
                // The shards hold keys of their own: after a suspend not one batch more is opened with them.
                guard session.end == nil else { throw CancellationError() }
                var shares = [[ArchiveFrame]](repeating: [], count: shards.count)
                for frame in batch {
                    switch frame {
                    case .segment(_, let number): shares[Int(number) % shards.count].append(frame)
                    case .item(let item, let segment, _):
                        shares[Int(segment) % shards.count].append(frame)
                        position = max(position, item.position)
                        read += 1
                    case .end: isWhole = true
                    }
                }
                await opening?.value
                opening = open(shares)
                session.archive.report(read: read)
                if isWhole { break }
            }
        } catch {
            await opening?.value
            throw error
        }
        await opening?.value
        guard isWhole else { throw Interrupted() }
        guard session.end == nil else { throw CancellationError() }
        session.archive.finish(await finishedParts())
        isFilled = true
        failures = 0
    }

    private func open(_ shares: [[ArchiveFrame]]) -> Task<Void, Never> {
        let shards = shards
        return Task {
            await withTaskGroup { group in
                for (shard, share) in zip(shards, shares) where !share.isEmpty {
                    group.addTask { await shard.take(share) }
                }
            }
        }
    }

    private mutating func finishedParts() async -> [ArchivePart] {
        let finished = await withTaskGroup { group in
            for shard in shards { group.addTask { await shard.finish() } }
            var parts: [ArchivePart] = []
            for await part in group { parts.append(part) }
            return parts
        }
        shards = []
        return finished
    }

    /// Reads what came since, item by item.
    private mutating func catchUp() async throws {
        var reader = RecordReader(opener: session.opener)
        for try await batch in try await source.archive(after: position) {
            guard session.end == nil else { throw CancellationError() }
            for frame in batch {
                switch frame {
                case .segment(let segment, let number): reader.take(segment, number: number)
                case .item(let item, let segment, _):
                    session.archive.add(item, segment: segment, reader)
                    position = max(position, item.position)
                case .end:
                    session.archive.caughtUp()
                    return
                }
            }
        }
        throw Interrupted()
    }
}
