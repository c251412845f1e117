/// Which features are taken from a text.
struct FeatureOptions: Sendable, Equatable {
    /// Lengths of character n-grams, over words and the spaces between them.
    var characters = 2...4
    var wordBigrams = true
    var skeletons = true
    var stems = true
    /// How much each block counts: words, characters, skeletons, stems. A block is scaled to
    /// this length whatever the length of the text.
    var weights: [Float] = [0.5, 1, 0.5, 0.4]
    /// Examples a character n-gram must occur in to be kept.
    var minimumCharacterCount = 1

    static let topics = FeatureOptions()
    static let varieties = FeatureOptions(
        characters: 1...4, wordBigrams: false, skeletons: false, stems: false, weights: [1, 1, 0, 0])
}

/// The features of a text as hashed keys, a list for each block, repeated as often as they occur.
struct RawFeatures: Sendable {
    static let blocks = 4
    var keys: [[UInt32]] = Array(repeating: [], count: RawFeatures.blocks)

    /// Takes the features of `text`. `skeleton` says whether the shared skeleton of Arabic
    /// script and Latin-script Darija makes sense for it.
    init(_ text: FoldedText, options: FeatureOptions, skeleton: Bool) {
        takeWords(text, bigrams: options.wordBigrams)
        takeCharacters(text.scalars, lengths: options.characters, block: 1, seed: 2)
        if options.skeletons && skeleton { takeSkeletons(text) }
        if options.stems { takeStems(text) }
    }

    private mutating func takeWords(_ text: FoldedText, bigrams: Bool) {
        var previous: UInt64 = 0
        keys[0].reserveCapacity(text.words.count * 2)
        for word in text.words {
            let hash = Self.hash(text.scalars[word], seed: 1)
            keys[0].append(Self.finish(hash))
            if bigrams && previous != 0 { keys[0].append(Self.finish(Self.combine(previous, hash))) }
            previous = hash
        }
    }

    private mutating func takeCharacters(_ scalars: [UInt32], lengths: ClosedRange<Int>, block: Int, seed: UInt64) {
        keys[block].reserveCapacity(keys[block].count + scalars.count * lengths.count)
        for start in scalars.indices {
            var hash = Self.start(seed)
            let end = min(start + lengths.upperBound, scalars.count)
            for index in start..<end {
                hash = Self.step(hash, scalars[index])
                if index - start + 1 >= lengths.lowerBound { keys[block].append(Self.finish(hash)) }
            }
        }
    }

    private mutating func takeSkeletons(_ text: FoldedText) {
        var skeleton: [UInt32] = [0x20]
        var previous: UInt64 = 0
        for word in text.words {
            let start = skeleton.count
            Skeleton.append(text.scalars[word], to: &skeleton)
            guard skeleton.count > start else { continue }
            let hash = Self.hash(skeleton[start...], seed: 3)
            keys[2].append(Self.finish(hash))
            // The article is written or left out: both forms count.
            if skeleton.count > start + 2 && skeleton[start] == 0x6C {
                keys[2].append(Self.finish(Self.hash(skeleton[(start + 1)...], seed: 3)))
            }
            if previous != 0 { keys[2].append(Self.finish(Self.combine(previous, hash))) }
            previous = hash
            skeleton.append(0x20)
        }
        takeCharacters(skeleton, lengths: 2...4, block: 2, seed: 4)
    }

    private mutating func takeStems(_ text: FoldedText) {
        var previous: UInt64 = 0
        for word in text.words {
            let hash = Self.hash(text.scalars[Stem.range(of: text.scalars[word])], seed: 5)
            keys[3].append(Self.finish(hash))
            if previous != 0 { keys[3].append(Self.finish(Self.combine(previous, hash))) }
            previous = hash
        }
    }

    // FNV-1a over scalars, with a final mix because the upper half becomes the key.
    @inline(__always)
    private static func start(_ seed: UInt64) -> UInt64 { 0xCBF2_9CE4_8422_2325 ^ (seed &* 0x9E37_79B9_7F4A_7C15) }
    @inline(__always)
    private static func step(_ hash: UInt64, _ scalar: UInt32) -> UInt64 { (hash ^ UInt64(scalar)) &* 0x100_0000_01B3 }
    @inline(__always)
    private static func finish(_ hash: UInt64) -> UInt32 {
        var mixed = hash ^ (hash >> 32)
        mixed = mixed &* 0xD6E8_FEB8_6659_FD93
        return UInt32(truncatingIfNeeded: mixed >> 32)
    }
    @inline(__always)
    private static func combine(_ first: UInt64, _ second: UInt64) -> UInt64 {
        ((first << 7) ^ (first >> 57)) &* 0x9E37_79B9_7F4A_7C15 ^ second
    }
    private static func hash(_ scalars: ArraySlice<UInt32>, seed: UInt64) -> UInt64 {
        scalars.reduce(start(seed), step)
    }
}
