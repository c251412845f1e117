import Foundation
import GRDB

/// One person, many addresses: a contact may be told to be the same person as another. Nothing that was said moves,
/// and the line can be taken out again.
extension Transaction {
    enum LinkOrigin: String { case arrivalWords = "arrival-words", staff }

    /// The contact as which somebody is told: the first of them; a contact that stands alone is its own.
    func person(of contact: Int64) throws -> Int64 {
        try db().integer("SELECT person_id FROM contact_link WHERE contact_id = ?", [contact]) ?? contact
    }

    /// From now on staff read the conversations of both as one history.
    ///
    /// - Parameters:
    ///   - contact: stands alone, or others were told to be the same as this: they come with it.
    ///   - person: the first contact of the other.
    ///   - member: empty for the bridge.
    func link(_ contact: Int64, to person: Int64, _ how: LinkOrigin, by member: String) throws {
        let db = try db()
        try db.run("UPDATE contact_link SET person_id = ? WHERE person_id = ?", [person, contact])
        try db.run(
            "INSERT INTO contact_link (contact_id, person_id, how, linked_at, linked_by) VALUES (?, ?, ?, ?, ?)",
            [contact, person, how.rawValue, now.milliseconds, member])
        try db.run(
            "UPDATE conversation SET person_id = ?1 WHERE contact_id IN (?1, ?2) OR person_id = ?2", [person, contact])
        // Whoever has the person has them on their new address too.
        try db.run(
            """
            UPDATE conversation SET assigned_to = ifnull((SELECT assigned_to FROM conversation
                WHERE contact_id = ?1 AND assigned_to <> '' ORDER BY newest_item DESC LIMIT 1), '')
            WHERE contact_id = ?2 AND assigned_to = ''
            """, [person, contact])
        try tellLinks(of: person)
    }

    /// A contact stands alone again. Returns false when it was not told to be the same as another.
    func unlink(_ contact: Int64) throws -> Bool {
        let db = try db()
        let person = try person(of: contact)
        guard person != contact else { return false }
        try tellLinks(of: person)
        // Who came by the words of the card and is somebody else would come back by them: the card is good for nothing.
        let cameByWords = try db.integer(
            "SELECT 1 FROM contact_link WHERE contact_id = ? AND how = 'arrival-words' AND recognised_at = 0", [contact]
        )
        if cameByWords != nil { try revokeCards(of: person) }
        try db.run("DELETE FROM contact_link WHERE contact_id = ?", [contact])
        try db.run("UPDATE conversation SET person_id = 0 WHERE contact_id = ?", [contact])
        try leaveAlone(person)
        return true
    }

    /// A member knew the person by their voice on this address.
    func recognise(_ contact: Int64, by member: String) throws -> Bool {
        try db().run(
            "UPDATE contact_link SET recognised_at = ?, recognised_by = ? WHERE contact_id = ?",
            [now.milliseconds, member, contact])
        guard try db().changesCount > 0 else { return false }
        try tellLinks(of: person(of: contact))
        return true
    }

    /// Before a contact is erased: nobody is told to be the same as somebody who is not there.
    ///
    /// - Returns: the contacts that were, who stay.
    func forgetArrival(of contact: Int64) throws -> [Int64] {
        let db = try db()
        let person = try person(of: contact)
        let others = try db.rows(
            """
            SELECT contact_id FROM contact_link WHERE person_id = ?1 AND contact_id <> ?2
            UNION SELECT ?1 WHERE ?1 <> ?2
            """, [person, contact]
        ).map { $0[0] as Int64 }
        try tellLinks(of: person)
        try db.run("DELETE FROM contact_link WHERE contact_id = ?1 OR person_id = ?1", [contact])
        if person == contact {
            try db.run("UPDATE conversation SET person_id = 0 WHERE person_id = ?", [contact])
        } else {
            try leaveAlone(person)
        }
        try db.run("DELETE FROM arrival_card WHERE contact_id = ?", [contact])
        try db.run(
            """
            DELETE FROM arrival_try WHERE conversation_id IN (SELECT id FROM conversation WHERE contact_id = ?)
            """, [contact])
        return others
    }

    /// Once nobody else is the same person, a contact stands alone.
    private func leaveAlone(_ person: Int64) throws {
        try db().run(
            """
            UPDATE conversation SET person_id = 0
            WHERE person_id = ?1 AND NOT EXISTS (SELECT 1 FROM contact_link WHERE person_id = ?1)
            """, [person])
    }

    private func tellLinks(of person: Int64) throws {
        for row in try db().rows("SELECT id FROM conversation WHERE person_id = ?", [person]) {
            try addEvent(.conversation, conversation: row[0])
        }
    }
}
