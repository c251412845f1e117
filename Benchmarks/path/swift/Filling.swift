import Foundation
import Messaging
import Sealing
import Store

/// Messages that lie in the store before anything is measured: how the way of a message grows with what is kept.
///
/// They are written with the functions of the store that the bridge uses, many in one commit; their contacts have no
/// devices, and what they are answered has been confirmed.
struct Filling: Sendable {
    let writer: Writer
    let messages: Int
    let contacts: Int
    let texts: [String]

    private static let batch = 1000
    /// About what a stanza for one device has.
    private static let stanza = [UInt8](repeating: 0x41, count: 700)

    func run() async throws {
        // Each exchange is a message in and a message out.
        for start in stride(from: 0, to: messages / 2, by: Self.batch) {
            let numbers = start..<min(messages / 2, start + Self.batch)
            try await writer.perform { [contacts, texts] transaction in
                for number in numbers {
                    try Self.takeIn(number, of: number % contacts, texts[number % texts.count], transaction)
                }
                try Self.send(transaction)
            }
        }
    }

    private static func takeIn(
        _ number: Int, of contact: Int, _ text: String, _ transaction: Transaction
    ) throws {
        let id = String(format: "10000000-0000-4000-8000-%012lx", number)
        try transaction.remember(.archive(id: id), on: .xmpp)
        let conversation = try transaction.conversation(
            for: Address(channel: .xmpp, value: String(format: "kept-%06d@example.org", contact)))
        let cause = try transaction.store(
            MessageRecord(
                text: text, direction: .incoming, author: .contact, sentAt: transaction.now,
                receivedAt: transaction.now, channel: .xmpp, protection: .endToEnd, device: UInt32(1000 + contact)),
            referring: nil, names: [id], in: conversation)
        try transaction.setDialogue([1], of: conversation)
        try transaction.addIntent(
            MessageRecord(
                text: text, direction: .outgoing, author: .bot, sentAt: transaction.now,
                receivedAt: transaction.now, channel: .xmpp, protection: .endToEnd),
            cause: cause, in: conversation)
    }

    private static func send(_ transaction: Transaction) throws {
        while true {
            let due = try transaction.due(on: .xmpp, limit: batch)
            if due.isEmpty { return }
            for row in due {
                try transaction.setPrepared(row, bytes: stanza)
                try transaction.setHandedOver(row.id)
                try transaction.confirm(row.id)
            }
        }
    }
}
