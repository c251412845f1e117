import Foundation
import Sealing

extension StaffKeys {
    /// The first entry of a roster, signed with these keys. `statement` must be `.found`.
    public func foundRoster(_ statement: RosterStatement, at date: Date) throws(UnsealingError) -> Roster {
        Roster(entries: [try entry(statement, sequence: 0, previous: RosterEntry.noPrevious, at: date)])
    }

    /// Adds a signed entry at the end. Whether it is allowed is checked when the roster is verified.
    public func append(
        _ statement: RosterStatement, to roster: Roster, at date: Date
    ) throws(UnsealingError) -> Roster {
        guard let last = roster.entries.last else { throw .roster(.empty) }
        let entry = try entry(statement, sequence: last.sequence + 1, previous: last.hash, at: date)
        return Roster(entries: roster.entries + [entry])
    }

    private func entry(
        _ statement: RosterStatement, sequence: Int64, previous: [UInt8], at date: Date
    ) throws(UnsealingError) -> RosterEntry {
        // The stored form keeps milliseconds, so that is what is signed.
        let date = Date(milliseconds: date.milliseconds)
        let bytes = RosterEntry.signedBytes(
            sequence: sequence, previous: previous, at: date, author: id, statement: statement)
        return RosterEntry(
            sequence: sequence, previous: previous, at: date, author: id, statement: statement,
            signature: try sign(bytes))
    }
}
