import StaffProtocol
import Synchronization
import TextSearch

/// The searchable archive in memory: index, texts, and what stands beside them. Thread-safe.
///
/// It keeps the texts: the index holds the words of each message in their order anyway, the texts of
/// a million messages take about 100 MB, and a hit can be shown without asking the bridge for it.
final class IndexedArchive: Sendable {
    fileprivate struct State: Sendable {
        var search = SearchIndex()
        var table = ItemTable()
        var arena = TextArena()
        var counts = ItemCounts()
        var phase = IndexStatus.State.empty
        /// What was removed while the archive is read: it may come once more before the end.
        var removals: [Removal] = []
        /// Newer items are known to have come that were not taken yet.
        var isBehind = false
        /// Ended by the first search while it is behind.
        var urge: AsyncStream<Void>.Continuation?
    }

    /// Which items are to be forgotten.
    struct Removal: Sendable {
        var positions: Set<Int64> = []
        var conversations: Set<Int64> = []
        var contacts: Set<Int64> = []

        func concerns(_ item: IndexedItem) -> Bool {
            positions.contains(Int64(item.position)) || conversations.contains(item.conversation)
                || contacts.contains(item.contact)
        }
    }

    private let state = Mutex(State())

    var status: IndexStatus {
        state.withLock { state in
            IndexStatus(
                state: state.shown, items: state.table.items.count, read: state.counts.read,
                closed: state.counts.closed, erased: state.counts.erased, damaged: state.counts.damaged,
                damagedPositions: state.counts.damagedPositions,
                bytes: state.search.byteCount + state.arena.byteCount
                    + state.table.items.capacity * MemoryLayout<IndexedItem>.stride)
        }
    }

    /// The archive is being read from its beginning.
    func beginFilling() {
        state.withLock { state in
            state.phase = .filling
            state.removals = []
        }
    }

    func report(read: Int) { state.withLock { $0.counts.read = read } }

    /// The bridge cannot be reached, or can again.
    func setInterrupted(_ isInterrupted: Bool) {
        state.withLock { state in
            if isInterrupted, state.phase == .complete { state.phase = .interrupted }
            if !isInterrupted, state.phase == .interrupted { state.phase = .complete }
        }
    }

    /// Newer items are known to have come. Until `caughtUp` a search says that it is not complete.
    ///
    /// - Returns: a stream that ends as soon as somebody searches: whoever does wants what just came.
    func fallBehind() -> AsyncStream<Void> {
        let (stream, urge) = AsyncStream.makeStream(of: Void.self)
        let before = state.withLock { state in
            state.isBehind = true
            defer { state.urge = urge }
            return state.urge
        }
        before?.finish()
        return stream
    }

    /// Everything that is known to have come was taken.
    func caughtUp() {
        let urge = state.withLock { state in
            state.isBehind = false
            defer { state.urge = nil }
            return state.urge
        }
        urge?.finish()
    }

    /// Takes the parts of a whole archive in place of what was there.
    func finish(_ parts: consuming [ArchivePart]) {
        var fresh = State()
        var items: [IndexedItem] = []
        items.reserveCapacity(parts.reduce(0) { $0 + $1.items.count })
        let search = SearchIndex(parts.map(\.search))
        // Taken out one by one: texts that two hold would be copied when one of them overwrites them.
        while let part = parts.popLast() {
            let base = fresh.arena.take(part.arena)
            for var item in part.items {
                item.place.block += base
                items.append(item)
            }
            fresh.counts.add(part.counts)
        }
        fresh.table = ItemTable(items)
        fresh.search = search
        fresh.phase = .complete
        state.withLock { state in
            for removal in state.removals { fresh.remove(removal) }
            state.wipe()
            state = fresh
        }
    }

    /// Adds an item, found from now on.
    func add(_ item: SealedItem, segment: UInt32, _ reader: RecordReader) {
        state.withLock { state in
            guard let text = state.counts.text(of: item, segment: segment, reader) else { return }
            guard
                let indexed = IndexedItem(item, text, in: &state.arena)
            else { return state.counts.countDamaged(item.position) }
            if let replaced = state.table.add(indexed) { state.arena.overwrite(replaced.place) }
            state.search.add(indexed.position, text.text)
        }
    }

    /// Forgets items: neither their words nor their texts remain.
    func remove(_ removal: Removal) {
        state.withLock { state in
            if state.phase == .filling { state.removals.append(removal) }
            state.remove(removal)
        }
    }

    /// The conversations in which something was said last, newest first.
    func recentConversations(_ limit: Int) -> [Int64] {
        state.withLock { state in
            var seen: Set<Int64> = []
            var found: [Int64] = []
            for item in state.table.items.reversed() where found.count < limit {
                if seen.insert(item.conversation).inserted { found.append(item.conversation) }
            }
            return found
        }
    }

    /// Whether something of a conversation is there.
    func holds(conversation: Int64) -> Bool {
        state.withLock { $0.table.holds(conversation: conversation) }
    }

    /// Searches, those with every word as typed first, the newest of them first.
    func search(_ query: String, limit: Int) -> SearchAnswer {
        let (answer, urge) = state.withLock { state in
            let found = state.search.search(query, limit: limit)
            let hits = found.ids.compactMap { id in state.table[id].map { state.hit($0) } }
            let answer = SearchAnswer(
                hits: hits, total: found.total, isComplete: [.complete, .interrupted].contains(state.shown))
            return (answer, state.urge)
        }
        urge?.finish()
        return answer
    }

    /// Overwrites and forgets everything.
    func wipe() {
        state.withLock { state in
            state.wipe()
            state = State()
        }
    }
}

fileprivate extension IndexedArchive.State {
    /// As whoever asks is told.
    var shown: IndexStatus.State { phase == .complete && isBehind ? .behind : phase }

    mutating func remove(_ removal: IndexedArchive.Removal) {
        let gone = table.remove(where: removal.concerns)
        for item in gone { arena.overwrite(item.place) }
        search.remove(gone.map(\.position))
    }

    mutating func wipe() {
        urge?.finish()
        search.wipe()
        arena.wipe()
        table.wipe()
    }

    func hit(_ item: IndexedItem) -> SearchHit {
        SearchHit(
            position: Int64(item.position), conversation: item.conversation, contact: item.contact,
            kind: SealedItem.Kind.allCases[Int(item.kind)], id: item.id, storedAt: item.storedAt,
            isOutgoing: item.isOutgoing, text: arena.text(at: item.place), isCut: item.isCut,
            isDoubtful: item.isDoubtful || table.isMixed(conversation: item.conversation))
    }
}
