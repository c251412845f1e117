import Foundation
import GRDB
import Messaging
import StaffProtocol

/// Staff have a conversation for a while, and the bot is silent there.
extension Transaction {
    /// Staff have it from now on; whoever had it before has it no longer. The contact notices nothing.
    func takeOver(_ conversation: Int64, by member: String) throws {
        // What began before and has not lapsed goes on.
        try db().run(
            """
            UPDATE conversation SET taken_over_by = ?1, taken_over_until = ?2,
                taken_over_since = CASE WHEN taken_over_since > 0 AND taken_over_until > ?3 THEN taken_over_since
                    ELSE ?3 END
            WHERE id = ?4
            """, [member, now.milliseconds + TakeoverRequest.lifetime * 1000, now.milliseconds, conversation])
        try addEvent(.conversation, conversation: conversation)
    }

    /// The bot answers again. A contact who wrote in that time is to be told: `endedTakeovers` gives it.
    ///
    /// - Parameter member: only if this one has it; `nil`: whoever has it.
    func endTakeover(_ conversation: Int64, of member: String? = nil) throws {
        // What lapsed, and is not told yet, stays to be told.
        try db().run(
            """
            UPDATE conversation SET taken_over_by = '', taken_over_until = 0,
                taken_over_since = CASE WHEN taken_over_until <= ?1 OR last_in_at >= taken_over_since
                    THEN taken_over_since ELSE 0 END
            WHERE id = ?2 AND taken_over_by <> '' AND taken_over_by = ifnull(?3, taken_over_by)
            """, [now.milliseconds, conversation, member])
        if try db().changesCount > 0 { try addEvent(.conversation, conversation: conversation) }
    }

    /// Conversations that the bot has again and whose contact does not know it, oldest first: a take-over
    /// lapsed, or was ended after the contact had written.
    public func endedTakeovers() throws -> [Int64] {
        try db().rows(
            """
            SELECT id FROM conversation INDEXED BY conversation_taken
            WHERE taken_over_since > 0 AND taken_over_until <= ? ORDER BY taken_over_until, id
            """, [now.milliseconds]
        ).map { $0[0] }
    }

    /// The contact was told, or need not be.
    public func setTold(endOfTakeover conversation: Int64) throws {
        let lapsed = try db().row("SELECT taken_over_by FROM conversation WHERE id = ?", [conversation])
        try db().run(
            "UPDATE conversation SET taken_over_by = '', taken_over_until = 0, taken_over_since = 0 WHERE id = ?",
            [conversation])
        guard let lapsed, lapsed[0] as String != "" else { return }
        try addEvent(.conversation, conversation: conversation)
        try audit("takeover-lapsed", subject: conversation)
    }
}
