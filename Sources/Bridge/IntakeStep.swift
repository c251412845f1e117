import Dispatch
import Foundation
import Messaging
import Sealing
import Store
import Synchronization

/// A batch of envelopes on their way in, inside one transaction: open and store each, let the
/// responder think about all conversations at once, write down what it said.
struct IntakeStep: Sendable {
    let channel: ChannelID
    let responder: any Responder
    let hooks: any BridgeHooks

    struct Outcome: Sendable {
        var stored = 0
        var duplicates = 0
        var setAside: [String] = []
        var replies = 0
    }

    func run(_ envelopes: [Envelope], in transaction: Transaction) throws -> Outcome {
        var outcome = Outcome()
        var received: [Received] = []
        for envelope in envelopes {
            if try transaction.isKnown(envelope.dedup, on: channel) {
                outcome.duplicates += 1
                try keepPosition(of: envelope, in: transaction)
                continue
            }
            do {
                try transaction.savepoint {
                    if let message = try open(envelope, in: transaction, &outcome) { received.append(message) }
                }
            } catch let error where StoreError.isOfOneMessage(error) {
                let poison =
                    error as? PoisonError
                    ?? PoisonError(code: "internal", reason: "the program could not store this message: \(error)")
                try transaction.savepoint { try setAside(envelope, as: poison, in: transaction, &outcome) }
            }
        }
        hooks.reached(.opened)
        for (message, output) in think(about: received, now: transaction.now) {
            try write(output, in: message.conversation, cause: message.messageID, transaction, &outcome)
        }
        hooks.reached(.answered)
        return outcome
    }

    private struct Received: Sendable {
        var conversation: Conversation
        let messageID: Int64
        let message: IncomingMessage
    }

    private func open(
        _ envelope: Envelope, in transaction: Transaction, _ outcome: inout Outcome
    ) throws -> Received? {
        let opened = try transaction.codec(for: channel).open(envelope)
        if case .unreadable(let reason) = opened {
            let poison = PoisonError(code: "unreadable", reason: reason, asksAgain: true)
            try setAside(envelope, as: poison, in: transaction, &outcome)
            return nil
        }
        try transaction.remember(envelope.dedup, on: channel)
        try keepPosition(of: envelope, in: transaction)
        switch opened {
        case .silent, .unreadable:
            return nil
        case .message(let message):
            let conversation = try transaction.conversation(for: envelope.sender)
            let id = try transaction.store(
                MessageRecord(
                    text: message.text, direction: .incoming, author: .contact, sentAt: envelope.sentAt,
                    receivedAt: transaction.now, channel: channel, protection: message.protection,
                    device: message.device, deviceIsNew: message.deviceIsNew),
                in: conversation)
            outcome.stored += 1
            return Received(conversation: conversation, messageID: id, message: message)
        }
    }

    private func setAside(
        _ envelope: Envelope, as poison: PoisonError, in transaction: Transaction, _ outcome: inout Outcome
    ) throws {
        let conversation = try transaction.conversation(for: envelope.sender)
        try transaction.setAside(
            UnreadableRecord(
                code: poison.code, reason: poison.reason, sentAt: envelope.sentAt, payload: envelope.payload.encoded()),
            in: conversation)
        try transaction.remember(envelope.dedup, on: channel)
        try keepPosition(of: envelope, in: transaction)
        outcome.setAside.append(poison.code)
        guard poison.asksAgain else { return }
        let output = responder.respondToUnreadable(now: transaction.now, state: conversation.dialogue)
        try write(output, in: conversation, cause: 0, transaction, &outcome)
    }

    private func keepPosition(of envelope: Envelope, in transaction: Transaction) throws {
        if let position = envelope.position { try transaction.setPosition(position, of: channel) }
    }

    /// Asks the responder, conversations beside each other, the messages of one in their order.
    private func think(about received: [Received], now: Date) -> [(Received, ResponderOutput)] {
        let groups = Dictionary(grouping: received, by: \.conversation.id).values.map { $0 }
        let results = Mutex([(Received, ResponderOutput)]())
        let think: @Sendable (Int) -> Void = { index in
            var state = groups[index].first?.conversation.dialogue ?? []
            for (position, message) in groups[index].enumerated() {
                let output = responder.respond(
                    to: ResponderInput(
                        text: message.message.text, protection: message.message.protection, now: now,
                        isFirst: message.conversation.isNew && position == 0, state: state))
                state = output.state
                results.withLock { $0.append((message, output)) }
            }
        }
        if groups.count == 1 {
            think(0)
        } else {
            DispatchQueue.concurrentPerform(iterations: groups.count, execute: think)
        }
        return results.withLock { $0 }.sorted { $0.0.messageID < $1.0.messageID }
    }

    private func write(
        _ output: ResponderOutput, in conversation: Conversation, cause: Int64, _ transaction: Transaction,
        _ outcome: inout Outcome
    ) throws {
        do {
            try transaction.savepoint {
                try transaction.setDialogue(output.state, of: conversation)
                if output.handsOver { try transaction.setWaiting(conversation) }
                for reply in output.replies {
                    try transaction.addIntent(
                        MessageRecord(
                            text: reply.text, direction: .outgoing, author: .bot, sentAt: transaction.now,
                            receivedAt: transaction.now, channel: channel, protection: reply.protection,
                            language: reply.variety, topic: reply.topic),
                        cause: cause, in: conversation)
                }
            }
            outcome.replies += output.replies.count
        } catch let error where StoreError.isOfOneMessage(error) {
            // The message itself is safe; a person reads what the bot could not answer.
            try transaction.setWaiting(conversation)
        }
    }
}
