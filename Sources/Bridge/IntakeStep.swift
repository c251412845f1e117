import ArrivalWords
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
    /// See `Bridge`.
    var bounced: BounceReader = { _ in nil }

    struct Outcome: Sendable {
        var stored = 0
        var duplicates = 0
        var setAside: [String] = []
        /// Messages of ours that came back, with the reason.
        var bounced: [String] = []
        var replies = 0
        /// Words of a card came: what waited for a device may leave.
        var mayLetGo = false
        /// Files to be fetched.
        var attachments = 0
    }

    func run(_ envelopes: [Envelope], in transaction: Transaction) throws -> Outcome {
        var outcome = Outcome()
        var received: [Received] = []
        for envelope in envelopes {
            if let bounce = bounced(envelope) {
                // An error about anything else is nobody's concern.
                if try transaction.fail(bounce.originID, returnedBy: envelope.sender, code: bounce.code) {
                    outcome.bounced.append(bounce.code)
                }
                continue
            }
            if try transaction.isKnown(envelope.dedup, on: channel) {
                outcome.duplicates += 1
                continue
            }
            do {
                if var item = try transaction.savepoint({ try open(envelope, in: transaction) }) {
                    item.arrival = try arrival(of: item, in: transaction)
                    if item.arrival != nil { outcome.mayLetGo = true }
                    if item.isAnswered { received.append(item) }
                    outcome.stored += 1
                    if item.message?.attachment != nil { outcome.attachments += 1 }
                }
            } catch let error where StoreError.isOfOneMessage(error) {
                let poison =
                    error as? PoisonError
                    ?? PoisonError(code: "internal", reason: "the program could not store this message: \(error)")
                let item = try transaction.savepoint { try setAside(envelope, as: poison, in: transaction) }
                outcome.setAside.append(poison.code)
                if poison.asksAgain { received.append(item) }
            }
        }
        // Each of them is stored, set aside or known: the archive is read up to the last.
        if let last = envelopes.last(where: { $0.position != nil }), let position = last.position {
            try transaction.setPosition(position, of: channel, at: last.sentAt)
        }
        hooks.reached(.opened)
        for (item, output) in think(about: received, now: transaction.now) {
            outcome.replies += try write(output, for: item, in: transaction)
        }
        hooks.reached(.answered)
        return outcome
    }

    /// What the responder is asked about, in the order of arrival.
    private struct Received: Sendable {
        let conversation: Conversation
        /// `nil`: a message that could not be opened.
        let message: IncomingMessage?
        /// Its row, 0 if it was set aside.
        let messageID: Int64
        /// What came of the words of a card; `nil` for any other message.
        var arrival: ArrivalOutcome?
        /// Whether it says something: a sign put to a message, or one taken back, is shown and not answered.
        var isAnswered: Bool {
            switch message?.reference?.kind {
            case .reaction, .retraction: false
            case .correction, nil: true
            }
        }
    }

    /// Looks up the words of a card, before anybody answers: whose conversation it is decides in which language.
    private func arrival(of item: Received, in transaction: Transaction) throws -> ArrivalOutcome? {
        guard let message = item.message, message.attachment == nil, let attempt = ArrivalAttempt.read(message.text)
        else { return nil }
        do {
            return try transaction.savepoint {
                try transaction.takeArrival(
                    attempt, in: item.conversation, protection: message.protection, device: message.device)
            }
        } catch let error where StoreError.isOfOneMessage(error) {
            // The message is stored: it is answered like any other, and a person reads it.
            return nil
        }
    }

    private func open(_ envelope: Envelope, in transaction: Transaction) throws -> Received? {
        let opened = try transaction.codec(for: channel).open(envelope)
        if case .unreadable(let reason) = opened {
            throw PoisonError(code: "unreadable", reason: reason, asksAgain: true)
        }
        try transaction.remember(envelope.dedup, on: channel)
        guard case .message(let message) = opened else { return nil }
        let conversation = try transaction.conversation(for: envelope.sender)
        let record = MessageRecord(
            text: message.text, direction: .incoming, author: .contact, sentAt: envelope.sentAt,
            receivedAt: transaction.now, channel: channel, protection: message.protection,
            device: message.device, deviceIsNew: message.deviceIsNew)
        let id =
            if let attachment = message.attachment {
                try transaction.store(
                    record, carrying: attachment, referring: message.reference, names: message.names, in: conversation)
            } else {
                try transaction.store(
                    record, referring: message.reference, names: message.names, in: conversation)
            }
        return Received(conversation: conversation, message: message, messageID: id)
    }

    private func setAside(
        _ envelope: Envelope, as poison: PoisonError, in transaction: Transaction
    ) throws -> Received {
        let conversation = try transaction.conversation(for: envelope.sender)
        try transaction.setAside(
            UnreadableRecord(
                code: poison.code, reason: poison.reason, sentAt: envelope.sentAt, payload: envelope.payload.encoded()),
            isEncrypted: envelope.payload.isEncrypted, in: conversation)
        try transaction.remember(envelope.dedup, on: channel)
        do {
            try transaction.savepoint { try transaction.codec(for: channel).recover(from: poison, in: envelope) }
        } catch let error where StoreError.isOfOneMessage(error) {
            // It is set aside all the same: else it would come again, and hold up everybody, for ever.
        }
        return Received(conversation: conversation, message: nil, messageID: 0)
    }

    /// Asks the responder, conversations beside each other, the messages of one in their order.
    private func think(about received: [Received], now: Date) -> [(Received, ResponderOutput)] {
        let groups = Array(Dictionary(grouping: received.indices, by: { received[$0].conversation.id }).values)
        let outputs = Mutex([Int: ResponderOutput]())
        let think: @Sendable (Int) -> Void = { group in
            var state = groups[group].first.map { received[$0].conversation.dialogue } ?? []
            for index in groups[group] {
                let output = ask(about: received[index], state: state, now: now)
                state = output.state
                outputs.withLock { $0[index] = output }
            }
        }
        if groups.count == 1 {
            think(0)
        } else {
            DispatchQueue.concurrentPerform(iterations: groups.count, execute: think)
        }
        let done = outputs.withLock { $0 }
        return received.indices.compactMap { index in done[index].map { (received[index], $0) } }
    }

    private func ask(about item: Received, state: [UInt8], now: Date) -> ResponderOutput {
        guard let message = item.message else { return responder.respondToUnreadable(now: now, state: state) }
        return responder.respond(
            to: ResponderInput(
                text: message.text, protection: message.protection, now: now,
                isFirst: item.conversation.isNew, state: state, arrival: item.arrival,
                arrivalLanguage: item.arrival == nil ? nil : ArrivalAttempt.language(of: message.text)?.rawValue,
                attachment: message.attachment?.kind))
    }

    /// Writes down what the responder said; returns the number of replies.
    private func write(
        _ output: ResponderOutput, for item: Received, in transaction: Transaction
    ) throws -> Int {
        do {
            try transaction.savepoint {
                try note(output, for: item, in: transaction)
                if !item.conversation.isTakenOver { try say(output, to: item, in: transaction) }
            }
            return item.conversation.isTakenOver ? 0 : output.replies.count
        } catch let error where StoreError.isOfOneMessage(error) {
            // The message itself is safe; a person reads what the bot could not answer.
            try transaction.setWaiting(item.conversation)
            if output.note?.isDanger == true { try transaction.setDanger(item.conversation) }
            return 0
        }
    }

    /// What staff see of it. While they have the conversation the bot is silent: whatever comes waits
    /// for them, and danger is danger.
    private func note(_ output: ResponderOutput, for item: Received, in transaction: Transaction) throws {
        let isTakenOver = item.conversation.isTakenOver
        if let note = output.note {
            try transaction.setRemark(
                BotRemark(
                    language: note.variety, decision: isTakenOver ? "silent" : note.decision, reason: note.reason,
                    target: note.target, topic: isTakenOver ? "" : note.topic,
                    candidates: note.candidates.map { ($0.topic, $0.confidence) }, at: transaction.now),
                of: item.conversation)
            if note.isDanger { try transaction.setDanger(item.conversation) }
        }
        if output.handsOver || isTakenOver { try transaction.setWaiting(item.conversation) }
        // What the bot would have said was never said: its state stays as it was.
        try transaction.setDialogue(isTakenOver ? item.conversation.dialogue : output.state, of: item.conversation)
    }

    private func say(_ output: ResponderOutput, to item: Received, in transaction: Transaction) throws {
        for reply in output.replies {
            try transaction.addIntent(
                MessageRecord(
                    text: reply.text, direction: .outgoing, author: .bot, sentAt: transaction.now,
                    receivedAt: transaction.now, channel: channel, protection: reply.protection,
                    language: reply.variety, topic: reply.topic),
                cause: item.messageID, in: item.conversation)
        }
    }
}
