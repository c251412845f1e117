import ArrivalWords
import Foundation
import GRDB
import Messaging
import Sealing

/// What came of the words of a card that a contact wrote. It says no more than the contact may learn.
public enum ArrivalOutcome: Sendable, Equatable {
    /// The conversation goes on here.
    ///
    /// - Parameter dialogue: the state of the person's last dialogue, for its language; empty without one.
    case right(dialogue: [UInt8])
    case wrong
    /// Nothing was looked up.
    case tooOften
}

extension Transaction {
    /// Looks words up, and tells the conversation to be that of the person whose card it is. Opens nothing else.
    ///
    /// - Parameters:
    ///   - protection: with which the words came. Words that others could read are not taken.
    ///   - device: from which they came.
    /// - Returns: `nil` when the message is to be answered like any other.
    public func takeArrival(
        _ attempt: ArrivalAttempt, in conversation: Conversation, protection: Protection, device: UInt32?
    ) throws -> ArrivalOutcome? {
        let id = conversation.id.rawValue
        let row = try db().row("SELECT is_practice FROM conversation WHERE id = ?", [id])
        guard let row, !(row[0] as Bool) else { return nil }
        guard protection == .endToEnd else {
            // Guessed at as any others: nothing is looked up beyond the limits.
            let tries = try arrivalTries(in: id)
            guard case .code(let code) = attempt, tries.ofAddress < ArrivalLimits.triesOfAddress,
                tries.inAnHour < ArrivalLimits.triesInAnHour
            else { return nil }
            if let card = try arrivalCard(code) { try setExposed(card, in: id) } else { try addArrivalTry(in: id) }
            return nil
        }
        guard case .code(let code) = attempt else { return .wrong }
        let tries = try arrivalTries(in: id)
        guard tries.ofAddress < ArrivalLimits.triesOfAddress, tries.inAnHour < ArrivalLimits.triesInAnHour else {
            try audit("arrival-words-too-often", subject: id)
            return .tooOften
        }
        guard let card = try arrivalCard(code), card.holds(in: id, at: now.milliseconds) else {
            try addArrivalTry(in: id)
            try audit("arrival-words-wrong", subject: id)
            return .wrong
        }
        // Whoever carries the address may have read exposed words: with them no device becomes the person's.
        return try arrive(conversation, with: card, device: card.exposedAt == 0 ? device : nil)
    }

    /// The words are right.
    private func arrive(
        _ conversation: Conversation, with card: ArrivalCard, device: UInt32?
    ) throws -> ArrivalOutcome {
        let (id, contact) = (conversation.id.rawValue, conversation.contact.rawValue)
        let person = try person(of: card.contact)
        if try self.person(of: contact) == person {
            try setUsed(card)
            try audit("arrival-words-repeated", subject: id)
            try arrivalWordsRepeated(in: conversation, device: device)
            return .right(dialogue: [])
        }
        if try isSomebodyElse(contact) {
            // A borrowed phone of somebody whom staff know by themselves: two people are not made one.
            try audit("arrival-words-elsewhere", subject: id)
            try alertStaff(of: card.contact, "arrival-words-elsewhere")
            return .right(dialogue: [])
        }
        let addresses = try db().integer(
            "SELECT count(*) FROM contact_link WHERE person_id = ? AND how = 'arrival-words'", [person])
        guard addresses ?? 0 < ArrivalLimits.addresses else {
            try audit("arrival-words-too-often", subject: id)
            try alertStaff(of: card.contact, "arrival-words-too-often")
            return .tooOften
        }
        try setUsed(card)
        try link(contact, to: person, .arrivalWords, by: "")
        try audit("arrival-words-right", subject: id)
        try arrivalWordsRepeated(in: conversation, device: device)
        return .right(dialogue: try lastDialogue(of: person, butNot: id))
    }

    /// The person has shown on this device of this address that they know the words of their card: what is held back
    /// from a new device may go on. The one place for whatever hangs on that.
    func arrivalWordsRepeated(in conversation: Conversation, device: UInt32?) throws {
        if let device { try confirmDevice(device, in: conversation) }
    }

    /// Whether a contact is known as a person of their own: joined to another, holding a card, or staff wrote to them.
    private func isSomebodyElse(_ contact: Int64) throws -> Bool {
        try db().integer(
            """
            SELECT EXISTS (SELECT 1 FROM contact_link WHERE contact_id = ?1 OR person_id = ?1)
                OR EXISTS (SELECT 1 FROM arrival_card WHERE contact_id = ?1)
                OR EXISTS (SELECT 1 FROM item JOIN conversation ON conversation.id = item.conversation_id
                    WHERE conversation.contact_id = ?1 AND item.kind = 'message' AND item.author <> '')
            """, [contact]) == 1
    }

    /// What the bot remembers of the person's last conversation.
    private func lastDialogue(of person: Int64, butNot conversation: Int64) throws -> [UInt8] {
        let row = try db().row(
            """
            SELECT id, dialogue FROM conversation WHERE person_id = ? AND id <> ? ORDER BY last_in_at DESC LIMIT 1
            """, [person, conversation])
        guard let row else { return [] }
        let sealed = row.bytes("dialogue")
        let field = Field(table: "conversation", row: row[0] as Int64, column: "dialogue")
        return sealed.isEmpty ? [] : (try? open(sealed, in: field)) ?? []
    }
}
