import Foundation
import Messaging
import Sealing
@_spi(FaultTests) import Store
import Synchronization

/// The time that transactions stand for.
final class SimulatedClock: Sendable {
    private let time: Mutex<Date>

    init(_ start: Date) { time = Mutex(start) }

    var now: Date { time.withLock { $0 } }
    func set(_ now: Date) { time.withLock { $0 = now } }
}

/// Writes exchanges as the bridge does, in the same steps with the same functions of the store
/// (`Sources/Bridge/IntakeStep.swift`), but many in one commit, and without waiting for the disk. What the
/// ratchet keeps (devices, sessions, prekeys) is left out: staff never read it.
struct BatchWriter: Sendable {
    private let writer: Writer
    private let clock: SimulatedClock

    /// - Parameter deployment: made by `sila init`, with the working key in a file, and never started.
    init(deployment: String) throws {
        let keys = deployment + "/keys"
        let path = deployment + "/store/sila.sqlite"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw GenerationError("\(path) exists already: the generator fills a new deployment only")
        }
        let clock = SimulatedClock(Date())
        self.clock = clock
        writer = try Store.open(
            path: path, workingKey: WorkingKeySource.file(path: keys + "/working.key").load(),
            sealer: ArchiveSealer(
                roster: VerifiedRoster.load(rosterPath: keys + "/roster.json", pinPath: keys + "/roster.pin")),
            durability: .off, clock: StoreClock(now: { clock.now }))
    }

    func close() async { await writer.close() }

    /// What the bridge does now and then: forget what no channel brings again, and old events.
    func forgetExpired() async throws { try await writer.perform { try $0.forgetExpired() } }

    /// Takes in these messages at one time, answers them, and confirms the answers.
    func write(_ exchanges: [Exchange], at time: Date) async throws {
        clock.set(time)
        try await writer.perform { transaction in
            for exchange in exchanges { try Self.takeIn(exchange, transaction) }
            try Self.send(transaction)
        }
    }

    private static func takeIn(_ exchange: Exchange, _ transaction: Transaction) throws {
        let archiveID = String(format: "00000000-0000-4000-8000-%012lx", exchange.number)
        try transaction.remember(.archive(id: archiveID), on: .xmpp)
        try transaction.setPosition(ArchivePosition(archiveID), of: .xmpp)
        let address = Address(channel: .xmpp, value: String(format: "contact-%06d@example.org", exchange.contact))
        let conversation = try transaction.conversation(for: address)
        let cause = try transaction.store(
            MessageRecord(
                text: exchange.text, direction: .incoming, author: .contact, sentAt: transaction.now,
                receivedAt: transaction.now, channel: .xmpp, protection: .endToEnd,
                device: UInt32(1000 + exchange.contact), deviceIsNew: conversation.isNew),
            in: conversation)
        try transaction.setRemark(remark(exchange, at: transaction.now), of: conversation)
        if exchange.isDanger { try transaction.setDanger(conversation) }
        if exchange.waits { try transaction.setWaiting(conversation) }
        try transaction.setDialogue(dialogue, of: conversation)
        guard let reply = exchange.reply else { return }
        try transaction.addIntent(
            MessageRecord(
                text: reply, direction: .outgoing, author: .bot, sentAt: transaction.now,
                receivedAt: transaction.now, channel: .xmpp, protection: .endToEnd, language: exchange.language,
                topic: topics[exchange.number % topics.count]),
            cause: cause, in: conversation)
    }

    /// The whole way of the replies: prepared, handed over, confirmed.
    private static func send(_ transaction: Transaction) throws {
        for row in try transaction.due(on: .xmpp, limit: .max) {
            // The ciphertext; it goes when the message is confirmed.
            try transaction.setPrepared(row, bytes: [0])
            try transaction.setHandedOver(row.id)
            try transaction.confirm(row.id)
        }
    }

    private static let topics = ["rain", "bus-times", "lost-keys", "library", "garden", "bicycles"]

    /// As long as the bot's usual state.
    private static let dialogue = [UInt8](repeating: 0x20, count: 220)

    private static func remark(_ exchange: Exchange, at time: Date) -> BotRemark {
        let topic = topics[exchange.number % topics.count]
        return BotRemark(
            language: exchange.language, decision: exchange.reply == nil ? "hand-over" : "answer",
            reason: exchange.isDanger ? "danger" : "", target: "", topic: topic,
            candidates: [(topic, 0.81), (topics[(exchange.number + 1) % topics.count], 0.12)], at: time)
    }
}
