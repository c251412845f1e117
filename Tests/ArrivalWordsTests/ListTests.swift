import Foundation
import Testing

@testable import ArrivalWords

/// The list is what every card that was given stands on.
@Suite struct ListTests {
    @Test func itHas128WordsInEachLanguage() {
        #expect(ArrivalWordList.rows.count == ArrivalWordList.count)
        for row in ArrivalWordList.rows {
            #expect(row.count == ArrivalWordList.Column.allCases.count, "\(row)")
            #expect(row.allSatisfy { !$0.isEmpty && !$0.contains(" ") }, "\(row)")
        }
        for form in ArrivalCode.Form.allCases {
            for column in ArrivalWordList.Column.allCases {
                #expect(!ArrivalWordList.sentence(form, in: column).isEmpty)
            }
        }
    }

    /// A line that moves turns every card that names it into another one. Whoever changes this number has checked
    /// that no card was ever given.
    @Test func noLineMoves() {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for row in ArrivalWordList.rows {
            for byte in (row[0] + "\n").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        #expect(String(hash, radix: 16) == Self.fingerprint)
    }

    private static let fingerprint = "f6d6e9b15f049a03"

    /// As it is spelt, and by nothing but its sound: each spelling means its own word.
    @Test func eachSpellingMeansItsWord() {
        for (number, row) in ArrivalWordList.rows.enumerated() {
            for word in row { #expect(WordFinder.shared.number(of: Spelling.fold(word)) == number, "\(word)") }
        }
    }

    @Test func noTwoWordsOfALanguageAreOneSlipApart() {
        for column in [ArrivalWordList.Column.nl, .en, .fr] {
            let words = ArrivalWordList.rows.map { Array(Spelling.fold($0[column.index]).unicodeScalars) }
            for (one, first) in words.enumerated() {
                for (other, second) in words.enumerated() where other > one {
                    #expect(!WordFinder.isOneSlip(first, second), "\(String(String.UnicodeScalarView(first)))")
                }
            }
        }
    }

    @Test func noTwoWordsOfDarijaSoundAlike() {
        var seen: [String: Int] = [:]
        for (number, row) in ArrivalWordList.rows.enumerated() {
            for column in [ArrivalWordList.Column.aryLatn, .ary] {
                for skeleton in Consonants.skeletons(of: Spelling.fold(row[column.index])) {
                    #expect(
                        seen[skeleton, default: number] == number, "\(row[column.index]) and \(seen[skeleton] ?? -1)")
                    seen[skeleton] = number
                }
            }
        }
    }
}
