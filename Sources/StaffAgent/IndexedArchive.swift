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
                state: state.phase, items: state.table.items.count, read: state.counts.read,
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
                let indexed = IndexedItem(item, contact: text.contact, text: text.text, in: &state.arena)
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

    /// Whether something of a conversation is there.
    func holds(conversation: Int64) -> Bool {
        state.withLock { $0.table.items.contains { $0.conversation == conversation } }
    }

    /// Searches, newest first.
    func search(_ query: String, limit: Int) -> SearchAnswer {
        state.withLock { state in
            let found = state.search.search(query, limit: limit)
            let hits = found.ids.compactMap { id in state.table[id].map(state.hit) }
            return SearchAnswer(
                hits: hits, total: found.total, isComplete: [.complete, .interrupted].contains(state.phase))
        }
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
    mutating func remove(_ removal: IndexedArchive.Removal) {
        let gone = table.remove(where: removal.concerns)
        for item in gone { arena.overwrite(item.place) }
        search.remove(gone.map(\.position))
    }

    mutating func wipe() {
        search.wipe()
        arena.wipe()
        table.wipe()
    }

    func hit(_ item: IndexedItem) -> SearchHit {
        SearchHit(
            position: Int64(item.position), conversation: item.conversation, contact: item.contact,
            kind: SealedItem.Kind.allCases[Int(item.kind)], id: item.id, storedAt: item.storedAt,
            isOutgoing: item.isOutgoing, text: arena.text(at: item.place), isCut: item.isCut)
    }
}
