import Testing

@testable import TextSearch

@Suite("The index finds what comparing every word finds")
struct ConsistencyTests {
    /// Numbers that are the same on every run.
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }

    private static let stems = [
        "chkaya", "chikaya", "شكاية", "الشكاية", "mo7ami", "محامي", "للمحامي", "mohami", "klacht", "klachten", "kosten",
        "de", "van", "l'avocat", "avocat", "plainte", "lawyer", "3/11", "2026", "wach", "واش", "bghit", "بغيت", "n9der",
        "نقدر", "مسؤول", "مسئول", "شكرا", "choukran", "essijn", "السجن", "slm", "salam", "سلام", "dar", "دار", "فدار",
        "door", "été", "foto's",
    ]

    /// Compares every word of a text with every word of a query, each pair of words once.
    private struct Comparison {
        let query: SearchQuery
        private var known: [[UInt8]: [Bool]] = [:]
        private var knownAsTyped: [[UInt8]: [Bool]] = [:]

        init(_ query: SearchQuery) { self.query = query }

        mutating func holds(_ words: [[UInt8]]) -> Bool {
            let flat = words.map { word in
                if let fits = known[word] { return fits }
                let fits = query.clauses.joined().map { $0.matches(word[...]) }
                known[word] = fits
                return fits
            }
            var first = 0
            for clause in query.clauses {
                let occurs = words.indices.contains { start in
                    start + clause.count <= words.count
                        && clause.indices.allSatisfy { flat[start + $0][first + $0] }
                }
                if !occurs { return false }
                first += clause.count
            }
            return true
        }

        /// Whether every word of the query stands in the text as it was typed.
        mutating func isAsTyped(_ words: [[UInt8]]) -> Bool {
            let matchers = query.clauses.flatMap { $0 }
            let fits = words.map { word in
                if let fits = knownAsTyped[word] { return fits }
                let fits = matchers.map { $0.matchesAsTyped(word[...]) }
                knownAsTyped[word] = fits
                return fits
            }
            return matchers.indices.allSatisfy { place in fits.contains { $0[place] } }
        }
    }

    @Test("Random texts and queries, built and added one by one, with removals and replacements")
    func random() {
        var generator = Generator(state: 7)
        func text() -> String {
            let count = Int.random(in: 1...6, using: &generator)
            return (0..<count).compactMap { _ in Self.stems.randomElement(using: &generator) }.joined(separator: " ")
        }
        var texts: [UInt32: String] = [:]
        var builders = [SearchIndexBuilder(), SearchIndexBuilder()]
        for id in 0..<400 as Range<UInt32> {
            let text = text()
            texts[id] = text
            builders[Int(id) % 2].add(id, text)
        }
        let index = SearchIndex(builders.map { $0.finish() })
        // More than become a part at once, some of them replacements.
        for id in 300..<2600 as Range<UInt32> {
            let text = text()
            texts[id] = text
            index.add(id, text)
        }
        let gone = (0..<300).map { _ in UInt32.random(in: 0..<2600, using: &generator) }
        index.remove(gone)
        for id in gone { texts[id] = nil }
        #expect(index.count == texts.count)
        let words = texts.mapValues { SearchFolding.scan($0, limit: .max).map(\.folded) }
        for round in 0..<60 {
            let chosen = (0...Int.random(in: 0...2, using: &generator)).compactMap { _ in
                Self.stems.randomElement(using: &generator)
            }
            var typed = chosen.joined(separator: " ")
            if round % 3 == 0 { typed = "\"" + typed + "\"" }
            if round % 3 == 1 { typed = String(typed.dropLast(2)) }
            let query = SearchQuery(typed)
            guard !query.clauses.isEmpty else { continue }
            var comparison = Comparison(query)
            let found = words.filter { comparison.holds($0.value) }.keys.sorted(by: >)
            let asTyped = Set(found.filter { comparison.isAsTyped(words[$0] ?? []) })
            let expected = found.filter(asTyped.contains) + found.filter { !asTyped.contains($0) }
            let result = index.search(typed, limit: .max)
            #expect(result.ids == expected, "\(typed)")
            #expect(result.total == expected.count)
        }
    }

    @Test("Searches and additions at the same time")
    func concurrent() async {
        let index = SearchIndex()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for id in 0..<3000 as Range<UInt32> { index.add(id, "klacht nummer \(id)") } }
            group.addTask {
                var last = 0
                for _ in 0..<50 {
                    let result = index.search("klacht", limit: 5)
                    #expect(result.total >= last && result.ids == result.ids.sorted(by: >))
                    last = result.total
                }
            }
        }
        #expect(index.search("klacht", limit: 1) == SearchResult(ids: [2999], total: 3000))
    }
}
