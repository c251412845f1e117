import Foundation
import Testing

@testable import ArrivalWords

/// What people write for the words on their card, and what is no card.
@Suite struct AttemptTests {
    /// sun, sea, pillow, spoon, bread, donkey.
    private static let words = [0, 2, 10, 13, 19, 36]

    private static let spellings = [
        "zon zee kussen lepel brood ezel",
        "Zon, Zee, Kussen, Lepel, Brood, Ezel.",
        "ZON ZEE KUSSEN LEPEL BROOD EZEL",
        "1. zon\n2. zee\n3. kussen\n4. lepel\n5. brood\n6. ezel\n",
        "1zon 2zee 3kussen 4lepel 5brood 6ezel",
        "zon-zee-kussen-lepel-brood-ezel",
        "sun sea pillow spoon bread donkey",
        "soleil mer coussin cuillère pain âne",
        "soleil mer coussin cuillere pain ane",
        "chemch b7er mkhedda m3el9a khobz 7mar",
        "شمش بحر مخدة معلقة خبز حمار",
        "١. شمش ٢. بحر ٣. مخدة ٤. معلقة ٥. خبز ٦. حمار",
        "شَمْش بَحْر مخدّة معلقه خبـــز حمار",
        // Languages mixed, as somebody remembers them.
        "zon sea mkhedda cuillère خبز ezel",
        // Darija as others spell it.
        "shemsh bhar mkhda m3elqa 5obz hmar",
        "chmch bhr mkheda m3el9a khoubz 7mar",
        // One slip in a longer word.
        "zon zee kusen lepell brood ezel",
        "sun sea pilow spon bread dunkey",
        // What a keyboard adds.
        "zon  zee\tkussen\u{a0}lepel 🙂 brood ezel",
        "\u{200f}شمش بحر مخدة معلقة خبز حمار\u{200f}",
    ]

    @Test(arguments: spellings)
    func isTaken(_ text: String) throws {
        #expect(ArrivalAttempt.read(text) == .code(try #require(ArrivalCode(words: Self.words))))
    }

    @Test(arguments: [
        // A word that is not on the list, one that is missing.
        "zon zee kussen lepel brood fietsbel", "zon zee kussen lepel brood", "zon zee kussen lepel xx ezel",
        // A slip that may be bread or a teapot (brood, berrad).
        "zon zee kussen lepel borod ezel",
    ])
    func isMeantAsACardAndCannotBeLookedUp(_ text: String) { #expect(ArrivalAttempt.read(text) == .misspelt) }

    @Test(arguments: [
        "", " ", "zon", "zon zee kussen lepel", "salam", "6",
        // Words of the list in what somebody tells.
        "ik heb brood en melk en een stoel", "the sun and the sea were cold that day",
        "mijn tas met brood, suiker en zout is weg", "soleil mer coussin et autre chose",
        "zon zee kussen lepel brood ezel en nog iets", "zon zee kussen lepel brood ezel lepel",
        "b7er w 7out w chemch w khobz", "شمش بحر مخدة معلقة خبز حمار وشكرا",
        // Numbers that people send: telephones, amounts, dates, the number of a file.
        "0612345678", "06 12 34 56 78", "+31612345678", "0031612345678", "0661234567", "+212661234567", "٠٦١٢٣٤٥٦٧٨",
        "1234567890", "2812345678", "€ 1.000.000.000", "2026-11-30", "12:30", "1000", "4 5 6",
        String(repeating: "zon ", count: 200), String(repeating: "1", count: 5_000),
    ])
    func isNone(_ text: String) { #expect(ArrivalAttempt.read(text) == nil) }

    /// A card is answered in the language in which it was written.
    @Test(arguments: [
        ("zon zee kussen lepel brood ezel", "nl"), ("sun sea pillow spoon bread donkey", "en"),
        ("soleil mer coussin cuillère pain âne", "fr"), ("shemsh bhar mkhda m3elqa 5obz hmar", "ary-Latn"),
        ("١. شمش ٢. بحر ٣. مخدة ٤. معلقة ٥. خبز ٦. حمار", "ary"), ("zon zee kussen spoon bread donkey", nil),
        ("4126678095", nil),
    ])
    func showsItsLanguage(_ text: String, _ language: String?) {
        #expect(ArrivalAttempt.language(of: text)?.rawValue == language)
    }

    @Test func digitsAreTakenInEveryWritingOfTheirs() throws {
        let code = try #require(
            ArrivalCode(digits: [4, 1, 2, 6, 6, 7, 8, 0, 9, Self.check([4, 1, 2, 6, 6, 7, 8, 0, 9])]))
        let digits = code.parts.map(String.init).joined()
        let arabic = String(String.UnicodeScalarView(code.parts.compactMap { Unicode.Scalar(0x660 + UInt32($0)) }))
        let persian = String(String.UnicodeScalarView(code.parts.compactMap { Unicode.Scalar(0x6F0 + UInt32($0)) }))
        for text in [
            digits, arabic, persian, digits.map(String.init).joined(separator: " "),
            "\(digits.prefix(3))-\(digits.dropFirst(3))", "\(digits.prefix(3)).\(digits.dropFirst(3))\n",
        ] {
            #expect(ArrivalAttempt.read(text) == .code(code), "\(text)")
        }
        // Every single wrong digit shows.
        for place in code.parts.indices {
            var other = code.parts
            other[place] = (other[place] + 1) % 10
            #expect(ArrivalCode(digits: other) == nil)
        }
    }

    private static func check(_ digits: [Int]) -> Int {
        (0...9).first { ArrivalCode(digits: digits + [$0]) != nil } ?? -1
    }

    /// A message that somebody may write to a helpline is no card: the examples of every topic are none.
    @Test func noExampleOfTheBotIsOne() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Bots/examples").standardized
        var count = 0
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        for case let file as URL in files where file.pathExtension == "txt" {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                #expect(ArrivalAttempt.read(String(line)) == nil, "\(line)")
                count += 1
            }
        }
        #expect(count > 1_000)
    }

    /// Whatever bytes a stranger sends, it is read and ends.
    @Test func anythingIsRead() {
        var generator = SplitMix(state: 7)
        let pool = Array("zon sea بحر 7 9 .\n\u{300}\u{200f}\u{640}é0١😀-".unicodeScalars)
        for _ in 0..<20_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...60, using: &generator) {
                text.append(
                    Bool.random(using: &generator)
                        ? pool[Int.random(in: 0..<pool.count, using: &generator)]
                        : Unicode.Scalar(UInt32.random(in: 0...0x10_FFFF, using: &generator)) ?? "x")
            }
            _ = ArrivalAttempt.read(String(text))
        }
    }
}

/// The same numbers in each run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
