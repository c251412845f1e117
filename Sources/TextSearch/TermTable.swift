/// The different words of a segment, numbered in order of first appearance, so that common words have small
/// numbers.
struct TermTable: Sendable {
    /// All words, one after another.
    private(set) var bytes: [UInt8] = []
    /// Where each word starts in `bytes`, and the end of the last.
    private(set) var starts: [Int] = [0]
    private var slots: [UInt32] = []
    /// Hash values differ from run to run, so that nobody can write words that all collide.
    private let seed = UInt64.random(in: .min ... .max)

    private static let free = UInt32.max

    var count: Int { starts.count - 1 }

    subscript(term: UInt32) -> ArraySlice<UInt8> { bytes[starts[Int(term)]..<starts[Int(term) + 1]] }

    /// The number of a word; a new one if it was not there yet.
    mutating func number(of word: some RandomAccessCollection<UInt8>) -> UInt32 {
        if (count + 1) * 2 > slots.count { grow() }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash(word)) & mask
        while slots[slot] != Self.free {
            let term = slots[slot]
            let start = starts[Int(term)]
            if starts[Int(term) + 1] - start == word.count, equal(word, at: start) { return term }
            slot = (slot + 1) & mask
        }
        let term = UInt32(count)
        slots[slot] = term
        bytes.append(contentsOf: word)
        starts.append(bytes.count)
        return term
    }

    /// Gives the lookup table back when no more words are added.
    mutating func freeze() { slots = [] }

    /// Memory held, in bytes.
    var byteCount: Int { bytes.capacity + starts.capacity * 8 + slots.capacity * 4 }

    /// Overwrites the words.
    mutating func overwrite() {
        bytes.withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
    }

    @inline(__always)
    private func equal(_ word: some RandomAccessCollection<UInt8>, at start: Int) -> Bool {
        var position = start
        for byte in word {
            if bytes[position] != byte { return false }
            position += 1
        }
        return true
    }

    @inline(__always)
    private func hash(_ word: some RandomAccessCollection<UInt8>) -> UInt64 {
        var state = seed
        for byte in word {
            state = (state ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15
            state ^= state >> 29
        }
        return state ^ state >> 32
    }

    private mutating func grow() {
        slots = [UInt32](repeating: Self.free, count: max(64, slots.count * 2))
        let mask = slots.count - 1
        for term in 0..<count {
            var slot = Int(truncatingIfNeeded: hash(bytes[starts[term]..<starts[term + 1]])) & mask
            while slots[slot] != Self.free { slot = (slot + 1) & mask }
            slots[slot] = UInt32(term)
        }
    }
}
