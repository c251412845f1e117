/// What it costs to take the vowels at one place of two words for each other.
struct VowelCosts {
    /// Where in the word.
    enum Place { case start, middle, end }

    let firstIsArabic: Bool
    let secondIsArabic: Bool
    /// How much the weaker of the words says.
    let strength: Int

    /// Whether one word is in Arabic letters and the other in Latin ones.
    var crossing: Bool { firstIsArabic != secondIsArabic }

    /// The cost, or `nil` if the vowels cannot stand for each other: one side may have more than the other,
    /// never each something of its own.
    func cost(_ one: ArraySlice<UInt8>, _ two: ArraySlice<UInt8>, _ place: Place) -> Int? {
        if one.isEmpty && two.isEmpty { return 0 }
        let inTwo = embed(one, arabic: firstIsArabic, in: two, arabic: secondIsArabic, place)
        let inOne = embed(two, arabic: secondIsArabic, in: one, arabic: firstIsArabic, place)
        guard let inTwo else { return inOne }
        return inOne.map { min($0, inTwo) } ?? inTwo
    }

    /// The cheapest way to find `small` in `large`, in order, leaving some of `large` out.
    private func embed(
        _ small: ArraySlice<UInt8>, arabic smallIsArabic: Bool, in large: ArraySlice<UInt8>,
        arabic largeIsArabic: Bool, _ place: Place
    ) -> Int? {
        guard small.count <= large.count else { return nil }
        let never = Int.max / 4
        // costs[k]: the first k signs of `small` are found so far.
        var costs = [Int](repeating: never, count: small.count + 1)
        costs[0] = 0
        for (position, sign) in large.enumerated() {
            let skipping = skip(sign, at: position, of: large, other: small, arabic: largeIsArabic, place) ?? never
            for found in stride(from: small.count, through: 0, by: -1) {
                let skipped = costs[found] + skipping
                var matched = never
                if found > 0, costs[found - 1] < never {
                    let other = small[small.startIndex + found - 1]
                    let last = found == small.count && position == large.count - 1
                    let arabicSign = smallIsArabic ? other : sign
                    let latinSign = smallIsArabic ? sign : other
                    let match =
                        crossing
                        ? Self.crossing(arabicSign, latinSign, place, isFirst: position == 0, isLast: last)
                        : Self.latin(sign, other)
                    if let match { matched = costs[found - 1] + match }
                }
                costs[found] = min(never, skipped, matched)
            }
        }
        let total = costs[small.count]
        guard total < never else { return nil }
        // One short vowel is easily left out, two are a different word.
        return total + (large.count - small.count > 1 ? 2 : 0)
    }

    /// The cost of leaving a sign out.
    private func skip(
        _ sign: UInt8, at position: Int, of gap: ArraySlice<UInt8>, other: ArraySlice<UInt8>, arabic: Bool,
        _ place: Place
    ) -> Int? {
        if sign == Sign.finalHah { return nil }
        if sign == Sign.silentH { return arabic ? nil : 0 }
        if !crossing {
            // "andi" for "3andi", "m3a" for "ma3a": one of ain and the vowel beside it is enough.
            let next = gap.dropFirst(position + 1).first
            if sign == Sign.ain, place == .start, position == 0, next != nil, !other.isEmpty { return 0 }
            if sign == Sign.a || sign == Sign.e, place == .end, next == Sign.ain, other.first == Sign.ain { return 0 }
            switch (place, sign) {
            case (.end, Sign.e): return 2
            case (.end, _), (.start, Sign.a), (.start, Sign.u): return nil
            case (_, Sign.w), (_, Sign.y): return 3
            // An o or u is left out of longer words only: "mhmd", but "flous" is not "fills".
            case (_, Sign.u): return strength > 3 ? 2 : 3
            default: return 2
            }
        }
        if arabic {
            if sign == Sign.a {
                if place == .start {
                    // "afak" is عافاك: the alef only lengthens the ain.
                    if position == 1, gap.first == Sign.ain { return 1 }
                    return position == 0 && gap.count > 1 ? 0 : 2
                }
                // The silent alef of plurals: كتبوا.
                if place == .end {
                    return position > 0 && gap[gap.startIndex + position - 1] == Sign.w ? 0 : nil
                }
            }
            return place == .end ? nil : 2
        }
        // A long a stands alone: "carrier" is not قرار.
        let beside = !other.isEmpty && other.allSatisfy { $0 == Sign.a } ? 2 : 0
        switch sign {
        case Sign.w, Sign.y, Sign.ain: return place == .end ? nil : 2
        case Sign.e where place == .end || (place == .start && position == 0): return 1
        case Sign.i where place == .start: return 1
        default: return place == .middle ? beside : (place == .start && position > 0 ? 0 : nil)
        }
    }

    /// The cost of an Arabic letter for a Latin one.
    private static func crossing(
        _ arabic: UInt8, _ latin: UInt8, _ place: Place, isFirst: Bool, isLast: Bool
    ) -> Int? {
        if arabic == latin { return 0 }
        switch arabic {
        case Sign.a:
            if latin == Sign.a || latin == Sign.ain { return 0 }
            // Alef at the start carries any vowel.
            if place == .start && isFirst && latin != Sign.silentH { return 0 }
            return latin == Sign.e ? 1 : nil
        case Sign.w: return latin == Sign.u ? 0 : nil
        case Sign.y:
            if latin == Sign.i || latin == Sign.e { return 0 }
            // ى and ي at the end are one letter after folding: "mostachfa".
            return place == .end && isLast && latin == Sign.a ? 0 : nil
        case Sign.ain:
            if latin == Sign.silentH || latin == Sign.finalHah { return nil }
            return [Sign.e, Sign.i, Sign.w, Sign.y].contains(latin) ? 1 : 0
        case Sign.silentH: return latin == Sign.a || latin == Sign.e ? 0 : nil
        case Sign.finalHah: return latin == Sign.silentH ? 0 : nil
        default: return nil
        }
    }

    /// The cost of one Latin vowel for another.
    private static func latin(_ one: UInt8, _ two: UInt8) -> Int? {
        if one == two { return 0 }
        switch (min(one, two), max(one, two)) {
        case (Sign.u, Sign.w), (Sign.i, Sign.y), (Sign.silentH, Sign.finalHah): return 0
        case (Sign.a, Sign.e), (Sign.e, Sign.i), (Sign.e, Sign.y): return 1
        case (Sign.a, Sign.ain), (Sign.ain, Sign.e), (Sign.ain, Sign.i), (Sign.ain, Sign.u): return 2
        default: return nil
        }
    }
}
