/// A text as the classifier sees it.
struct FeatureVector: Sendable {
    var indices: [Int32] = []
    var values: [Float] = []
    /// The share, 0 to 1, of the text's word features that occur in the examples at all.
    var knownWords: Float = 0
    /// The same for character n-grams.
    var knownCharacters: Float = 0

    /// The squared length.
    var squared: Float { values.reduce(0) { $0 + $1 * $1 } }
}

/// The features that occur in the examples, each with its weight (inverse document frequency).
struct FeatureSpace: Sendable {
    let options: FeatureOptions
    /// Keys by index; the blocks stand one after the other.
    private(set) var keys: [UInt32] = []
    private(set) var frequencies: [Float] = []
    /// `blockStart[b]..<blockStart[b + 1]` are the indices of block `b`.
    private(set) var blockStart: [Int] = []
    /// Open addressing: the index of a key plus one, zero for an empty slot.
    private var slots: [UInt32] = []
    private var mask: UInt32 = 0
    private let unknownFrequency: Float

    var count: Int { keys.count }

    /// Takes all features of the examples.
    init(_ examples: [RawFeatures], options: FeatureOptions) {
        self.options = options
        let total = Float(examples.count)
        unknownFrequency = FloatMath.logarithm(1 + total) + 1
        for block in 0..<RawFeatures.blocks {
            blockStart.append(keys.count)
            var occurrences: [UInt32] = []
            for example in examples {
                var sorted = example.keys[block]
                sorted.sort()
                var previous: UInt32?
                for key in sorted where key != previous {
                    occurrences.append(key)
                    previous = key
                }
            }
            occurrences.sort()
            let minimum = block == 1 ? options.minimumCharacterCount : 1
            var index = 0
            while index < occurrences.count {
                var end = index
                while end < occurrences.count && occurrences[end] == occurrences[index] { end += 1 }
                if end - index >= minimum {
                    keys.append(occurrences[index])
                    frequencies.append(FloatMath.logarithm((1 + total) / (1 + Float(end - index))) + 1)
                }
                index = end
            }
        }
        blockStart.append(keys.count)
        buildSlots()
    }

    func write(to writer: inout ModelWriter) {
        writer.add(keys)
        writer.add(frequencies)
        writer.add(blockStart)
        writer.add(unknownFrequency)
    }

    init(from reader: inout ModelReader, options: FeatureOptions) throws(ModelReader.Unreadable) {
        self.options = options
        keys = try reader.values()
        frequencies = try reader.values()
        blockStart = try reader.values()
        unknownFrequency = try reader.value()
        guard frequencies.count == keys.count, blockStart.count == RawFeatures.blocks + 1, blockStart.first == 0,
            blockStart.last == keys.count, zip(blockStart, blockStart.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw ModelReader.Unreadable() }
        buildSlots()
    }

    private mutating func buildSlots() {
        var size = 16
        while size < keys.count * 2 { size *= 2 }
        mask = UInt32(size - 1)
        slots = Array(repeating: 0, count: size)
        let mask = Int(mask)
        keys.withUnsafeBufferPointer { keys in
            slots.withUnsafeMutableBufferPointer { slots in
                for (index, key) in keys.enumerated() {
                    var slot = Int(key) & mask
                    while slots[slot] != 0 { slot = (slot + 1) & mask }
                    slots[slot] = UInt32(index + 1)
                }
            }
        }
    }

    @inline(__always)
    private func find(_ key: UInt32, in range: Range<Int>) -> Int? {
        var slot = Int(key & mask)
        while true {
            let entry = Int(slots[slot])
            if entry == 0 { return nil }
            if keys[entry - 1] == key && range.contains(entry - 1) { return entry - 1 }
            slot = (slot + 1) & Int(mask)
        }
    }

    /// The weighted, scaled features of a text: TF-IDF with sublinear counts, each block scaled
    /// to its weight.
    func vector(_ raw: RawFeatures) -> FeatureVector {
        var result = FeatureVector()
        for block in 0..<RawFeatures.blocks where !raw.keys[block].isEmpty {
            let range = blockStart[block]..<blockStart[block + 1]
            var found: [Int32] = []
            found.reserveCapacity(raw.keys[block].count)
            var unknown: Float = 0
            for key in raw.keys[block] {
                if let index = find(key, in: range) { found.append(Int32(index)) } else { unknown += 1 }
            }
            found.sort()
            let first = result.indices.count
            var squared: Float = 0
            var index = 0
            while index < found.count {
                var end = index
                while end < found.count && found[end] == found[index] { end += 1 }
                let value = (1 + FloatMath.logarithm(Float(end - index))) * frequencies[Int(found[index])]
                result.indices.append(found[index])
                result.values.append(value)
                squared += value * value
                index = end
            }
            let total = squared + unknown * unknownFrequency * unknownFrequency
            if block == 0 && total > 0 { result.knownWords = squared / total }
            if block == 1 && total > 0 { result.knownCharacters = squared / total }
            guard squared > 0 else { continue }
            let scale = options.weights[block] / squared.squareRoot()
            for index in first..<result.values.count { result.values[index] *= scale }
        }
        return result
    }
}
