import Foundation
import Sealing
import Testing

@testable import Unsealing

@Suite struct RecoveryWordsTests {
    static let key = Fixed.bytes(from: 0)
    static let words =
        "babad bamag bibaj bimal boban bomar bubat bumaz dabid damig dibij dimil dobin domir dubit dumiz sibog hinul"

    private func parse(_ text: String) throws -> [UInt8] {
        try RecoveryWords.parse(text).withUnsafeBytes { Array($0) }
    }

    @Test func wordsAreTheKnownOnes() throws {
        #expect(RecoveryWords.encode(Self.key).joined(separator: " ") == Self.words)
        #expect(try parse(Self.words) == Self.key)
    }

    @Test(arguments: [
        words.uppercased(), words.replacingOccurrences(of: " ", with: "-"),
        words.replacingOccurrences(of: " ", with: "\r\n"), "  " + words + "\n\n",
        words.replacingOccurrences(of: " ", with: ", "),
        words.split(separator: " ").enumerated().map { "\($0 + 1). \($1)" }.joined(separator: "   "),
    ])
    func theWayTheyAreWrittenDoesNotMatter(_ text: String) throws {
        #expect(try parse(text) == Self.key)
    }

    @Test func everyWrongLetterIsFoundAndItsWordNamed() {
        let words = Self.words.split(separator: " ").map(String.init)
        for index in words.indices {
            for (place, letter) in [(0, "z"), (1, "u"), (4, "z")] {
                var letters = Array(words[index])
                if String(letters[place]) == letter { continue }
                letters[place] = Character(letter)
                var altered = words
                altered[index] = String(letters)
                #expect(throws: RecoveryWordsError.misspelt(number: index + 1, word: altered[index])) {
                    try parse(altered.joined(separator: " "))
                }
            }
        }
    }

    @Test func whatIsNoWordIsNamed() {
        let text = Self.words.replacingOccurrences(of: "boban", with: "bobin").replacingOccurrences(
            of: "dabid", with: "david3")
        #expect(throws: RecoveryWordsError.notAWord(number: 9, word: "david3")) { try parse(text) }
    }

    @Test func swappedNeighboursAreNamed() {
        let text = Self.words.replacingOccurrences(of: "bibaj bimal", with: "bimal bibaj")
        #expect(throws: RecoveryWordsError.swapped(first: 3)) { try parse(text) }
    }

    @Test func severalSlipsAreRefused() {
        let text = Self.words.replacingOccurrences(of: "babad", with: "babab").replacingOccurrences(
            of: "dumiz", with: "dumit")
        #expect(throws: RecoveryWordsError.wrongChecksum) { try parse(text) }
    }

    @Test func theNumberOfWordsIsChecked() {
        #expect(throws: RecoveryWordsError.none) { try parse(" \n") }
        #expect(throws: RecoveryWordsError.wrongCount(found: 17)) { try parse(String(Self.words.dropLast(6))) }
        #expect(throws: RecoveryWordsError.wrongCount(found: 19)) { try parse(Self.words + " babad") }
    }

    @Test func newKeysComeBack() throws {
        let key = try RecoveryKey()
        let read = try RecoveryKey(secret: RecoveryWords.parse(key.words.joined(separator: " ")))
        #expect(read.publicKey == key.publicKey)
        #expect(try RecoveryKey().publicKey != key.publicKey)
    }
}
