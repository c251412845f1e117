import Foundation
import PlainPO
import Testing

@testable import InvitationCard

/// The card in its six languages: whole, small enough, and silent about who it leads to.
@Suite struct CardTests {
    private static let code = QRModules(width: 57, dark: (0..<57 * 57).map { $0 % 3 == 0 })

    private static func card(_ language: CardLanguage, account: Bool) throws -> Card {
        let code = try #require(code)
        return Card(
            language: language,
            way: account
                ? .account(
                    login: code, us: code, address: "kadebuneva@post.example.org", password: "abcdefghjkmnpqrs")
                : .invitation(code: code, until: "07/12/2026"),
            address: "bridge@post.example.org", telephone: "+442079460123", secondWay: "post@example.org",
            android: "Conversations, Cheogram", iPhone: "Monal")
    }

    @Test(arguments: CardLanguage.allCases, [true, false])
    func everyCardIsDrawn(language: CardLanguage, account: Bool) throws {
        let card = try Self.card(language, account: account)
        let pdf = try card.pdf()
        #expect(pdf.starts(with: Array("%PDF-".utf8)))
        // A6: 105 by 148 mm.
        let text = String(decoding: pdf, as: UTF8.self)
        let box = try #require(text.firstMatch(of: #/MediaBox\s*\[\s*0 0 (\d+\.\d+) (\d+\.\d+)/#))
        #expect(abs((Double(box.1) ?? 0) - 297.6) < 0.1 && abs((Double(box.2) ?? 0) - 419.5) < 0.1)
        let png = try card.png()
        #expect(png.starts(with: [0x89, 0x50, 0x4e, 0x47]))
        // The width and height of IHDR: 300 dots an inch.
        #expect(Array(png[16..<24]) == [0, 0, 0x04, 0xd8, 0, 0, 0x06, 0xd4])
    }

    @Test(arguments: CardLanguage.allCases) func everyTextIsThere(language: CardLanguage) throws {
        let texts = try CardTexts(language)
        for key in CardText.allCases { #expect(!texts[key].isEmpty && texts[key] != key.rawValue) }
        #expect(texts[.until].contains("{date}"))
        #expect(texts.until("07/12/2026").contains("07/12/2026") && !texts.until("x").contains("{"))
    }

    /// A policeman at an airport, a smuggler or a husband reads it.
    @Test(arguments: CardLanguage.allCases) func noWordSaysWhoWeAreOrWhy(language: CardLanguage) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Translations/\(language.rawValue)/card.po")
        let texts = try PlainPO.read(try String(contentsOf: file, encoding: .utf8))
        #expect(Set(texts.keys) == Set(CardText.allCases.map(\.rawValue)), "none is missing, none is beside")
        let telling = [
            "deport", "uitzet", "expuls", "detent", "rétention", "help", "hulp", "aide", "complaint", "klacht",
            "plainte", "lawyer", "advoca", "avocat", "police", "politie", "nederland", "netherlands", "pays-bas",
            "hollan", "secret", "geheim", "code", "ترحيل", "طرد", "احتجاز", "حبس", "شكاية", "شكوى", "محامي", "مساعدة",
            "هولندا", "سري", "tarhil", "lmo7ami", "chikaya",
        ]
        for (key, text) in texts {
            for word in telling { #expect(!text.lowercased().contains(word), "\(key): \(word)") }
        }
    }

    @Test func whatIsTooLongIsSaid() throws {
        var card = try Self.card(.english, account: true)
        card.secondWay = String(repeating: "a long line of text ", count: 20)
        #expect(throws: CardProblem.doesNotFit) { try card.png() }
    }

    /// Letters that no font has would be boxes on paper.
    @Test func aLetterThatNoFontHasIsSaid() throws {
        var card = try Self.card(.dutch, account: false)
        card.secondWay = "\u{10FFFD}\u{E123}"
        #expect(throws: CardProblem.noFont(.dutch)) { try card.pdf() }
    }

    @Test func aPasswordIsReadInGroups() {
        #expect(Card.groups("abcdefghjkmnpqrs") == "abcd  efgh  jkmn  pqrs")
        #expect(Card.groups("abcde") == "abcd  e")
    }

    @Test func runsOfModulesAreWhole() throws {
        let modules = try #require(
            QRModules(width: 3, dark: [true, true, false, false, false, false, true, false, true]))
        #expect(modules.runs(0).map(\.start) == [0] && modules.runs(0).map(\.length) == [2])
        #expect(modules.runs(1).isEmpty)
        #expect(modules.runs(2).map(\.start) == [0, 2])
        #expect(QRModules(width: 2, dark: [true]) == nil)
    }
}
