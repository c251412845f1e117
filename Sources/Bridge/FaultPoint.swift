import Messaging

/// The places at which a crash could lose or repeat a message. The daemon passes them by;
/// `silad-faults` stops the process at one of them.
public enum FaultPoint: String, CaseIterable, Sendable {
    /// An envelope is queued, nothing of it is stored.
    case received
    /// Its ratchet has moved and its message is written, nothing is committed.
    case opened
    /// Its replies are written as intents, nothing is committed.
    case answered
    /// Everything about it is committed, the server is not told.
    case stored
    /// The server is told.
    case acknowledged
    /// A reply is encrypted and its ratchet moved, nothing is committed.
    case prepared
    /// The prepared reply is committed, no byte of it is sent.
    case due
    /// Its bytes are given to the transport.
    case handedOver = "handed-over"
    /// The server has confirmed it, the confirmation is not stored.
    case confirming
    /// The confirmation is committed.
    case confirmed
    /// The server has said what it knows of the stream from before the restart, nothing of it is stored.
    case resuming
    /// What it said is committed.
    case resumed
    /// Connected; unsettled replies are about to be looked for in the archive.
    case settling
    /// They are settled.
    case settled
}

/// A message about to leave.
public struct Departure: Sendable {
    public let outbox: OutboxID
    public let prepared: Prepared

    public init(outbox: OutboxID, prepared: Prepared) {
        self.outbox = outbox
        self.prepared = prepared
    }
}

/// What the composition root may hang into the way of a message.
public protocol BridgeHooks: Sendable {
    func reached(_ point: FaultPoint)
    /// Inside the transaction that prepares `departures`, before it commits. Returns true if it
    /// has sent them itself, which only a deliberately wrong composition does.
    func preparing(_ departures: [Departure], for link: any ChannelLink) -> Bool
}

/// What the daemon uses: nothing happens.
public struct NoHooks: BridgeHooks {
    public init() {}
    public func reached(_ point: FaultPoint) {}
    public func preparing(_ departures: [Departure], for link: any ChannelLink) -> Bool { false }
}
