import Testing

@testable import Bot

@Suite("Folding of text")
struct FoldingTests {
    @Test(
        "Spellings that mean the same become the same",
        arguments: [
            ("Où est ma VALISE ?", "ou est ma valise"),
            ("saaaalaaam!!!", "salam"),
            ("أين شَكْوَايَ؟", "اين شكواي"),
            ("شكـــاية", "شكايه"),
            ("ﺷﻜﺎﻳﺔ", "شكايه"),
            ("٢٠٢٦ ۳", "2026 3"),
            ("don't j'ai l’avocat", "dont j ai l avocat"),
            ("ＡＢＣ１", "abc1"),
            ("Œuvre Straße", "oeuvre strasse"),
            ("e\u{301}te\u{301}", "ete"),
            ("a\u{200F}b\u{200B}c\u{AD}d", "abcd"),
            ("گال ڭال ݣال ڨال", "گال گال گال گال"),
            ("1000 euro", "1000 euro"),
            ("👍🏽 …", ""),
            ("", ""),
        ])
    func folds(text: String, expected: String) {
        #expect(Folding.folded(text) == expected)
    }

    @Test("Folding twice changes nothing", arguments: ["Klacht? 3afak!", "الشكاية ديالي", "ÇA VA", "\u{FEFB}ﻻ"])
    func isIdempotent(text: String) {
        let once = Folding.folded(text)
        #expect(Folding.folded(once) == once)
    }

    @Test("Every scalar can be folded")
    func everyScalar() {
        let all = (UInt32(0)...0x1_FFFF).compactMap(Unicode.Scalar.init)
        let folded = FoldedText(all)
        #expect(folded.words.allSatisfy { !$0.isEmpty && $0.upperBound <= folded.scalars.count })
    }
}

@Suite("The skeleton shared by both scripts of Darija")
struct SkeletonTests {
    private func skeleton(_ text: String) -> [[UInt32]] {
        let folded = FoldedText(text)
        return folded.words.map { word in
            var out: [UInt32] = []
            Skeleton.append(folded.scalars[word], to: &out)
            return out
        }
    }

    @Test(
        "A word and its Latin spellings meet",
        arguments: [
            ("الشكاية", ["lchikaya", "lchkaya", "lshikaya", "l'chikaya"]),
            ("ديالي", ["dyali", "diali", "dyaly"]),
            ("نقدر", ["n9der", "nqder", "nkder"]),
            ("حوايجي", ["7wayji", "hwayji", "7wayeji", "7wayedji"]),
            ("خويا", ["khoya", "5oya", "khouya"]),
            ("غادي", ["ghadi", "ghadii"]),
            ("عاونوني", ["3awnouni", "3awnuni"]),
            ("الطيارة", ["ltiyara", "ltyara"]),
            ("الباليزة", ["lbaliza", "lbalizza"]),
            ("شحال", ["ch7al", "sh7al", "chhal"]),
        ])
    func twins(arabic: String, latin: [String]) {
        for spelling in latin {
            #expect(skeleton(spelling).flatMap { $0 } == skeleton(arabic).flatMap { $0 }, "\(spelling)")
        }
    }

    @Test("Different words stay different")
    func different() {
        #expect(skeleton("الشكاية") != skeleton("الباليزة"))
        #expect(skeleton("flous") != skeleton("flan"))
    }
}

@Suite("Parts of a message")
struct ExcerptTests {
    @Test("Sentences are found in all scripts; figures and abbreviations do not end one")
    func sentences() {
        let text = "Salam. Kayn 3.50 euro m3a d.t.v dyali؟ فين حوايجي\nand then? ok"
        let excerpt = Excerpt(text)
        let found = excerpt.sentences.map { Folding.folded(String(String.UnicodeScalarView(excerpt.scalars[$0]))) }
        #expect(found == ["salam", "kayn 3 50 euro m3a d t v dyali", "فين حوايجي", "and then", "ok"])
    }

    @Test("Of a megabyte the begin and the end are looked at")
    func bounded() {
        let text = String(repeating: "word and more words. ", count: 60_000) + "Where is my luggage?"
        let excerpt = Excerpt(text)
        #expect(excerpt.scalars.count <= Excerpt.headLimit + Excerpt.tailLimit + 2)
        let last = excerpt.sentences.last.map { Folding.folded(String(String.UnicodeScalarView(excerpt.scalars[$0]))) }
        #expect(last == "where is my luggage")
        #expect(excerpt.candidates.count <= Excerpt.sentenceLimit)
    }

    @Test("A message of one sentence has no candidates besides itself")
    func single() { #expect(Excerpt("where is my luggage?").candidates.isEmpty) }
}

@Suite("Numbers as people answer with them")
struct NumberTests {
    @Test(
        "Numbers in all scripts",
        arguments: [
            ("2", 2), (" ٢ ", 2), ("۲", 2), ("2️⃣", 2), ("2.", 2), ("nr 2", 2), ("numéro 2", 2), ("رقم ٣", 3),
            ("the second", 2),
            ("twee", 2), ("jouj", 2), ("wa7ed", 1), ("الأول", 1), ("deuxième", 2), ("optie drie", 3), ("12", 12),
        ])
    func reads(text: String, number: Int) { #expect(Numbers.single(in: FoldedText(text)) == number) }

    @Test("No number", arguments: ["", "2 of 3", "2 weken geleden", "ja", "9bel", "2 years is long i think"])
    func refuses(text: String) { #expect(Numbers.single(in: FoldedText(text)) == nil) }
}

@Suite("Placeholders")
struct PlaceholderTests {
    @Test("A value is never taken for a placeholder; what is unknown stays")
    func fills() {
        #expect("{n}. {title}".filling(["{n}": "1", "{title}": "a {n} b"]) == "1. a {n} b")
        #expect("{x} {open".filling(["{n}": "1"]) == "{x} {open")
        #expect("".filling([:]) == "")
    }
}
