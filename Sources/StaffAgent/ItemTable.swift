import StaffProtocol

/// What stands beside the text of an indexed item, 56 bytes each.
struct IndexedItem: Sendable {
    /// The position: the id in the index. Rises with time.
    var position: UInt32
    var kind: UInt8
    var isOutgoing: Bool
    var isCut: Bool
    /// The bridge says otherwise than what was sealed.
    var isDoubtful: Bool
    var place: TextArena.Place
    var conversation: Int64
    var contact: Int64
    var id: Int64
    /// When it was written, as it was sealed.
    var storedAt: Milliseconds
}

/// Indexed items by position.
struct ItemTable: Sendable {
    /// Ascending positions, each once.
    private(set) var items: [IndexedItem] = []

    init() {}

    /// From items in any order; of several with one position the last stays.
    init(_ unsorted: [IndexedItem]) {
        items = unsorted
        let isSorted = !zip(items, items.dropFirst()).contains { $0.position >= $1.position }
        if isSorted { return }
        let order = items.indices.sorted { (items[$0].position, $0) < (items[$1].position, $1) }
        var sorted: [IndexedItem] = []
        sorted.reserveCapacity(items.count)
        for index in order {
            if sorted.last?.position == items[index].position { sorted.removeLast() }
            sorted.append(items[index])
        }
        items = sorted
    }

    subscript(position: UInt32) -> IndexedItem? {
        let index = place(of: position)
        return index < items.count && items[index].position == position ? items[index] : nil
    }

    /// Adds an item; returns the one it replaces.
    mutating func add(_ item: IndexedItem) -> IndexedItem? {
        guard let last = items.last, last.position >= item.position else {
            items.append(item)
            return nil
        }
        let index = place(of: item.position)
        if items[index].position == item.position {
            defer { items[index] = item }
            return items[index]
        }
        items.insert(item, at: index)
        return nil
    }

    /// Takes out all items for which `isGone` holds, and returns them.
    mutating func remove(where isGone: (IndexedItem) -> Bool) -> [IndexedItem] {
        let gone = items.filter(isGone)
        if !gone.isEmpty { items.removeAll(where: isGone) }
        return gone
    }

    mutating func wipe() {
        items.withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
        items = []
    }

    /// The first place whose position is not below this one.
    private func place(of position: UInt32) -> Int {
        var low = 0
        var high = items.count
        while low < high {
            let middle = (low + high) / 2
            if items[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
