/// Whether two words are spellings of one: same consonants, vowels that differ only by what writers leave
/// out or exchange. Stricter the shorter the words.
struct SoundAgreement {
    private let one: [UInt8]
    private let two: [UInt8]
    private let costs: VowelCosts
    private let budget: Int
    /// Whether a consonant may stand twice.
    private let mayDouble: Bool

    /// Compares `one`, the word searched, with `two`, a word found.
    ///
    /// - Parameter isPrefix: `one` (an open form) may be the start of `two`.
    /// - Returns: False also for two words in Arabic letters: they are compared by spelling alone.
    static func holds(_ one: SoundForm, _ two: SoundForm, isPrefix: Bool) -> Bool {
        if one.isArabic && two.isArabic { return false }
        guard isPrefix ? two.key.starts(with: one.key) : two.key == one.key else { return false }
        let crossing = one.isArabic != two.isArabic
        let strength = min(one.strength, two.strength)
        let budget = budget(one, two, strength, crossing: crossing)
        guard let budget else { return false }
        return SoundAgreement(
            one: one.elements, two: two.elements,
            costs: VowelCosts(firstIsArabic: one.isArabic, secondIsArabic: two.isArabic, strength: strength),
            budget: budget, mayDouble: strength > 2
        ).fits(isPrefix: isPrefix)
    }

    /// What the differences may cost; `nil` if words like these are never compared by sound.
    private static func budget(_ one: SoundForm, _ two: SoundForm, _ strength: Int, crossing: Bool) -> Int? {
        // A Latin word that may well be European must agree almost wholly.
        if !one.looksDarija && !two.looksDarija {
            if !crossing { return strength <= 2 ? 0 : 1 }
            let arabic = one.isArabic ? one : two
            // "kill" is not كل.
            return strength <= 2 && !arabic.elements.contains(where: Sign.isWeak) ? nil : 0
        }
        switch strength {
        // "wech" for "wach", but not "9ell" for "9al".
        case ...2: return (one.isFrequent || one.isArabic) && (two.isFrequent || two.isArabic) ? 1 : 0
        case 3: return crossing ? 2 : 4
        default: return crossing ? 4 : 6
        }
    }

    /// Fills the table of cheapest alignments of the first i consonants of one with the first j of two.
    private func fits(isPrefix: Bool) -> Bool {
        let first = Consonants(one)
        let second = Consonants(two)
        let width = second.count + 1
        let never = Int.max / 4
        var table = [Int](repeating: never, count: (first.count + 1) * width)
        table[0] = 0
        for i in 0...first.count {
            for j in 0...second.count {
                let cost = table[i * width + j]
                guard cost <= budget else { continue }
                if i < first.count, j < second.count, Sign.agree(first[i], second[j], crossing: costs.crossing),
                    let gap = costs.cost(first.gap(i), second.gap(j), i == 0 && j == 0 ? .start : .middle)
                {
                    table[(i + 1) * width + j + 1] = min(table[(i + 1) * width + j + 1], cost + gap)
                }
                // "mmtaz" for "momtaz": a consonant that stands twice, at the start. "hbib" is not "hab".
                if mayDouble, i == 1, i < first.count, first[i] == first[i - 1], first.gap(i).count <= 1 {
                    table[(i + 1) * width + j] = min(table[(i + 1) * width + j], cost + 1)
                }
                if mayDouble, j == 1, j < second.count, second[j] == second[j - 1], second.gap(j).count <= 1 {
                    table[i * width + j + 1] = min(table[i * width + j + 1], cost + 1)
                }
            }
        }
        if isPrefix {
            return (0...second.count).contains { j in
                let cost = table[first.count * width + j]
                return cost <= budget && tailFits(first.gap(first.count), second.gap(j), cost)
            }
        }
        let cost = table[first.count * width + second.count]
        guard cost <= budget, let end = costs.cost(first.gap(first.count), second.gap(second.count), .end) else {
            return false
        }
        return cost + end <= budget
    }

    /// The vowels typed last must begin what follows in the other word.
    private func tailFits(_ tail: ArraySlice<UInt8>, _ gap: ArraySlice<UInt8>, _ cost: Int) -> Bool {
        if tail.isEmpty { return true }
        return (0...gap.count).contains { length in
            guard let more = costs.cost(tail, gap.prefix(length), .middle) else { return false }
            return cost + more <= budget
        }
    }
}

/// The consonants of a sound form and the vowels between them.
private struct Consonants {
    private let elements: [UInt8]
    private let places: [Int]

    init(_ elements: [UInt8]) {
        self.elements = elements
        places = elements.indices.filter { !Sign.isWeak(elements[$0]) }
    }

    var count: Int { places.count }

    subscript(index: Int) -> UInt8 { elements[places[index]] }

    /// The vowels before consonant `index`, or at the end.
    func gap(_ index: Int) -> ArraySlice<UInt8> {
        let start = index == 0 ? 0 : places[index - 1] + 1
        return elements[start..<(index < places.count ? places[index] : elements.count)]
    }
}
