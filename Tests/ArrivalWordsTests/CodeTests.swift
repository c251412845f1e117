import Testing

@testable import ArrivalWords

@Suite struct CodeTests {
    @Test(arguments: ArrivalCode.Form.allCases)
    func whatIsDrawnIsReadBackFromTheCardInEachLanguage(form: ArrivalCode.Form) throws {
        var generator = SplitMix(state: 1)
        var seen: Set<ArrivalCode> = []
        for _ in 0..<500 {
            let code = try #require(ArrivalCode.random(form, using: &generator))
            seen.insert(code)
            #expect(ArrivalCode(canonical: code.canonical) == code)
            switch form {
            case .digits:
                #expect(ArrivalAttempt.read(code.parts.map(String.init).joined()) == .code(code))
                #expect(code.parts[0] != 0)
            case .words:
                #expect(Set(code.parts).count == ArrivalCode.wordCount)
                for column in ArrivalWordList.Column.allCases {
                    let text = code.parts.map { ArrivalWordList.word($0, in: column) }.joined(separator: " ")
                    #expect(ArrivalAttempt.read(text) == .code(code), "\(text)")
                }
            }
        }
        #expect(seen.count == 500)
    }

    @Test(arguments: [
        "", "words", "words-1-2-3-4-5", "words-1-2-3-4-5-6-7", "words-1-2-3-4-5-128", "words-1-2-3-4-5--6",
        "words-01-2-3-4-5-6", "words-+1-2-3-4-5-6", "Words-1-2-3-4-5-6", "digits-1-2-3", "digits-0-1-2-3-4-5-6-7-8-9",
        "digits-1-2-3-4-5-6-7-8-9-0", "other-1-2-3-4-5-6", "words-1-2-3-4-5-a", "words 1 2 3 4 5 6",
    ])
    func whatIsNoneIsRefused(_ text: String) { #expect(ArrivalCode(canonical: text) == nil) }

    /// Nothing that prints a value prints what stands on the card.
    @Test func itIsNotPrinted() throws {
        let code = try #require(ArrivalCode(words: [101, 102, 103, 104, 105, 106]))
        var dumped = ""
        dump(code, to: &dumped)
        for text in ["\(code)", String(reflecting: code), dumped, "\(ArrivalAttempt.code(code))"] {
            #expect(!text.contains("101"), "\(text)")
        }
    }
}
