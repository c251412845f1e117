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
    /// Whose each conversation is. Kept: a search asks, and going through a million items takes it 20 ms.
    private var owners = ConversationOwners()

    init() {}

    /// From items in any order; of several with one position the last stays.
    init(_ unsorted: [IndexedItem]) {
        items = unsorted
        let isSorted = !zip(items, items.dropFirst()).contains { $0.position >= $1.position }
        defer { owners = ConversationOwners(items) }
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

    /// Whether something of a conversation is there.
    func holds(conversation: Int64) -> Bool { owners.holds(conversation) }

    /// Whether things of several contacts stand in a conversation.
    func isMixed(conversation: Int64) -> Bool { owners.isMixed(conversation) }

    subscript(position: UInt32) -> IndexedItem? {
        let index = place(of: position)
        return index < items.count && items[index].position == position ? items[index] : nil
    }

    /// Adds an item; returns the one it replaces.
    mutating func add(_ item: IndexedItem) -> IndexedItem? {
        guard let last = items.last, last.position >= item.position else {
            items.append(item)
            owners.add(item)
            return nil
        }
        let index = place(of: item.position)
        if items[index].position == item.position {
            let replaced = items[index]
            items[index] = item
            if replaced.conversation == item.conversation, replaced.contact == item.contact { return replaced }
            owners = ConversationOwners(items)
            return replaced
        }
        items.insert(item, at: index)
        owners.add(item)
        return nil
    }

    /// Takes out all items for which `isGone` holds, and returns them.
    mutating func remove(where isGone: (IndexedItem) -> Bool) -> [IndexedItem] {
        let gone = items.filter(isGone)
        if gone.isEmpty { return gone }
        items.removeAll(where: isGone)
        owners = ConversationOwners(items)
        return gone
    }

    mutating func wipe() {
        items.withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
        items = []
        owners = ConversationOwners()
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

/// The contact of each conversation, and the conversations in which things of several stand.
private struct ConversationOwners: Sendable {
    private var contacts: [Int64: Int64] = [:]
    private var mixed: Set<Int64> = []

    init(_ items: [IndexedItem] = []) {
        for item in items { add(item) }
    }

    mutating func add(_ item: IndexedItem) {
        if contacts.updateValue(item.contact, forKey: item.conversation) ?? item.contact != item.contact {
            mixed.insert(item.conversation)
        }
    }

    func holds(_ conversation: Int64) -> Bool { contacts[conversation] != nil }

    func isMixed(_ conversation: Int64) -> Bool { mixed.contains(conversation) }
}
