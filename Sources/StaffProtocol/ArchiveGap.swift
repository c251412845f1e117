import Foundation

/// A time in which messages may have come that nobody has: the server's archive no longer reaches back to
/// the last one stored.
public struct ArchiveGap: Codable, Sendable, Equatable {
    public var id: Int64
    public var channel: String
    /// Everything until then is stored; 0 when that is not known.
    public var from: Milliseconds
    /// From then on nothing is missing.
    public var until: Milliseconds
    public var foundAt: Milliseconds

    public init(id: Int64, channel: String, from: Milliseconds, until: Milliseconds, foundAt: Milliseconds) {
        self.id = id
        self.channel = channel
        self.from = from
        self.until = until
        self.foundAt = foundAt
    }
}

/// `POST /v1/gaps/acknowledge`: the gaps up to this one were dealt with.
public struct AcknowledgeGaps: Codable, Sendable, Equatable {
    /// The highest `ArchiveGap.id` that the member was shown: one found since then stays.
    public var upTo: Int64
    public init(upTo: Int64) { self.upTo = upTo }
}
