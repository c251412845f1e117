/// The words of a segment by the keys of their sounds.
struct SoundTable: Sendable {
    private var keys: [UInt8]
    private let keyStarts: [Int]
    /// The words of key n stand from `groupStarts[n]` to `groupStarts[n + 1]`.
    private let groupStarts: [Int]
    private let terms: [UInt32]
    /// Numbers of the keys in alphabetical order.
    private let sortedKeys: [UInt32]

    /// Collects words and keys.
    struct Builder {
        private var keys = TermTable()
        private var entries: [(key: UInt32, term: UInt32)] = []

        mutating func add(_ term: UInt32, key: [UInt8]) {
            let entry = (key: keys.number(of: key), term: term)
            if let last = entries.last, last == entry { return }
            entries.append(entry)
        }

        consuming func finish() -> SoundTable { SoundTable(keys: keys, entries: entries) }
    }

    private init(keys: TermTable, entries: [(key: UInt32, term: UInt32)]) {
        self.keys = keys.bytes
        keyStarts = keys.starts
        var places = [Int](repeating: 0, count: keys.count + 1)
        for entry in entries { places[Int(entry.key) + 1] += 1 }
        for key in 0..<keys.count { places[key + 1] += places[key] }
        groupStarts = places
        var terms = [UInt32](repeating: 0, count: entries.count)
        for entry in entries {
            terms[places[Int(entry.key)]] = entry.term
            places[Int(entry.key)] += 1
        }
        self.terms = terms
        sortedKeys = (0..<UInt32(keys.count)).sorted { ByteOrder.isLess(keys[$0], keys[$1]) }
    }

    /// Memory held, in bytes.
    var byteCount: Int {
        keys.capacity + (keyStarts.capacity + groupStarts.capacity) * 8 + (terms.capacity + sortedKeys.capacity) * 4
    }

    mutating func overwrite() {
        keys.withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
    }

    /// The words whose sound has the key, or begins with it.
    func forEachTerm(key: [UInt8], isPrefix: Bool, _ body: (UInt32) -> Void) {
        var low = 0
        var high = sortedKeys.count
        while low < high {
            let middle = (low + high) / 2
            if ByteOrder.isLess(word(sortedKeys[middle]), key[...]) { low = middle + 1 } else { high = middle }
        }
        while low < sortedKeys.count {
            let number = sortedKeys[low]
            let found = word(number)
            guard isPrefix ? found.starts(with: key) : found == key[...] else { return }
            for index in groupStarts[Int(number)]..<groupStarts[Int(number) + 1] { body(terms[index]) }
            low += 1
        }
    }

    private func word(_ number: UInt32) -> ArraySlice<UInt8> {
        keys[keyStarts[Int(number)]..<keyStarts[Int(number) + 1]]
    }
}
