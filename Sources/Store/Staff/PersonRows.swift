import GRDB
import StaffProtocol

/// What staff see of one person with several addresses.
extension StaffReader {
    /// - Parameters:
    ///   - contact: the conversation's.
    ///   - person: the first contact.
    func link(of contact: Int64, _ conversation: Int64, person: Int64) throws -> PersonLink {
        let others = try samePerson(conversation).filter { $0 != conversation }
        let row = try db.row(
            "SELECT how, linked_at, recognised_at, recognised_by FROM contact_link WHERE contact_id = ?", [contact])
        return PersonLink(
            contact: person, conversations: others, how: row?[0] ?? "first", since: row?[1] ?? 0,
            recognisedAt: row?[2] ?? 0, recognisedBy: row?[3] ?? "")
    }

    /// A line without the numbers of conversations that the viewer is not served.
    func narrowed(_ row: InboxRow, _ scope: Scope) throws -> InboxRow {
        guard scope != .all, let person = row.person else { return row }
        let served = try Set(visible(scope))
        var row = row
        row.person?.conversations = person.conversations.filter(served.contains)
        return row
    }
}
