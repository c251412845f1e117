import Foundation
import Messaging

/// Times in which messages may have come that are in no archive any more.
extension Transaction {
    /// The archive does not reach back to what was stored last.
    ///
    /// The position is given up with it: the next catch-up reads what there is, and does not find the same
    /// gap again.
    /// - Parameter first: the time of the oldest message that the archive has; `nil` when it is empty.
    public func addArchiveGap(until first: Date?, on channel: ChannelID) throws {
        let from = try db().integer("SELECT at FROM archive_position WHERE channel = ?", [channel.rawValue]) ?? 0
        let until = max(from, min(first ?? now, now).milliseconds)
        let id = try db().insert(
            "INSERT INTO archive_gap (channel, from_at, until_at, found_at) VALUES (?, ?, ?, ?)",
            [channel.rawValue, from, until, now.milliseconds])
        try db().run("UPDATE archive_position SET position = '' WHERE channel = ?", [channel.rawValue])
        try audit("archive-gap", subject: id)
        try addEvent(.channel)
    }

    /// Whether a gap was found at or after a time.
    func hasGap(foundAfter date: Date, on channel: ChannelID) throws -> Bool {
        try db().integer(
            "SELECT 1 FROM archive_gap WHERE channel = ? AND found_at >= ?", [channel.rawValue, date.milliseconds])
            != nil
    }
}
