/// Stream management (XEP-0198): what of ours the server has taken, and what of the server's we
/// have committed. A value: no network, no time.
///
/// Stanzas received are numbered from 1 on and never share a number, also across streams. `h`
/// counts only those that the owner has marked as committed, up to the first that is not: the
/// server keeps the others and sends them again after a resumption, under the same numbers.
public struct StreamManagement: Sendable {
    /// What the owner calls a stanza that it wants to hear about.
    public typealias Token = Int64

    struct Outgoing: Sendable {
        let bytes: [UInt8]
        let token: Token?
    }

    /// What is needed to resume (XEP-0198 §5).
    public struct Resumption: Hashable, Sendable {
        public let id: String
        /// How many of theirs we have.
        public let h: UInt32

        public init(id: String, h: UInt32) {
            self.id = id
            self.h = h
        }
    }

    /// Set while the server lets us resume.
    public private(set) var resumptionID: String?
    public private(set) var isEnabled = false
    private(set) var unacknowledged: [Outgoing] = []
    /// How many of ours the server has taken: its last `h`, counted on beyond 2^32.
    public private(set) var acknowledgedCount: UInt64 = 0
    /// A stream of an earlier run that is to be resumed; `nil` once that succeeded or failed.
    private var kept: KeptStream?
    private var requestIsOpen = false
    /// How many of `unacknowledged` have a token.
    private var waitingTokens = 0
    /// Without anybody waiting, so many stanzas are worth a request: answers to strangers must not pile up.
    private static let requestAfter = 20

    /// The number before the first stanza of this stream.
    private var base: UInt64 = 0
    private var lastReceived: UInt64 = 0
    /// The highest number ever given out: after a resumption `lastReceived` goes back.
    private var highestGiven: UInt64 = 0
    private var committedPrefix: UInt64 = 0
    private var committedAhead: Set<UInt64> = []
    /// The number behind which the server begins again, as `<resume/>` told it.
    private var resumesAfter: UInt64 = 0
    /// The server asked, and our answer left out stanzas that it had sent.
    private var owesAcknowledgement = false
    /// The last number that the server was told.
    private var told: UInt64 = 0
    /// Whether the owner writes down how much is committed, and says so (`wroteDown`).
    private let isKept: Bool
    /// How many committed stanzas of this stream the owner has written down.
    public private(set) var writtenDown: UInt64 = 0

    public init(isKept: Bool = false) { self.isKept = isKept }

    /// A stream in which the server has acknowledged `h` stanzas: for tests of the wrap-around.
    public init(enabledAt h: UInt32) {
        isKept = false
        enabled(id: nil)
        acknowledgedCount = UInt64(h)
    }

    /// `h` for the server: committed stanzas of this stream, mod 2^32 (XEP-0198 §4).
    ///
    /// Of a stream that is kept, no more than what is written down: a server takes back no acknowledgement,
    /// and would refuse to resume with less after a crash.
    public var h: UInt32 { UInt32(truncatingIfNeeded: tellable - base) }

    /// The number up to which the server may be told.
    private var tellable: UInt64 { isKept ? min(committedPrefix, base + writtenDown) : committedPrefix }

    /// How many of the server's stanzas of this stream are committed.
    public var committedCount: UInt64 { committedPrefix - base }

    /// What `committedCount` will be once these are committed too.
    public func committedCount(with numbers: [UInt64]) -> UInt64 {
        var prefix = committedPrefix
        let ahead = committedAhead.union(numbers)
        while ahead.contains(prefix + 1) { prefix += 1 }
        return prefix - base
    }

    /// How many stanzas of ours this stream has had so far: the next one has the number after it.
    public var sentCount: UInt64 { acknowledgedCount + UInt64(unacknowledged.count) }

    /// What `<resume/>` is to say; `nil` when there is nothing to resume.
    ///
    /// It is kept until `resumed`: stanzas may be committed while the new connection is being set up,
    /// but the server only learns of those before.
    public mutating func beginResumption() -> Resumption? {
        resumesAfter = tellable
        told = tellable
        return resumptionID.map { Resumption(id: $0, h: h) }
    }

    // MARK: Streams

    /// `<enabled/>` came: a new count begins.
    /// - Parameter id: for resumption; `nil` when the server does not offer it.
    public mutating func enabled(id: String?) {
        isEnabled = true
        resumptionID = id
        kept = nil
        acknowledgedCount = 0
        requestIsOpen = false
        beginCount()
    }

    private mutating func beginCount() {
        unacknowledged = []
        waitingTokens = 0
        base = highestGiven
        lastReceived = base
        committedPrefix = base
        resumesAfter = base
        committedAhead = []
        owesAcknowledgement = false
        told = base
        writtenDown = 0
    }

    /// `<resumed/>` came, as the answer to `beginResumption`.
    /// - Returns: tokens now confirmed, and what has to be sent again, in order.
    public mutating func resumed(h: UInt32) throws(StreamFailure) -> (confirmed: [Token], again: [[UInt8]]) {
        let confirmed = try acknowledged(h)
        requestIsOpen = false
        owesAcknowledgement = false
        // The server sends again what came behind the `h` of `<resume/>`: it gets the numbers it had.
        // They are not above `highestGiven`, so what comes for the first time gets a new one.
        lastReceived = resumesAfter
        return (confirmed, unacknowledged.map(\.bytes))
    }

