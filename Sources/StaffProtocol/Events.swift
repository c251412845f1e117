import Foundation

/// Something changed: numbers only, never content. Sent as a server-sent event whose id is
/// `number`; a client that reconnects with `Last-Event-ID` misses none.
public struct StaffEvent: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// An item came: message, unreadable, note, tag, task, proposal.
        case item
        /// The stage of an item changed, or it was closed.
        case itemChanged
        /// The state of a conversation changed: waits, danger, assigned, taken over, hidden.
        case conversation
        /// A contact was erased.
        case erased
        /// The roster or keyring changed.
        case roster
        /// A channel went on or off line.
        case channel
        /// Events were missed that are no longer kept: read everything anew.
        case reset
    }

    /// Rises; never used twice, also over restarts.
    public var number: Int64
    public var kind: Kind
    public var at: Milliseconds
    /// 0 when it concerns none.
    public var conversation: Int64
    /// The position of the item; 0 when it concerns none.
    public var position: Int64

    public init(number: Int64, kind: Kind, at: Milliseconds, conversation: Int64, position: Int64) {
        self.number = number
        self.kind = kind
        self.at = at
        self.conversation = conversation
        self.position = position
    }

    /// Days for which events are kept.
    public static let keptDays: Int64 = 14
    /// Seconds between two heartbeats of the stream (a comment line).
    public static let heartbeat: Int64 = 15
}
