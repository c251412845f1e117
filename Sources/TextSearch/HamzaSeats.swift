/// Other spellings of a word of a query that has a hamza: its seat follows rules that few writers know, and that differ
/// between Egypt and the Maghreb (مسؤول, مسئول; هيئة, هيأة).
///
/// The index folds ؤ to و and ئ to ي, as people leave the hamza out. So a query asks for all the seats; the index holds
/// nothing more for it.
enum HamzaSeats {
    /// Spellings of `word`, as it was typed, beside itself. None for words without a hamza or a doubled و.
    ///
    /// - Parameter isPrefix: The word may go on: what follows its last letter is not known.
    static func others(of word: Substring.UnicodeScalarView, isPrefix: Bool) -> [String] {
        let letters = bare(word)
        // A hostile "word" of hamzas must not be multiplied out.
        guard letters.count >= 2, letters.count <= 24 else { return [] }
        var spellings: [[UInt32]] = hundreds(letters).map { [letters, $0] } ?? [letters]
        let stem = stemStart(letters)
        for index in letters.indices.reversed() where index > 0 {
            var seats = seats(in: letters, at: index, stem: stem)
            if isPrefix, index == letters.count - 1, index - stem >= 2,
                letters[index] == onWaw || letters[index] == onYeh
            {
                seats = [[onWaw], [onYeh]]
            }
            guard !seats.isEmpty, spellings.count * seats.count <= most else { continue }
            // From the back, so that the places before have not moved.
            spellings = spellings.flatMap { spelling in
                guard index < spelling.count, spelling[...index] == letters[...index] else { return [spelling] }
                return seats.map { spelling[..<index] + $0 + spelling[(index + 1)...] }
            }
        }
        return spellings.filter { $0 != letters }.map { spelling in
            var text = String.UnicodeScalarView()
            text.append(contentsOf: spelling.compactMap(Unicode.Scalar.init))
            return String(text)
        }
    }

    private static let most = 12

    /// What may stand for the letter at `index`, itself among them; empty if it stays.
    private static func seats(in letters: [UInt32], at index: Int, stem: Int) -> [[UInt32]] {
        let letter = letters[index]
        let before = letters[index - 1]
        let rest = letters[(index + 1)...]
        guard let after = rest.first else { return [] }
        let isHamza = letter == alone || letter == onWaw || letter == onYeh
        switch after {
        case waw where isHamza: return [[onWaw], [onYeh], []]
        // Typed without hamza; the shorter one is "داود".
        case waw where letter == waw && index > stem && letters.count > 3: return [[waw], [onYeh], []]
        case yeh where isHamza: return [[letter], [onYeh], []]
        case ta where letter == onAlef || isHamza:
            if before == alef { return [[onYeh], [onAlef], []] }
            // "الرئة" stays: without its hamza it were "راه".
            return index - stem >= 2 ? [[onYeh], [onAlef]] : []
        default: break
        }
        if isHamza, before == alef, suffixes.contains(Array(rest)) { return [[onWaw], [onYeh], []] }
        let isBetween = ![alef, waw, yeh].contains(before) && after != alef
        guard isBetween, index - stem >= 2 else { return [] }
        switch letter {
        // "مسألة", "مسئلة".
        case onAlef, onYeh: return letters.count - stem >= 5 ? [[onAlef], [onYeh]] : []
        // "مسؤلية": the long u is forgotten.
        case onWaw: return [[onWaw], [onWaw, waw], [onYeh, waw]]
        default: return []
        }
    }

    /// The letters without marks; a hamza written as a mark becomes part of its letter.
    private static func bare(_ word: Substring.UnicodeScalarView) -> [UInt32] {
        var letters: [UInt32] = []
        for scalar in word {
            if scalar.value == 0x654, let last = letters.last,
                let seated = [alef: onAlef, waw: onWaw, yeh: onYeh][last]
            {
                letters[letters.count - 1] = seated
            } else if scalar.value == alone {
                letters.append(alone)
            } else if case .letter = LetterFolding.arabic(scalar.value) {
                letters.append(scalar.value == 0x6CC || scalar.value == 0x649 ? yeh : scalar.value)
            }
        }
        return letters
    }

    /// مائة is مئة, also in خمسمائة and مائتين.
    private static func hundreds(_ letters: [UInt32]) -> [UInt32]? {
        guard let index = letters.lastIndex(of: onYeh), index + 1 < letters.count,
            letters[index + 1] == ta || letters[index + 1] == 0x62A
        else { return nil }
        var other = letters
        if index >= 2, letters[index - 1] == alef, letters[index - 2] == mim {
            other.remove(at: index - 1)
        } else if index >= 1, letters[index - 1] == mim {
            other.insert(alef, at: index)
        } else {
            return nil
        }
        return other
    }

    /// Where the word begins behind attached letters and the article.
    private static func stemStart(_ letters: [UInt32]) -> Int {
        var start = 0
        if letters[0] == waw || letters[0] == 0x641 { start = 1 }
        if start < letters.count, [0x628, 0x643, lam].contains(letters[start]) { start += 1 }
        if start + 1 < letters.count, letters[start] == alef || (start > 0 && letters[start - 1] == lam),
            letters[start] == lam || letters[start + 1] == lam
        {
            start += letters[start] == alef ? 2 : 1
        }
        return letters.count - start >= 3 ? start : 0
    }

    private static let alone: UInt32 = 0x621
    private static let onAlef: UInt32 = 0x623
    private static let onWaw: UInt32 = 0x624
    private static let onYeh: UInt32 = 0x626
    private static let alef: UInt32 = 0x627
    private static let ta: UInt32 = 0x629
    private static let lam: UInt32 = 0x644
    private static let mim: UInt32 = 0x645
    private static let waw: UInt32 = 0x648
    private static let yeh: UInt32 = 0x64A

    /// Pronouns: before them the seat shows the case (أصدقاؤه, أصدقائه).
    private static let suffixes: Set<[UInt32]> = Set(
        "ه ها هم هن هما ك كم نا".split(separator: " ").map { $0.unicodeScalars.map(\.value) })
}
