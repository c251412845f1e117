import StaffProtocol
import TextSearch
import Unsealing

/// What was read, counted.
struct ItemCounts: Sendable {
    var read = 0
    var closed = 0
    var erased = 0
    var damaged = 0
    var damagedPositions: [Int64] = []

    static let mostPositions = 100

    mutating func countDamaged(_ position: Int64) {
        damaged += 1
        if damagedPositions.count < Self.mostPositions { damagedPositions.append(position) }
    }

    mutating func add(_ other: ItemCounts) {
        read += other.read
        closed += other.closed
        erased += other.erased
        damaged += other.damaged
        damagedPositions = Array((damagedPositions + other.damagedPositions).sorted().prefix(Self.mostPositions))
    }
}

/// A finished part of the index, with the texts and what stands beside them.
struct ArchivePart: Sendable {
    var search: SearchIndexPart
    var items: [IndexedItem]
    var arena: TextArena
    var counts: ItemCounts
}

/// Opens and indexes the segments whose numbers are its share, on a core of its own.
actor ArchiveShard {
    private var reader: RecordReader
    private var builder = SearchIndexBuilder()
    private var items: [IndexedItem] = []
    private var arena = TextArena()
    private var counts = ItemCounts()

    init(opener: ArchiveOpener) { reader = RecordReader(opener: opener) }

    func beginStream() { reader.beginStream() }

    func take(_ frames: [ArchiveFrame]) {
        for frame in frames {
            switch frame {
            case .segment(let segment, let number): reader.take(segment, number: number)
            case .item(let item, let segment, _):
                guard let text = counts.text(of: item, segment: segment, reader) else { continue }
                guard let indexed = IndexedItem(item, text, in: &arena) else {
                    counts.countDamaged(item.position)
                    continue
                }
                builder.add(indexed.position, text.text)
                items.append(indexed)
            case .end: continue
            }
        }
    }

    /// Everything that was taken, finished; the shard is empty afterwards.
    func finish() -> ArchivePart {
        // Moved out rather than copied: a copy would double the memory, and nobody would overwrite it.
        var taken = SearchIndexBuilder()
        swap(&taken, &builder)
        let part = ArchivePart(search: taken.finish(), items: items, arena: arena, counts: counts)
        items = []
        arena = TextArena()
        counts = ItemCounts()
        reader.beginStream()
        return part
    }

    /// Overwrites the texts.
    func wipe() {
        arena.wipe()
        items = []
        reader.beginStream()
    }
}

extension ItemCounts {
    /// Reads an item, counts what became of it, and gives its text if it has one.
    mutating func text(
        of item: SealedItem, segment: UInt32, _ reader: RecordReader
    ) -> RecordText? {
        read += 1
        switch reader.read(item, segment: segment) {
        case .text(let text): return text
        case .nothing: return nil
        case .closed: closed += 1
        case .erased: erased += 1
        case .damaged: countDamaged(item.position)
        }
        return nil
    }
}

extension IndexedItem {
    /// Keeps the text in `arena`. `nil` when the position is not one that a deployment can reach
    /// (1 to 4,294,967,295).
    init?(_ item: SealedItem, _ text: RecordText, in arena: inout TextArena) {
        guard let position = UInt32(exactly: item.position), position > 0,
            let kind = SealedItem.Kind.allCases.firstIndex(of: item.kind)
        else { return nil }
        let kept = arena.add(text.text)
        self.init(
            position: position, kind: UInt8(kind), isOutgoing: text.isOutgoing, isCut: kept.isCut,
            isDoubtful: text.isDoubtful, place: kept.place, conversation: item.conversation, contact: text.contact,
            id: item.id, storedAt: text.at)
    }
}
