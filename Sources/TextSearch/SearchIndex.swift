import Synchronization

/// What a search found.
public struct SearchResult: Sendable, Equatable {
    /// Ids of messages, in the order asked for, at most as many as asked for.
    public let ids: [UInt32]
    /// How many messages were found in all.
    public let total: Int
}

/// Full-text search over opened messages, in memory only.
///
/// May be used from several threads at once: a search takes a snapshot and does not hold up additions. The
/// index holds the words of the messages, in the order of each message, but not their texts. Ids are numbers of
/// the caller's: a newer message must have a greater id.
public final class SearchIndex: Sendable {
    private let state: Mutex<IndexState>

    /// An index of the parts that builders finished; if one id is in several, the later part counts.
    public init(_ parts: [SearchIndexPart] = []) {
        state = Mutex(IndexState(parts.map(\.segment)))
    }

    /// The number of messages.
    public var count: Int { state.withLock { $0.count } }

    /// Memory held, in bytes.
    public var byteCount: Int { state.withLock { $0.byteCount } }

    /// All segments, for tests that look at what is held.
    var segments: [Segment] { state.withLock { $0.snapshot().map(\.segment) } }

    /// Adds a message, found from now on. If the id is there already, the text replaces the earlier one, which is
    /// no longer found; use `remove` first to have its words forgotten too.
    public func add(_ id: UInt32, _ text: String) { state.withLock { $0.add(id, text) } }

    /// Forgets messages: their words are gone from the index, also from its dictionary. Unknown ids are ignored.
    ///
    /// Takes some hundred milliseconds in a large index, as the parts concerned are written anew: give all ids of
    /// an erasure at once.
    public func remove(_ ids: some Sequence<UInt32>) {
        let ids = Set(ids)
        if !ids.isEmpty { state.withLock { $0.remove(ids) } }
    }

    /// Forgets everything. The words, and the messages as numbers of words, are overwritten, at the latest when
    /// searches under way end; memory that the index gave back earlier, while it grew, is not.
    public func wipe() { state.withLock { $0.wipe() } }

    /// Finds the messages in which all words of a query occur. Those that have every word in the spelling that was
    /// typed come before those that have another (`chikaya` for `chkaya`).
    ///
    /// Words are compared as `SearchFolding` folds them, Darija in Arabic and Latin letters by sound. The last word
    /// counts as the beginning of a word unless something stands behind it. Words in quotation marks must stand next to
    /// each other in order, and so must the parts of "3/11". A query without a word finds nothing. Words beyond the
    /// 64th are not looked at.
    ///
    /// - Parameters:
    ///   - limit: The most ids to return; none if it is 0 or less, `total` is right all the same.
    ///   - newestFirst: Greatest ids first, or smallest first, in both groups.
    public func search(_ query: String, limit: Int, newestFirst: Bool = true) -> SearchResult {
        let query = SearchQuery(query)
        guard !query.clauses.isEmpty else { return SearchResult(ids: [], total: 0) }
        var total = 0
        var asTyped: [UInt32] = []
        var others: [UInt32] = []
        for part in state.withLock({ $0.snapshot() }) {
            var found = part.segment.documents(query)
            if let hidden = part.hidden {
                found.documents.subtract(hidden)
                found.asTyped.subtract(hidden)
            }
            total += found.documents.count
            guard limit > 0 else { continue }
            found.documents.subtract(found.asTyped)
            asTyped += part.segment.ids(of: found.asTyped, limit: limit, newestFirst: newestFirst)
            others += part.segment.ids(of: found.documents, limit: limit, newestFirst: newestFirst)
        }
        let isBefore: (UInt32, UInt32) -> Bool = newestFirst ? { $0 > $1 } : { $0 < $1 }
        asTyped.sort(by: isBefore)
        others.sort(by: isBefore)
        return SearchResult(ids: Array((asTyped + others).prefix(max(0, limit))), total: total)
    }
}
