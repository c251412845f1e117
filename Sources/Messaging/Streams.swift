import struct Foundation.Date

/// Where a channel's stream stands: what goes into the database with each batch, so that the stream can be
/// gone on with after a crash. All counts begin with the stream.
public struct StreamMark: Hashable, Sendable {
    /// Which stream, as `StreamKeeper.begin` numbered it.
    public let stream: Int64
    /// How many of the server's stanzas are committed; never more than are.
    public let committed: Int64
    /// How many of ours the server has taken.
    public let acknowledged: Int64
    /// No more than so many of ours have left, or will before the next mark.
    public let ceiling: Int64

    public init(stream: Int64, committed: Int64, acknowledged: Int64, ceiling: Int64) {
        self.stream = stream
        self.committed = committed
        self.acknowledged = acknowledged
        self.ceiling = ceiling
    }

    /// Room for the stanzas that leave without being written down (questions, receipts). When they are
    /// more, nothing is lost: after a crash the archive is asked instead of the counter.
    public static let headroom: Int64 = 256
}

/// The right to number what leaves next: until it ends, nothing else of ours leaves on the stream.
public struct StreamTurn: Hashable, Sendable {
    public let mark: StreamMark
    /// How many stanzas of ours the stream has had; the next one has the number after it.
    public let sent: Int64

    public init(mark: StreamMark, sent: Int64) {
        self.mark = mark
        self.sent = sent
    }

    /// The number of the stanza that leaves as the `index`-th of this turn, from 0 on.
    public func number(_ index: Int) -> StanzaNumber {
        StanzaNumber(stream: mark.stream, stanza: sent + Int64(index) + 1)
    }

    /// The mark once `count` stanzas of this turn have left.
    public func mark(after count: Int) -> StreamMark {
        StreamMark(
            stream: mark.stream, committed: mark.committed, acknowledged: mark.acknowledged,
            ceiling: max(mark.ceiling, sent + Int64(count) + StreamMark.headroom))
    }
}

/// The place of a stanza of ours on a stream.
public struct StanzaNumber: Hashable, Sendable {
    public let stream: Int64
    public let stanza: Int64

    public init(stream: Int64, stanza: Int64) {
        self.stream = stream
        self.stanza = stanza
    }
}

/// A link whose server counts stanzas in both directions and keeps a stream for a while when it breaks.
public protocol NumberingLink: ChannelLink {
    /// Takes the turn; waits for nothing.
    /// - Throws: when there is no stream that could be numbered now. `online` follows later.
    func beginTurn() async throws -> StreamTurn
    /// Everything that was numbered in this turn has been handed over, or is no longer marked so.
    func endTurn(_ turn: StreamTurn) async
    /// It is not known whether the numbers were written down: the stream must not be used any more.
    func abandonTurn(_ turn: StreamTurn) async
    /// The mark to commit together with these messages; `nil` when there is no stream to mark.
    func mark(committing tokens: [AcknowledgementToken]) async -> StreamMark?
    /// The mark is committed: the server may be told of what it counts.
    func kept(_ mark: StreamMark) async
}

/// What it takes to go on with a stream after a restart.
public struct StreamKey: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The server's name for it; empty when it does not resume streams.
    public let id: String
    /// Whose stream it is: the full address.
    public let account: String
    /// Where it is to be resumed: host and port.
    public let server: String

    public init(id: String, account: String, server: String) {
        self.id = id
        self.account = account
        self.server = server
    }

    public var description: String { "<stream key>" }
    public var debugDescription: String { description }
}

/// A stream as the store keeps it.
public struct StoredStream: Hashable, Sendable {
    public let key: StreamKey
    public let mark: StreamMark
    /// Whether the archive was read to its end on this stream: what came after that, the stream brings.
    public let isCaughtUp: Bool

    public init(key: StreamKey, mark: StreamMark, isCaughtUp: Bool) {
        self.key = key
        self.mark = mark
        self.isCaughtUp = isCaughtUp
    }
}

/// Keeps a channel's stream beyond the end of the process. What returns is on the disk.
public protocol StreamKeeper: Sendable {
    /// The last stream; `nil` when there was none, or it cannot be resumed.
    func stored() async throws -> StoredStream?
    /// A new stream has begun, in place of the last one.
    /// - Returns: its number.
    func begin(_ key: StreamKey) async throws -> Int64
    /// After a restart: settles what was handed over on the last stream.
    ///
    /// - Parameters:
    ///   - taken: how many of ours the server took; `nil` when that is not known.
    ///   - isResumed: what it did not take was surely not taken, and leaves again. Else the archive is asked.
    func settle(_ stream: Int64, taken: Int64?, isResumed: Bool) async
    /// The archive was read to its end.
    func caughtUp(_ stream: Int64) async throws
    /// Writes a mark down by itself.
    func keep(_ mark: StreamMark) async throws
    /// The archive no longer reaches back to what was stored last: messages may be missing.
    /// - Parameter first: the oldest message that it has; `nil` when it is empty.
    func foundGap(until first: Date?) async throws
}
