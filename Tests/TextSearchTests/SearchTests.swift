import Testing

@testable import TextSearch

@Suite("Searching")
struct SearchTests {
    private static let texts: [(UInt32, String)] = [
        (10, "Wach n9der ndir chkaya 3la lpolice?"),
        (20, "السلام عليكم، بغيت ندير شكاية على الشرطة"),
        (30, "De klacht is op 3/11 ingediend bij de commissie."),
        (40, "De commissie van toezicht behandelt de klacht op 11/3."),
        (50, "My lawyer said the complaint was received."),
        (60, "Mon avocat a reçu la plainte, l’avocat attend."),
        (70, "klacht klacht klachten"),
    ]

    private static func builtIndex() -> SearchIndex {
        var builder = SearchIndexBuilder()
        for (id, text) in texts { builder.add(id, text) }
        return SearchIndex([builder.finish()])
    }

    private static func liveIndex() -> SearchIndex {
        let index = SearchIndex()
        for (id, text) in texts { index.add(id, text) }
        return index
    }

    /// Half built, half added; half in two parts.
    private static func mixedIndex() -> SearchIndex {
        var one = SearchIndexBuilder()
        var two = SearchIndexBuilder()
        for (id, text) in texts.reversed() where id < 60 { id % 20 == 0 ? one.add(id, text) : two.add(id, text) }
        let index = SearchIndex([one.finish(), two.finish()])
        for (id, text) in texts where id >= 60 { index.add(id, text) }
        return index
    }

    @Test(
        "Queries and what they find: as typed first, then newest first",
        arguments: [
            ("chikaya ", [20, 10]), ("شكاية", [20, 10]), ("klacht ", [70, 40, 30]), ("klacht", [70, 40, 30]),
            ("klachten", [70]), ("klach", [70, 40, 30]), ("klach ", []), ("commissie klacht", [40, 30]),
            ("klacht commissie van", [40]), ("\"klacht is\"", [30]), ("\"is klacht\"", []), ("“op 3/11 inge", [30]),
            ("\"de klacht\"", [40, 30]), ("\"commissie van toezicht\"", [40]), ("3/11", [30]), ("11/3", [40]),
            ("3 11", [40, 30]), ("avocat", [60]), ("l'avocat ", [60]), ("recu plainte", [60]), ("LAWYER", [50]),
            ("klacht lawyer", []), ("klacht d", [40, 30]), ("d klacht", []), ("\"klacht klacht klachten\"", [70]),
            ("\"klacht klacht\" klachten", [70]), ("شرطة شكاية", [20]), ("\"dir chkaya\"", []),
            ("\"ndir chkaya", [10, 20]), ("police ", []), ("lpolice", [10]),
        ] as [(String, [UInt32])])
    func queries(_ query: String, _ expected: [UInt32]) {
        for index in [Self.builtIndex(), Self.liveIndex(), Self.mixedIndex()] {
            let result = index.search(query, limit: 10)
            #expect(result == SearchResult(ids: expected, total: expected.count))
        }
    }

    @Test("Order and limit: the total counts what is not returned")
    func orderAndLimit() {
        for index in [Self.builtIndex(), Self.liveIndex(), Self.mixedIndex()] {
            #expect(index.search("klacht", limit: 2) == SearchResult(ids: [70, 40], total: 3))
            #expect(index.search("klacht", limit: 2, newestFirst: false) == SearchResult(ids: [30, 40], total: 3))
            #expect(index.search("klacht", limit: 0) == SearchResult(ids: [], total: 3))
            #expect(index.search("klacht", limit: -1) == SearchResult(ids: [], total: 3))
        }
    }

    @Test("Messages with the word as it was typed come before those with another spelling")
    func asTypedFirst() {
        let texts: [(UInt32, String)] = [
            (1, "chkaya jdida"), (2, "chikaya jdida"), (3, "lchkaya dyali"), (4, "الشكاية الأولى"), (5, "شكايتي"),
            (6, "مسؤول"), (7, "المسئول"), (8, "مسوول"), (9, "مسئولين"),
        ]
        var builder = SearchIndexBuilder()
        for (id, text) in texts where id % 2 == 1 { builder.add(id, text) }
        let index = SearchIndex([builder.finish()])
        for (id, text) in texts where id % 2 == 0 { index.add(id, text) }
        #expect(index.search("chkaya ", limit: 9).ids == [1, 4, 3, 2])
        #expect(index.search("chikaya jdida ", limit: 9).ids == [2, 1])
        #expect(index.search("شكاية ", limit: 9).ids == [4, 3, 2, 1])
        #expect(index.search("مسئول ", limit: 9).ids == [7, 8, 6])
        #expect(index.search("مسؤو", limit: 9).ids == [8, 6, 9, 7])
        #expect(index.search("مسئ", limit: 9).ids == [9, 7, 8, 6])
        #expect(index.search("chkaya ", limit: 2) == SearchResult(ids: [1, 4], total: 4))
        #expect(index.search("chkaya ", limit: 9, newestFirst: false).ids == [1, 2, 3, 4])
    }

