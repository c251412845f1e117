/// A stream as its owner keeps it beyond the end of the process: what resuming it takes (XEP-0198 §5).
public struct KeptStream: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The server's name for it: whoever has it and the password can take the stream over.
    public let id: String
    /// How many of the server's stanzas are surely committed; it sends those after them again.
    public let committed: UInt64
    /// How many of ours the server had taken when this was written. It may have taken more since.
    public let acknowledged: UInt64
    /// No more than so many of ours can have left.
    public let ceiling: UInt64

    public init(id: String, committed: UInt64, acknowledged: UInt64, ceiling: UInt64) {
        self.id = id
        self.committed = committed
        self.acknowledged = acknowledged
        self.ceiling = ceiling
    }

    public var description: String { "<kept stream>" }
    public var debugDescription: String { description }
}

/// How it went with a stream of an earlier run.
public struct Restoration: Hashable, Sendable {
    /// The server goes on with it; else a new one begins.
    public let isResumed: Bool
    /// How many of ours the server had taken; `nil`: it does not know, or says what cannot be.
    public let taken: UInt64?
    /// The server's number made no sense, and nothing was believed of it.
    public let wasImpossible: Bool

    public init(isResumed: Bool, taken: UInt64?, wasImpossible: Bool = false) {
        self.isResumed = isResumed
        self.taken = taken
        self.wasImpossible = wasImpossible
    }
}

/// Where a stream stands, for whoever keeps it.
public struct StreamStanding: Hashable, Sendable {
    /// For its resumption; `nil` when the server does not offer it.
    public let resumptionID: String?
    /// The full address that the server gave us.
    public let jid: JID
    public let committed: UInt64
    public let acknowledged: UInt64
    /// How many of ours it has had so far.
    public let sent: UInt64
    /// How many of the committed ones are written down.
    public let writtenDown: UInt64
}
