/// The texts of opened items, one after another in large blocks: little more memory than the texts
/// themselves, and all of it can be overwritten.
struct TextArena: Sendable {
    /// Where a text stands.
    struct Place: Sendable {
        var block: UInt32
        var offset: UInt32
        var length: UInt32
    }

    /// Bytes of a text that are kept at most; the rest is found by a search, but not shown with it.
    static let textLimit = 16_384
    private static let blockSize = 1 << 20

    /// Never grown beyond what was reserved: growing would leave a copy behind that nobody overwrites.
    private var blocks: [[UInt8]] = []

    /// Keeps a text, or its beginning.
    mutating func add(_ text: String) -> (place: Place, isCut: Bool) {
        var text = text
        return text.withUTF8 { utf8 in
            var length = utf8.count
            if length > Self.textLimit {
                length = Self.textLimit
                // Not in the middle of a character's bytes.
                while length > 0, utf8[length] & 0xc0 == 0x80 { length -= 1 }
            }
            if blocks.last.map({ $0.count + length > Self.blockSize }) ?? true {
                var block: [UInt8] = []
                block.reserveCapacity(Self.blockSize)
                blocks.append(block)
            }
            let last = blocks.count - 1
            let offset = blocks[last].count
            blocks[last].append(contentsOf: utf8.prefix(length))
            return (
                Place(block: UInt32(last), offset: UInt32(offset), length: UInt32(length)), length < utf8.count
            )
        }
    }

    /// Takes the blocks of another arena. Returns what is to be added to the block of its places.
    mutating func take(_ other: TextArena) -> UInt32 {
        let base = UInt32(blocks.count)
        blocks.append(contentsOf: other.blocks)
        return base
    }

    func text(at place: Place) -> String {
        let block = blocks[Int(place.block)]
        let start = Int(place.offset)
        return String(decoding: block[start..<start + Int(place.length)], as: UTF8.self)
    }

    /// Overwrites a text.
    mutating func overwrite(_ place: Place) {
        let start = Int(place.offset)
        blocks[Int(place.block)].overwrite(start..<start + Int(place.length))
    }

    /// Overwrites everything.
    mutating func wipe() {
        for index in blocks.indices { blocks[index].wipe() }
        blocks = []
    }

    /// Bytes of memory held.
    var byteCount: Int { blocks.reduce(0) { $0 + $1.capacity } }
}