    @Test("A query without a word finds nothing")
    func empty() {
        for query in ["", " ", "\"\"", "\"", "?!", "\u{64B}", "\0"] {
            #expect(Self.builtIndex().search(query, limit: 10) == SearchResult(ids: [], total: 0))
        }
        #expect(SearchIndex().search("klacht", limit: 10).total == 0)
    }

    @Test("One id twice: the later text counts")
    func replaced() {
        let index = Self.mixedIndex()
        index.add(30, "nieuwe tekst")
        index.add(70, "andere woorden")
        #expect(index.search("klacht", limit: 9).ids == [40])
        #expect(index.search("nieuwe", limit: 9).ids == [30])
        #expect(index.count == Self.texts.count)
        var one = SearchIndexBuilder()
        one.add(5, "eerste")
        one.add(5, "tweede")
        var two = SearchIndexBuilder()
        two.add(6, "zesde")
        two.add(5, "derde")
        let parts = [one.finish(), two.finish()]
        #expect(SearchIndex([parts[0]]).search("eerste", limit: 9).total == 0)
        #expect(SearchIndex([parts[0]]).search("tweede", limit: 9).ids == [5])
        let both = SearchIndex(parts)
        #expect(both.search("tweede", limit: 9).total == 0)
        #expect(both.search("de", limit: 9).total == 1)
        #expect(both.count == 2)
    }

    @Test("Removed messages are not found, and their words leave the dictionary")
    func remove() {
        let index = Self.mixedIndex()
        index.add(80, "Zonnebloem klacht")
        index.add(20, "vervangen")
        index.remove([80, 30, 20, 999])
        #expect(index.search("klacht", limit: 9).ids == [70, 40])
        #expect(index.search("vervangen", limit: 9).total == 0)
        #expect(index.count == 5)
        let words = index.dictionary
        for gone in ["zonnebloem", "ingediend", "عليكم", "vervangen"] { #expect(!words.contains(gone)) }
        #expect(words.contains("klacht") && words.contains("lawyer"))
        index.add(30, "terug")
        #expect(index.search("terug", limit: 9).ids == [30])
        index.remove(Self.texts.map(\.0))
        #expect(index.count == 0 && index.dictionary.isEmpty)
    }

    @Test("Wiping forgets everything; the index can be used again")
    func wipe() {
        let index = Self.mixedIndex()
        #expect(index.byteCount > 1000)
        index.wipe()
        #expect(index.count == 0 && index.dictionary.isEmpty && index.byteCount < 200)
        #expect(index.search("klacht", limit: 9).total == 0)
        index.add(1, "klacht")
        #expect(index.search("klacht", limit: 9).ids == [1])
    }

    @Test("Hostile texts and queries")
    func hostile() {
        let index = Self.mixedIndex()
        let long = String(repeating: "ab", count: 500_000)
        let arabic = String(repeating: "شك", count: 250_000)
        let marks = "a" + String(repeating: "\u{301}", count: 500_000)
        let unpaired = String(decoding: [0xD83D, 0x61, 0xDC00] as [UInt16], as: UTF16.self)
        let broken = String(decoding: [0x61, 0xFF, 0xE0, 0x80, 0x62, 0xC3] as [UInt8], as: UTF8.self)
        let texts = [long, arabic, marks, unpaired, broken, "x\0y", "\u{10FFFF}z\u{FFFF}"]
        for (number, text) in texts.enumerated() { index.add(UInt32(100 + number), text) }
        #expect(index.search(long, limit: 9).ids == [100])
        #expect(index.search("ababab", limit: 9).ids == [100])
        #expect(index.search(arabic, limit: 9).ids == [101])
        #expect(index.search("á ", limit: 9).ids.contains(102))
        #expect(index.search("y", limit: 9).ids == [105])
        #expect(index.search("z", limit: 9).ids == [106])
        #expect(SearchFolding.highlights(of: long, in: long).count == 1)
        // A query of many words is read to the 64th.
        #expect(index.search(String(repeating: "klacht ", count: 100_000), limit: 9).total == 3)
        #expect(index.search(String(repeating: "\"", count: 100_001) + "klacht", limit: 9).total == 3)
        #expect(index.byteCount < 10_000_000)
    }
}

extension SearchIndex {
    /// All words the index holds.
    var dictionary: Set<String> {
        var words: Set<String> = []
        for segment in segments {
            for term in 0..<UInt32(segment.terms.count) {
                words.insert(String(decoding: segment.terms[term], as: UTF8.self))
            }
        }
        return words
    }
}
