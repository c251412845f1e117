import GRDB
import Messaging
import Sealing

/// The stream of each channel, as it is resumed after a restart.
extension Transaction {
    /// The last stream of a channel; `nil` when there was none, or it cannot be resumed.
    public func stream(of channel: ChannelID) throws -> StoredStream? {
        let row = try db().row(
            """
            SELECT number, key, committed, acknowledged, ceiling, is_caught_up FROM stream WHERE channel = ?
            """, [channel.rawValue])
        guard let row else { return nil }
        let number: Int64 = row["number"]
        // Damaged on the disk: as if the server had forgotten the stream.
        guard let opened = try? open(row.bytes("key"), in: Self.field(channel, number)),
            let key = try? StreamKey(bytes: opened), !key.id.isEmpty
        else { return nil }
        return StoredStream(
            key: key,
            mark: StreamMark(
                stream: number, committed: row["committed"], acknowledged: row["acknowledged"],
                ceiling: row["ceiling"]),
            isCaughtUp: row["is_caught_up"])
    }

    /// A new stream, in place of the last one: what was handed over there is settled by its number no more.
    /// - Returns: its number.
    public func beginStream(_ key: StreamKey, on channel: ChannelID) throws -> Int64 {
        let last = try db().integer("SELECT number FROM stream WHERE channel = ?", [channel.rawValue])
        let number = (last ?? 0) + 1
        let sealed = try seal(key.encoded(), in: Self.field(channel, number))
        try db().run(
            """
            INSERT INTO stream (channel, number, key, ceiling, began_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (channel) DO UPDATE SET number = excluded.number, key = excluded.key, committed = 0,
                acknowledged = 0, ceiling = excluded.ceiling, is_caught_up = 0, began_at = excluded.began_at,
                restarts = 0
            """, [channel.rawValue, number, sealed.data, StreamMark.headroom, now.milliseconds])
        return number
    }

    /// Moves the counts on. A mark of another stream, or one that was overtaken, changes nothing.
    public func keep(_ mark: StreamMark, of channel: ChannelID) throws {
        try state.run(
            """
            UPDATE stream SET committed = max(committed, ?), acknowledged = max(acknowledged, ?),
                ceiling = max(ceiling, ?)
            WHERE channel = ? AND number = ?
            """, mark.committed, mark.acknowledged, mark.ceiling, channel.rawValue, mark.stream)
    }

    /// The archive was read to its end on this stream. It is also the time up to which all is stored.
    public func streamIsCaughtUp(_ stream: Int64, on channel: ChannelID) throws {
        try db().run(
            "UPDATE stream SET is_caught_up = 1 WHERE channel = ? AND number = ?", [channel.rawValue, stream])
        try db().run(
            "UPDATE archive_position SET at = max(at, ?) WHERE channel = ?", [now.milliseconds, channel.rawValue])
    }

    /// After a restart: settles by the server's count what was handed over on the last stream.
    ///
    /// - Parameters:
    ///   - taken: how many of ours the server took; `nil`: nothing is known, and nothing is settled.
    ///   - isResumed: what is above it was surely not taken and leaves again with the same bytes. Else it
    ///     stays handed over, and the archive is asked.
    /// - Returns: how many were confirmed, and how many leave again.
    public func settleStream(
        _ stream: Int64, taken: Int64?, isResumed: Bool, on channel: ChannelID
    ) throws -> (confirmed: Int, again: Int) {
        guard let taken else { return (0, 0) }
        let rows = try db().rows(
            """
            SELECT outbox.id, outbox.stanza FROM outbox
            JOIN conversation ON conversation.id = outbox.conversation_id
            JOIN address ON address.id = conversation.address_id
            WHERE outbox.stage = 'handed-over' AND outbox.stream = ? AND outbox.stanza > 0 AND address.channel = ?
            ORDER BY outbox.id
            """, [stream, channel.rawValue])
        var done = (confirmed: 0, again: 0)
        for row in rows {
            let id = OutboxID(row["id"])
            if row["stanza"] <= taken {
                try settle(id, as: .delivered)
                done.confirmed += 1
            } else if isResumed {
                try settle(id, as: .absent)
                done.again += 1
            }
        }
        if isResumed {
            // Our count goes on from there: what was written down above it has no number any more.
            try db().run(
                """
                UPDATE stream SET acknowledged = max(acknowledged, ?), ceiling = ?, restarts = restarts + 1
                WHERE channel = ? AND number = ?
                """, [taken, taken + StreamMark.headroom, channel.rawValue, stream])
        }
        return done
    }

    private static func field(_ channel: ChannelID, _ number: Int64) -> Field {
        Field(table: "stream", row: Array("\(channel.rawValue) \(number)".utf8), column: "key")
    }
}

/// Version 1 of the sealed form (`Documentation/formats.md`).
extension StreamKey {
    private static let version: UInt8 = 1

    fileprivate func encoded() -> [UInt8] {
        var writer = FieldWriter(version: Self.version)
        writer.add(1, id)
        writer.add(2, account)
        writer.add(3, server)
        return writer.bytes
    }

    fileprivate init(bytes: [UInt8]) throws {
        let reader = try FieldReader(bytes, version: Self.version, format: "stream key", known: 1...3)
        self.init(id: try reader.string(1), account: try reader.string(2), server: try reader.string(3))
    }
}
