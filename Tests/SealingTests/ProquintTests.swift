import Testing

@testable import Sealing

@Suite struct ProquintTests {
    /// The examples of the proposal (arXiv:0901.4016).
    @Test(
        arguments: [
            ([127, 0, 0, 1], "lusab-babad"), ([63, 84, 220, 193], "gutih-tugad"), ([63, 118, 7, 35], "gutuk-bisog"),
            ([140, 98, 193, 141], "mudof-sakat"), ([64, 255, 6, 200], "haguz-biram"),
            ([128, 30, 52, 45], "mabiv-gibot"), ([147, 67, 119, 2], "natag-lisaf"),
            ([212, 58, 253, 68], "tibup-zujah"), ([216, 35, 68, 215], "tobog-higil"),
            ([216, 68, 232, 21], "todah-vobij"), ([198, 81, 129, 136], "sinid-makam"),
            ([12, 110, 110, 204], "budov-kuras"),
        ] as [([UInt8], String)])
    func wordsAreThePublishedOnes(_ bytes: [UInt8], _ words: String) {
        #expect(Proquint.words(bytes) == words)
    }

    @Test func everyValueComesBack() {
        for value in UInt16.min...UInt16.max where Proquint.value(Proquint.word(value)) != value {
            Issue.record("\(value) does not come back")
        }
    }

    @Test(arguments: ["", "lusa", "lusabb", "lesab", "LUSAB", "lusac", "ulsab", "lüsab"])
    func otherWordsAreRefused(_ word: String) {
        #expect(Proquint.value(word) == nil)
    }
}
