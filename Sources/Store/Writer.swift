import Foundation
import GRDB
import Messaging
import Sealing
import Synchronization

/// The only writer of the store.
///
/// Work of many callers shares one commit (group commit), a savepoint each: what throws rolls back
/// alone, and its caller gets the error. `perform` returns after the commit is on the disk, so
/// whatever follows it (an acknowledgement, a send) follows the commit.
public actor Writer {
    /// One caller's work in a group.
    private struct Job: Sendable {
        let run: @Sendable (Transaction) throws -> Void
        let finish: @Sendable ((any Error)?) -> Void
    }

    private struct Queue: Sendable {
        var jobs: [Job] = []
        var isScheduled = false
        var isClosed = false
    }

    /// Jobs in one commit at most, so that none waits for ever behind a flood.
    private static let groupLimit = 128

    private let executor = WriterExecutor(label: "sila.writer")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private nonisolated let queue = Mutex(Queue())
    private nonisolated let pool: DatabasePool
    private nonisolated let pages: PageReader
    private let state: WriterState
    private let observer: any CommitObserver
    nonisolated let workingKey: WorkingKey
    nonisolated let clock: @Sendable () -> Date
    /// Told of the newest event number after each commit that made events.
    nonisolated let events: EventBroadcast
    /// Where the files lie that belong to messages.
    public nonisolated let attachments: AttachmentFolder

    init(
        pool: DatabasePool, pages: PageReader, state: sending WriterState, observer: any CommitObserver,
        newestEvent: Int64, attachments: AttachmentFolder
    ) {
        self.attachments = attachments
        self.pool = pool
        self.pages = pages
        workingKey = state.workingKey
        clock = state.clock
        events = EventBroadcast(newest: newestEvent)
        self.state = state
        self.observer = observer
    }

    /// Reads beside the writer, in a snapshot of what is committed.
    nonisolated func read<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws -> R {
        if queue.withLock({ $0.isClosed }) { throw StoreError.closed }
        do {
            return try await pool.read(body)
        } catch {
            throw StoreError.environmental(error) ?? error
        }
    }

    /// The same for a page: few rows, on the caller's thread.
    nonisolated func readPage<R>(_ body: (Database) throws -> R) throws -> R {
        if queue.withLock({ $0.isClosed }) { throw StoreError.closed }
        do {
            return try pages.read(body)
        } catch {
            throw StoreError.environmental(error) ?? error
        }
    }

    /// Seals what comes from now on to other archive keys.
    public func use(_ sealer: ArchiveSealer) {
        state.sealer = sealer
        state.forgetSegments()
    }

    /// Adds what a channel keeps on this executor. `make` gets the ratchet store of this writer
    /// and runs inside a transaction.
    public func addCodec(
        for channel: ChannelID, _ make: @Sendable (SQLiteOMEMOStore) throws -> any ChannelCodec
    ) throws {
        try commit { transaction in
            let codec = try make(SQLiteOMEMOStore(state: state))
            state.codecs[channel] = codec
        }
    }

    /// Runs `body` in a transaction and returns once that is committed.
    ///
    /// - Throws: what `body` throws, after its changes are rolled back; `StoreError.notWritable`
    ///   when the disk took nothing of the whole group.
    public nonisolated func perform<R: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> R
    ) async throws -> R {
        let box = ResultBox<R>()
        return try await withCheckedThrowingContinuation { continuation in
            submit(
                Job(
                    run: { box.value = try body($0) },
                    finish: { error in
                        if let value = box.value, error == nil {
                            continuation.resume(returning: value)
                        } else {
                            continuation.resume(throwing: error ?? StoreError.closed)
                        }
                    }))
        }
    }

    /// Finishes what is queued, moves the write-ahead log into the database and takes no more.
    public func close() {
        queue.withLock { $0.isClosed = true }
        drain()
        events.finish()
        pages.close()
        // The connection does not close while a statement of it is there.
        state.statements = [:]
        try? pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try? pool.close()
    }

    /// Moves the write-ahead log into the database file, so that what was deleted does not linger.
    public func checkpoint() throws {
        try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    }

    private nonisolated func submit(_ job: Job) {
        let (closed, start) = queue.withLock { queue -> (Bool, Bool) in
            if queue.isClosed { return (true, false) }
            queue.jobs.append(job)
            defer { queue.isScheduled = true }
            return (false, !queue.isScheduled)
        }
        if closed { job.finish(StoreError.closed) }
        if start { Task { await self.drain() } }
    }

    private func drain() {
        while true {
            let group = queue.withLock { queue -> [Job] in
                let group = Array(queue.jobs.prefix(Self.groupLimit))
                queue.jobs.removeFirst(group.count)
                if group.isEmpty { queue.isScheduled = false }
                return group
            }
            if group.isEmpty { return }
            commit(group)
        }
    }

    private func commit(_ group: [Job]) {
        var errors = [(any Error)?](repeating: nil, count: group.count)
        do {
            try commit { transaction in
                for (index, job) in group.enumerated() {
                    do {
                        try transaction.savepoint { try job.run(transaction) }
                    } catch {
                        if let environmental = StoreError.environmental(error) { throw environmental }
                        errors[index] = error
                    }
                }
            }
        } catch {
            errors = [(any Error)?](repeating: error, count: group.count)
        }
        for (job, error) in zip(group, errors) { job.finish(error) }
    }

    /// One transaction, committed or rolled back as a whole.
    private func commit<R>(_ body: (Transaction) throws -> R) throws -> R {
        do {
            return try pool.writeWithoutTransaction { db in
                state.db = db
                defer {
                    state.db = nil
                    state.memory = TransactionMemory()
                }
                try state.run("BEGIN IMMEDIATE")
                do {
                    let transaction = Transaction(state: state)
                    let jump = state.watch.jump
                    if let jump { try transaction.clockJumped(by: jump.seconds) }
                    let result = try body(transaction)
                    let newest = try EventFeed.newest(state)
                    observer.willCommit()
                    try state.run("COMMIT")
                    if let jump { state.watch.accept(jump) }
                    state.segmentsAreCommitted()
                    observer.didCommit()
                    events.tell(newest)
                    return result
                } catch {
                    state.forgetSegments()
                    if db.isInsideTransaction { try? db.rollback() }
                    throw error
                }
            }
        } catch {
            throw StoreError.environmental(error) ?? error
        }
    }
}

/// Told around each commit. The daemon has none; the fault tests stop the process here.
public protocol CommitObserver: Sendable {
    func willCommit()
    func didCommit()
}

/// Observes nothing.
public struct NoCommitObserver: CommitObserver {
    public init() {}
    public func willCommit() {}
    public func didCommit() {}
}

/// Carries one result from the writer's executor to the caller.
///
/// Unchecked: written once on the writer's executor before `finish`, read once inside `finish`,
/// which the same executor calls afterwards.
private final class ResultBox<R: Sendable>: @unchecked Sendable {
    var value: R?
}
