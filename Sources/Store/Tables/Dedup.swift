import Foundation
import Messaging

extension Transaction {
    /// How long a message could come again: the archive's expiry of 30 days, and a week.
    private static let dedupDays: Int64 = 37

    /// Whether this message was taken in before, from whichever way it comes now.
    public func isKnown(_ source: DedupSource, on channel: ChannelID) throws -> Bool {
        try state.integer("SELECT 1 FROM dedup WHERE hash = ?", dedupHash(source, channel)) != nil
    }

    /// Remembers a message as taken in.
    public func remember(_ source: DedupSource, on channel: ChannelID) throws {
        try state.run(
            "INSERT INTO dedup (hash, expires_at) VALUES (?, ?)",
            dedupHash(source, channel), now.milliseconds + Self.dedupDays * 86_400_000)
    }

    /// Forgets what no channel can bring again.
    public func forgetExpired() throws {
        try db().run("DELETE FROM dedup WHERE expires_at < ?", [now.milliseconds])
        try forgetStaffHistory()
        try db().run("PRAGMA incremental_vacuum(1000)")
    }

    /// The last archive position committed for a channel.
    public func position(of channel: ChannelID) throws -> ArchivePosition? {
        try db().row("SELECT position FROM archive_position WHERE channel = ?", [channel.rawValue])
            .map { ArchivePosition($0["position"]) }
    }

    /// - Parameter date: when the server took the message that stands there.
    public func setPosition(_ position: ArchivePosition, of channel: ChannelID, at date: Date? = nil) throws {
        try state.run(
            """
            INSERT INTO archive_position (channel, position, at) VALUES (?, ?, ?)
            ON CONFLICT (channel) DO UPDATE SET position = excluded.position, at = max(at, excluded.at)
            """, channel.rawValue, position.rawValue, min(date ?? now, now).milliseconds)
    }

    /// Whoever asks whether a message is known remembers it next.
    private func dedupHash(_ source: DedupSource, _ channel: ChannelID) -> [UInt8] {
        if let last = state.memory.dedup, last.source == source, last.channel == channel { return last.hash }
        let hash = state.workingKey.dedup(source, channel: channel)
        state.memory.dedup = (source, channel, hash)
        return hash
    }
}