    /// `<failed/>` came instead: the old stream is lost.
    /// - Parameter h: how many of ours the server had taken, if it still knows.
    /// - Returns: tokens settled by `h`, and those whose fate is unknown.
    ///   One that makes no sense settles nothing.
    public mutating func resumptionFailed(h: UInt32?) -> (confirmed: [Token], unsettled: [Token]) {
        var confirmed: [Token] = []
        if let h, let settled = try? acknowledged(h) { confirmed = settled }
        return (confirmed, abandon())
    }

    /// The stream is lost for good.
    /// - Returns: tokens whose fate is unknown.
    public mutating func abandon() -> [Token] {
        defer {
            unacknowledged = []
            waitingTokens = 0
        }
        resumptionID = nil
        kept = nil
        isEnabled = false
        return unacknowledged.compactMap(\.token)
    }

    // MARK: A stream of an earlier run

    /// Takes up a stream that this process has not seen: `beginResumption` offers it.
    public mutating func restore(_ stream: KeptStream) {
        enabled(id: stream.id)
        kept = stream
        acknowledgedCount = stream.acknowledged
        highestGiven = base + stream.committed
        lastReceived = highestGiven
        committedPrefix = highestGiven
        resumesAfter = highestGiven
        writtenDown = stream.committed
        told = highestGiven
    }

    /// Whether what is to be resumed is of an earlier run.
    public var isRestored: Bool { kept != nil }

    /// `<resumed/>` came for a stream of an earlier run. What the server has not taken is forgotten here:
    /// the owner sends it again, under new numbers.
    /// - Returns: how many of ours the server has taken.
    /// - Throws: `protocolViolation` when that cannot be (XEP-0198 §4).
    public mutating func restoredResumed(h: UInt32) throws(StreamFailure) -> UInt64 {
        guard let count = plausible(h) else { throw .protocolViolation(step: "stream management: impossible h") }
        kept = nil
        acknowledgedCount = count
        requestIsOpen = false
        lastReceived = resumesAfter
        return count
    }

    /// The stream of an earlier run is lost.
    /// - Returns: how many of ours the server had taken; `nil` when it does not say, or what cannot be.
    public mutating func restoredFailed(h: UInt32?) -> UInt64? {
        defer { _ = abandon() }
        return h.flatMap(plausible)
    }

    /// `h` of a restored stream as a number of stanzas, unless it goes back or claims more than can have left.
    private func plausible(_ h: UInt32) -> UInt64? {
        guard let kept else { return nil }
        let count = kept.acknowledged + UInt64(h &- UInt32(truncatingIfNeeded: kept.acknowledged))
        return count <= kept.ceiling ? count : nil
    }

    /// The stream goes on, and is not resumed once it breaks.
    public mutating func forgetResumption() { resumptionID = nil }

    // MARK: Ours

    /// A stanza goes out.
    public mutating func sent(_ bytes: [UInt8], token: Token?) {
        guard isEnabled else { return }
        unacknowledged.append(Outgoing(bytes: bytes, token: token))
        if token != nil { waitingTokens += 1 }
    }

    /// Whether to send `<r/>` now: something waits that somebody wants to hear about, or much that
    /// nobody does, and no request is open.
    public mutating func shouldRequest() -> Bool {
        guard isEnabled, !requestIsOpen, waitingTokens > 0 || unacknowledged.count >= Self.requestAfter else {
            return false
        }
        requestIsOpen = true
        return true
    }

    /// `<a/>` came.
    /// - Returns: the tokens it confirms, in the order sent.
    /// - Throws: `protocolViolation` when the server claims more than was sent (XEP-0198 §4).
    public mutating func acknowledged(_ h: UInt32) throws(StreamFailure) -> [Token] {
        requestIsOpen = false
        let count = Int(h &- UInt32(truncatingIfNeeded: acknowledgedCount))
        guard count <= unacknowledged.count else { throw .protocolViolation(step: "stream management: h too high") }
        let tokens = unacknowledged.prefix(count).compactMap(\.token)
        unacknowledged.removeFirst(count)
        waitingTokens -= tokens.count
        acknowledgedCount += UInt64(count)
        return tokens
    }

    // MARK: Theirs

    /// A stanza came.
    /// - Returns: its number, for `committed`.
    public mutating func received() -> UInt64 {
        lastReceived += 1
        highestGiven = max(highestGiven, lastReceived)
        return lastReceived
    }

    /// The owner has stored the stanza, or it needs no storing. Numbers of earlier streams are
    /// passed over.
    public mutating func committed(_ number: UInt64) {
        guard number > committedPrefix else { return }
        committedAhead.insert(number)
        while committedAhead.remove(committedPrefix + 1) != nil { committedPrefix += 1 }
    }

    /// `<r/>` came.
    /// - Returns: `h` for the answer.
    public mutating func answer() -> UInt32 {
        owesAcknowledgement = tellable < lastReceived
        told = tellable
        return h
    }

    /// So many committed stanzas of this stream are written down.
    public mutating func wroteDown(_ count: UInt64) { writtenDown = max(writtenDown, count) }

    /// After `committed` and `wroteDown`: whether an earlier answer was too low and more can be told now.
    public mutating func shouldAcknowledge() -> Bool {
        guard isEnabled, owesAcknowledgement else { return false }
        // What needs no storing is written down with the next message only, which may be long.
        guard tellable >= lastReceived || (isKept && tellable > told) else { return false }
        owesAcknowledgement = false
        return true
    }
}
