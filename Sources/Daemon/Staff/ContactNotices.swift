import Bot
import Bridge
import Foundation
import Logging
import Messaging
import Sealing
import Store

/// What the bot tells contacts that is no answer to a message of theirs: that someone is working on their
/// answer, and that it answers again itself.
struct ContactNotices: Sendable {
    /// The words of a notice for a dialogue's state, with their variety; `nil`: there are none.
    typealias NoticeWords = @Sendable (_ notice: Notice, _ dialogue: [UInt8]) -> (text: String, variety: String)?

    private static let pause = Duration.seconds(30)

    let writer: Writer
    let words: NoticeWords
    /// Words wait in the outbox of a channel.
    let wake: @Sendable (ChannelID) async -> Void
    let logger: Logger
    /// Since an arbitrary start, whatever the time of day is set to.
    var elapsed: @Sendable () -> Duration = { Self.start.duration(to: .now) }

    private static let start = ContinuousClock.now

    /// What the bot says, in the variety that the contact reads as far as the dialogue shows it.
    static func words(of engine: Engine) -> NoticeWords {
        { notice, dialogue in
            let state = (try? JSONDecoder().decode(DialogueState.self, from: Data(dialogue))) ?? DialogueState()
            return engine.notice(notice, state: state).map { ($0.text, $0.variety.rawValue) }
        }
    }

    /// Looks twice a minute, and whenever it is rung for, until cancelled.
    func run(_ bell: NoticeBell) async {
        await withTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    bell.ring()
                    try? await Task.sleep(for: Self.pause)
                }
            }
            var patience = Patience()
            for await _ in bell.rings { await look(&patience) }
            group.cancelAll()
        }
    }

    private func look(_ patience: inout Patience) async {
        do {
            let told = try await tellWhoWaits(&patience).union(try await tellOfEndedTakeovers())
            for channel in told { await wake(channel) }
        } catch {
            logger.warning("contacts could not be told: \(error)")
        }
    }

    /// A reply that waits for a second person keeps its contact waiting: after 20 minutes they are told,
    /// once. So is a practice contact: whoever learns sees it.
    ///
    /// - Returns: the channels on which something waits to leave.
    func tellWhoWaits(_ patience: inout Patience) async throws -> Set<ChannelID> {
        let open = try await writer.perform { try $0.untoldProposals() }
        let due = patience.due(open.map { ($0.proposal, .seconds($0.waits)) }, at: elapsed())
        guard !due.isEmpty else { return [] }
        let words = words
        return try await writer.perform { transaction in
            var channels: Set<ChannelID> = []
            // It may have been sent in between.
            for open in try transaction.untoldProposals() where due.contains(open.proposal) {
                try transaction.setTold(proposal: open.proposal)
                let told = try transaction.notify(open.conversation, inPractice: true) { words(.workingOnIt, $0) }
                if let told { channels.insert(told) }
            }
            return channels
        }
    }

    /// A take-over lapsed, or staff gave the conversation back after the contact had written: they are told,
    /// once, that the bot answers.
    ///
    /// - Returns: the channels on which something waits to leave.
    func tellOfEndedTakeovers() async throws -> Set<ChannelID> {
        let words = words
        return try await writer.perform { transaction in
            var channels: Set<ChannelID> = []
            for conversation in try transaction.endedTakeovers() {
                try transaction.setTold(endOfTakeover: conversation)
                if let told = try transaction.notify(conversation, words: { words(.takeoverEnded, $0) }) {
                    channels.insert(told)
                }
            }
            return channels
        }
    }
}

/// Has `ContactNotices` look at once.
struct NoticeBell: Sendable {
    let rings: AsyncStream<Void>
    private let sink: AsyncStream<Void>.Continuation

    // One ring waits at most: a look sees all there is.
    init() { (rings, sink) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    func ring() { sink.yield() }
}

/// How long proposals have waited, by a clock that nobody sets.
struct Patience {
    /// After which the contact is told.
    static let limit = Duration.seconds(20 * 60)

    private var dueAt: [Int64: Duration] = [:]

    /// Which are due.
    ///
    /// - Parameters:
    ///   - open: all that wait, and for how long by the time of day: counts only when one is first seen.
    ///   - now: since an arbitrary start.
    mutating func due(_ open: [(proposal: Int64, waits: Duration)], at now: Duration) -> Set<Int64> {
        let known = dueAt
        dueAt = [:]
        for one in open {
            dueAt[one.proposal] = known[one.proposal] ?? now + max(.zero, Self.limit - max(.zero, one.waits))
        }
        return Set(dueAt.filter { $0.value <= now }.keys)
    }
}
