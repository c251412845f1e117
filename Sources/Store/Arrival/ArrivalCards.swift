import ArrivalWords
import Foundation
import GRDB

/// A card as the store knows it: whose it is, never what stands on it.
struct ArrivalCard {
    /// The contact it was given to.
    let contact: Int64
    let expiresAt: Int64
    let exposedAt: Int64
    /// The conversation in which its words came readable for others; 0 if they did not.
    let exposedIn: Int64

    /// Whether its words are taken in a conversation. Once they were readable on their way, anybody may know them:
    /// then only there, where somebody knew them before.
    func holds(in conversation: Int64, at now: Int64) -> Bool {
        expiresAt > now && (exposedAt == 0 || exposedIn == conversation)
    }
}

extension Transaction {
    /// The keyed hash by which a card is found.
    private func lookup(_ code: ArrivalCode) -> [UInt8] {
        state.workingKey.lookup(Array(code.canonical.utf8), purpose: "arrival-words")
    }

    func arrivalCard(_ code: ArrivalCode) throws -> ArrivalCard? {
        try db().row(
            "SELECT contact_id, expires_at, exposed_at, exposed_in FROM arrival_card WHERE lookup = ?",
            [lookup(code).data]
        ).map { ArrivalCard(contact: $0[0], expiresAt: $0[1], exposedAt: $0[2], exposedIn: $0[3]) }
    }

    /// A new card of a person; every earlier one is good for nothing from now on.
    ///
    /// - Returns: false when these words stand on another person's card.
    func giveCard(_ code: ArrivalCode, to contact: Int64, by member: String) throws -> Bool {
        let person = try person(of: contact)
        try revokeCards(of: person)
        let lookup = lookup(code).data
        guard try db().integer("SELECT 1 FROM arrival_card WHERE lookup = ?", [lookup]) == nil else { return false }
        try db().run(
            """
            INSERT INTO arrival_card (contact_id, lookup, form, made_at, made_by, expires_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                person, lookup, code.form.rawValue, now.milliseconds, member,
                now.milliseconds + ArrivalLimits.days * ArrivalLimits.day,
            ])
        return true
    }

    /// The cards of a person are good for nothing from now on. Returns how many there were.
    @discardableResult
    func revokeCards(of person: Int64) throws -> Int {
        try db().run(
            """
            DELETE FROM arrival_card WHERE contact_id = ?1
                OR contact_id IN (SELECT contact_id FROM contact_link WHERE person_id = ?1)
            """, [person])
        return try db().changesCount
    }

    func setUsed(_ card: ArrivalCard) throws {
        try db().run("UPDATE arrival_card SET used_at = ? WHERE contact_id = ?", [now.milliseconds, card.contact])
    }

    /// The words of a card came in a message that others could read on its way.
    func setExposed(_ card: ArrivalCard, in conversation: Int64) throws {
        try db().run(
            "UPDATE arrival_card SET exposed_at = ?, exposed_in = ? WHERE contact_id = ? AND exposed_at = 0",
            [now.milliseconds, conversation, card.contact])
        guard try db().changesCount > 0 else { return }
        try audit("arrival-words-exposed", subject: conversation)
        try alertStaff(of: card.contact, "arrival-words-exposed")
    }

    /// Staff see a fixed word with a person's conversation, and it waits for them.
    func alertStaff(of contact: Int64, _ reason: String) throws {
        for row in try db().rows("SELECT id FROM conversation WHERE contact_id = ?", [contact]) {
            let conversation: Int64 = row[0]
            try setRemark(
                BotRemark(
                    language: "", decision: "handover", reason: reason, target: "", topic: "", candidates: [],
                    at: now), of: conversation)
            try setWaiting(conversation)
        }
    }
}
