import Foundation
import Logging
import Messaging
import Store

/// The way out of one channel. It sleeps until something is due, prepares it in a transaction,
/// and gives the bytes to the link after the commit, in the order of each conversation.
actor OutboxWorker {
    private let step: OutboxStep
    private let writer: Writer
    private let link: any ChannelLink
    private let hooks: any BridgeHooks
    private let logger: Logger

    private var isOnline = false
    /// What was handed over before this run, on whichever stream, is looked for once.
    private var mustSettle = true
    private var isClosed = false
    private var isSignalled = false
    private var signal: CheckedContinuation<Void, Never>?
    private var timer: Task<Void, Never>?
    private var material: [Address: any PreparationMaterial] = [:]
    private var fetching: Set<ConversationID> = []
    /// Marked as handed over, but surely not on the wire: to be marked as prepared again.
    private var unsent: [OutboxID] = []

    init(step: OutboxStep, writer: Writer, link: any ChannelLink, hooks: any BridgeHooks, logger: Logger) {
        self.step = step
        self.writer = writer
        self.link = link
        self.hooks = hooks
        self.logger = logger
    }

    /// Something may be due.
    func wake() {
        isSignalled = true
        signal.take()?.resume()
    }

    /// The link is up. Not resumed: what was handed over before is settled first.
    func online(resumed: Bool) {
        isOnline = true
        if !resumed { mustSettle = true }
        wake()
    }

    func offline() {
        isOnline = false
        material = [:]
    }

    /// Works until cancelled.
    func run() async {
        await withTaskCancellationHandler {
            var delay = Backoff(first: .seconds(1), most: .seconds(30))
            while !isClosed {
                await waitForSignal()
                do {
                    try await work()
                    delay = Backoff(first: .seconds(1), most: .seconds(30))
                } catch {
                    logger.error("replies wait: \(error)")
                    await delay.wait()
                    isSignalled = true
                }
            }
        } onCancel: {
            Task { await self.close() }
        }
    }

    private func close() {
        isClosed = true
        timer?.cancel()
        wake()
    }

    private func waitForSignal() async {
        if !isSignalled, !isClosed {
            await withCheckedContinuation { signal = $0 }
        }
        isSignalled = false
    }

    private func work() async throws {
        try await takeBack()
        while isOnline, !isClosed {
            if mustSettle { try await settle() }
            let (outcome, isBroken): (OutboxStep.Outcome, Bool)
            if let numbering = link as? any NumberingLink {
                // No stream: the next connection wakes us.
                guard let turn = try? await numbering.beginTurn() else { return }
                (outcome, isBroken) = try await round(turn, numbering)
            } else {
                (outcome, isBroken) = try await round()
            }
            for (conversation, address) in outcome.needs { fetch(address, for: conversation) }
            if let due = outcome.nextDue { wake(at: due) }
            // The next connection wakes us.
            if isBroken { return try await takeBack() }
            if !outcome.hasMore, !isSignalled { return }
            if outcome.departures.isEmpty, outcome.needs.isEmpty, !isSignalled { return }
            isSignalled = false
        }
    }

    /// One round within a turn: what got a number has left, or has none any more, when the turn ends.
    private func round(
        _ turn: StreamTurn, _ link: any NumberingLink
    ) async throws -> (OutboxStep.Outcome, isBroken: Bool) {
        let done: (OutboxStep.Outcome, isBroken: Bool)
        do {
            done = try await round(turn)
            try await takeBack()
        } catch {
            if StoreError.isOfOneMessage(error) {
                await link.endTurn(turn)
            } else {
                // A commit that the disk refused may be found complete after a crash, with its numbers.
                await link.abandonTurn(turn)
            }
            throw error
        }
        await link.endTurn(turn)
        return done
    }

    /// Prepares what is due, commits, hands it over.
    private func round(_ turn: StreamTurn? = nil) async throws -> (OutboxStep.Outcome, isBroken: Bool) {
        let (step, material, link, busy) = (step, material, link, fetching)
        let outcome = try await writer.perform {
            try step.run(material: material, busy: busy, link: link, turn: turn, in: $0)
        }
        // What was fetched meanwhile stays for the next round.
        for address in material.keys { self.material[address] = nil }
        if outcome.departures.isEmpty { return (outcome, false) }
        hooks.reached(.due)
        if let turn { await (link as? any NumberingLink)?.kept(turn.mark) }
        let left = await handOver(outcome.departures)
        unsent += left
        hooks.reached(.handedOver)
        return (outcome, !left.isEmpty)
    }

    /// On a stream that is resumed nobody else asks about them, so this must succeed before anything
    /// else leaves.
    private func takeBack() async throws {
        let ids = unsent
        if ids.isEmpty { return }
        try await writer.perform { transaction in
            for id in ids { try transaction.settle(id, as: .absent) }
        }
        unsent.removeFirst(ids.count)
    }

    /// Gives the bytes to the link in order; stops at the first that it does not take.
    /// - Returns: those that surely did not leave.
    private func handOver(_ departures: [Departure]) async -> [OutboxID] {
        for (index, departure) in departures.enumerated() {
            do {
                try await link.handOver(departure.prepared, outbox: departure.outbox)
            } catch {
                logger.info("the connection broke while sending")
                return departures[index...].map(\.outbox)
            }
        }
        return []
    }

    /// Fetches beside the loop, so that one silent server does not hold up the others.
    private func fetch(_ address: Address, for conversation: ConversationID) {
        guard fetching.insert(conversation).inserted else { return }
        Task {
            do {
                material[address] = try await link.material(for: address)
            } catch let problem as UndeliverableError {
                await put(off: conversation, because: problem)
            } catch {
                // Our own connection, not theirs: once more in a moment.
                logger.info("a device list could not be fetched: \(error)")
                try? await Task.sleep(for: .seconds(1))
            }
            fetching.remove(conversation)
            wake()
        }
    }

    private func put(off conversation: ConversationID, because problem: UndeliverableError) async {
        logger.warning(
            "a message cannot be encrypted yet",
            metadata: ["code": "\(problem.code)", "again": "\(problem.isTemporary)"])
        do {
            try await writer.perform { transaction in
                if problem.isTemporary {
                    try transaction.postpone(conversation)
                } else {
                    try transaction.failIntents(of: conversation, code: problem.code)
                }
            }
        } catch {
            logger.error("an unreachable address could not be noted: \(error)")
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func settle() async throws {
        hooks.reached(.settling)
        let channel = step.channel
        let open = try await writer.perform { try $0.unsettled(on: channel) }
        if !open.isEmpty {
            let fates = try await link.settle(open)
            let uncertain = try await writer.perform { transaction in
                try open.count {
                    try transaction.settleByArchive($0, as: fates[$0.outbox] ?? .unknown, on: channel) == .unknown
                }
            }
            logger.notice(
                "settled what the last connection left open",
                metadata: ["count": "\(open.count)", "uncertain": "\(uncertain)"])
        }
        mustSettle = false
        hooks.reached(.settled)
    }

    private func wake(at date: Date) {
        timer?.cancel()
        timer = Task {
            try? await Task.sleep(for: .seconds(max(0, date.timeIntervalSinceNow)))
            if !Task.isCancelled { wake() }
        }
    }
}
