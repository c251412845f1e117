import Bot
import Bridge
import Foundation
import Logging
import Messaging
import Sealing
import Store

/// A reply that waits for a second person keeps its contact waiting: after 20 minutes they are told, once,
/// that someone is working on it.
struct WaitingNotice: Sendable {
    /// Seconds of waiting after which the contact is told.
    private static let patience: TimeInterval = 20 * 60
    private static let pause = Duration.seconds(30)

    let writer: Writer
    let engine: Engine
    let bridge: Bridge
    let logger: Logger

    /// Looks twice a minute until cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                for channel in try await tell() { await bridge.wake(channel) }
            } catch {
                logger.warning("contacts who wait could not be told: \(error)")
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Tells those who have waited long enough; returns the channels on which something waits to leave.
    func tell() async throws -> Set<ChannelID> {
        let engine = engine
        return try await writer.perform { transaction in
            var channels: Set<ChannelID> = []
            for (proposal, conversation) in try transaction.untoldProposals(
                olderThan: transaction.now.addingTimeInterval(-Self.patience))
            {
                try transaction.setTold(proposal: proposal)
                let told = try transaction.notify(conversation) { dialogue in
                    let state = (try? JSONDecoder().decode(DialogueState.self, from: Data(dialogue))) ?? DialogueState()
                    return engine.notice(.workingOnIt, state: state).map { ($0.text, $0.variety.rawValue) }
                }
                if let told { channels.insert(told) }
            }
            return channels
        }
    }
}
