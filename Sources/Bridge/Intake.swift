import Foundation
import Logging
import Messaging
import Store

/// The way in of one channel: a bounded queue before the writer. What is acknowledged is committed.
actor Intake {
    private static let capacity = 512
    /// In bytes: whoever sends large messages must not fill the memory with them.
    private static let byteCapacity = 32 * 1024 * 1024
    private static let batchLimit = 64

    private let step: IntakeStep
    private let writer: Writer
    private let link: any ChannelLink
    private let hooks: any BridgeHooks
    private let logger: Logger
    private let repliesQueued: @Sendable () async -> Void
    private let attachmentsQueued: @Sendable () async -> Void

    private var waiting: [(envelope: Envelope, size: Int)] = []
    private var waitingBytes = 0
    private var isBusy = false
    private var isClosed = false
    private var work: CheckedContinuation<Void, Never>?
    private var room: [CheckedContinuation<Void, Never>] = []
    private var quiet: [CheckedContinuation<Void, Never>] = []

    init(
        step: IntakeStep, writer: Writer, link: any ChannelLink, hooks: any BridgeHooks, logger: Logger,
        repliesQueued: @escaping @Sendable () async -> Void,
        attachmentsQueued: @escaping @Sendable () async -> Void = {}
    ) {
        self.step = step
        self.writer = writer
        self.link = link
        self.hooks = hooks
        self.logger = logger
        self.repliesQueued = repliesQueued
        self.attachmentsQueued = attachmentsQueued
    }

    /// Queues an envelope; waits while the queue is full. After `close` it is dropped,
    /// unacknowledged, and the channel hands it over again at the next start.
    func put(_ envelope: Envelope) async {
        let size = envelope.payload.size
        while isFull, !isClosed, !Task.isCancelled {
            await withTaskCancellationHandler {
                await withCheckedContinuation { room.append($0) }
            } onCancel: {
                Task { await self.letIn() }
            }
        }
        if isClosed || Task.isCancelled { return }
        waiting.append((envelope, size))
        waitingBytes += size
        work.take()?.resume()
    }

    private var isFull: Bool { waiting.count >= Self.capacity || waitingBytes >= Self.byteCapacity }

    /// Returns once everything put so far is committed or set aside.
    func drain() async {
        while !isClosed, isBusy || !waiting.isEmpty {
            await withCheckedContinuation { quiet.append($0) }
        }
    }

    /// Works until cancelled.
    func run() async {
        await withTaskCancellationHandler {
            while let batch = await next() {
                await take(batch)
                isBusy = false
                if waiting.isEmpty { release(&quiet) }
            }
        } onCancel: {
            Task { await self.close() }
        }
        close()
    }

    private func close() {
        isClosed = true
        work.take()?.resume()
        release(&room)
        release(&quiet)
    }

    /// Lets those who wait for room look again.
    private func letIn() { release(&room) }

    private func release(_ continuations: inout [CheckedContinuation<Void, Never>]) {
        let waiting = continuations
        continuations = []
        for continuation in waiting { continuation.resume() }
    }

    private func next() async -> [Envelope]? {
        while waiting.isEmpty, !isClosed {
            await withCheckedContinuation { work = $0 }
        }
        if isClosed { return nil }
        let batch = Array(waiting.prefix(Self.batchLimit))
        waiting.removeFirst(batch.count)
        waitingBytes -= batch.reduce(0) { $0 + $1.size }
        isBusy = true
        release(&room)
        return batch.map(\.envelope)
    }

    /// Stores a batch, however long the disk refuses: what is not stored is not acknowledged.
    private func take(_ batch: [Envelope]) async {
        hooks.reached(.received)
        var delay = Backoff(first: .seconds(1), most: .seconds(30))
        while !Task.isCancelled {
            do {
                let step = step
                let mark = await (link as? any NumberingLink)?.mark(committing: batch.compactMap(\.token))
                let outcome = try await writer.perform { transaction in
                    let outcome = try step.run(batch, in: transaction)
                    if let mark { try transaction.keep(mark, of: step.channel) }
                    return outcome
                }
                report(outcome)
                hooks.reached(.stored)
                if let mark { await (link as? any NumberingLink)?.kept(mark) }
                await link.acknowledge(batch.compactMap(\.token))
                hooks.reached(.acknowledged)
                if outcome.replies > 0 || outcome.mayLetGo { await repliesQueued() }
                if outcome.attachments > 0 { await attachmentsQueued() }
                return
            } catch {
                logger.error("messages wait: \(error)", metadata: ["count": "\(batch.count)"])
                await delay.wait()
            }
        }
    }

    private func report(_ outcome: IntakeStep.Outcome) {
        for code in outcome.setAside {
            logger.warning("a message was set aside and waits for staff", metadata: ["code": "\(code)"])
        }
        for code in outcome.bounced {
            logger.warning("a message of ours came back and waits for staff", metadata: ["code": "\(code)"])
        }
        logger.debug(
            "stored",
            metadata: [
                "messages": "\(outcome.stored)", "again": "\(outcome.duplicates)", "replies": "\(outcome.replies)",
            ])
    }
}
