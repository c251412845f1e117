/// A set of small numbers.
struct Bitset: Sendable {
    private(set) var words: [UInt64]

    /// An empty set that can hold the numbers below `capacity`.
    init(capacity: Int) { words = [UInt64](repeating: 0, count: (capacity + 63) / 64) }

    @inline(__always)
    func contains(_ number: UInt32) -> Bool {
        words[Int(number >> 6)] & (1 << UInt64(number & 63)) != 0
    }

    @inline(__always)
    mutating func insert(_ number: UInt32) { words[Int(number >> 6)] |= 1 << UInt64(number & 63) }

    @inline(__always)
    mutating func remove(_ number: UInt32) { words[Int(number >> 6)] &= ~(1 << UInt64(number & 63)) }

    mutating func formIntersection(_ other: Bitset) {
        for index in words.indices { words[index] &= other.words[index] }
    }

    mutating func subtract(_ other: Bitset) {
        for index in words.indices { words[index] &= ~other.words[index] }
    }

    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// The numbers in the set, smallest first. `body` returns false to stop.
    func forEach(_ body: (UInt32) -> Bool) {
        for index in words.indices {
            var rest = words[index]
            while rest != 0 {
                guard body(UInt32(index * 64 + rest.trailingZeroBitCount)) else { return }
                rest &= rest - 1
            }
        }
    }

    /// The numbers in the set, largest first. `body` returns false to stop.
    func forEachDescending(_ body: (UInt32) -> Bool) {
        for index in words.indices.reversed() {
            var rest = words[index]
            while rest != 0 {
                let bit = 63 - rest.leadingZeroBitCount
                guard body(UInt32(index * 64 + bit)) else { return }
                rest &= ~(1 << UInt64(bit))
            }
        }
    }
}
