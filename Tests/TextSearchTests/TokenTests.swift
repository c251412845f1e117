import Testing

@testable import TextSearch

@Suite("Words of a text")
struct TokenTests {
    @Test("Folded form, skeleton and place")
    func tokens() {
        let text = "Wach الشكاية، Één 3/11!"
        let tokens = SearchFolding.tokens(text)
        #expect(tokens.map(\.folded) == ["wach", "الشكايه", "een", "3", "11"])
        #expect(tokens.map { String(text[$0.range]) } == ["Wach", "الشكاية", "Één", "3", "11"])
        #expect(tokens[1].skeleton == SearchFolding.tokens("chkaya").first?.skeleton)
        #expect(tokens[1].skeleton != nil)
        #expect(tokens[2].skeleton == nil && tokens[3].skeleton == nil)
    }

    @Test("A place covers the marks of the word, and nothing around it")
    func marks() {
        let text = "(cafe\u{301}) مُحَامٍ."
        #expect(SearchFolding.tokens(text).map { String(text[$0.range]) } == ["cafe\u{301}", "مُحَامٍ"])
    }

    @Test("No words: nothing, signs, marks, NUL")
    func none() {
        for text in ["", " \n", "?! …", "\u{301}\u{64B}\u{640}", "\0\0", "😀👍🏽", "\u{202E}\u{200F}"] {
            #expect(SearchFolding.tokens(text).isEmpty)
        }
    }

    @Test("Highlights: words in other spellings, prefixes, whole phrases")
    func highlights() {
        let text = "Mijn chikaya en الشكاية van 3/11, chkay"
        func shown(_ query: String) -> [String] {
            SearchFolding.highlights(of: query, in: text).map { String(text[$0]) }
        }
        #expect(shown("شكاية ") == ["chikaya", "الشكاية"])
        #expect(shown("chik") == ["chikaya"])
        #expect(shown("3/11") == ["3/11"])
        #expect(shown("\"mijn chkaya\"") == ["Mijn chikaya"])
        #expect(shown("mijn \"mijn chkaya\" van") == ["Mijn chikaya", "van"])
        #expect(shown("") == [] && shown("\"") == [] && shown("klacht") == [])
    }
}
