import ArrivalWords
import Foundation
import StaffProtocol
import Testing

@testable import Inbox
@testable import sila

/// One person with two addresses, and the card by which they came back.
@Suite struct PersonTextTests {
    private static func link(_ change: (inout PersonLink) -> Void = { _ in }) -> PersonLink {
        var link = PersonLink(
            contact: 3, conversations: [12], how: "arrival-words", since: Sample.now, recognisedAt: 0, recognisedBy: "")
        change(&link)
        return link
    }

    private static func row(_ link: PersonLink) -> InboxRow {
        Sample.row {
            $0.conversation = 30
            $0.contact = 9
            $0.person = link
        }
    }

    @Test func theHistoryShowsWhereTheAddressChanges() {
        var show = Sample.show(
            [
                Sample.message("from the old phone"),
                Sample.line(
                    Sample.item(.message, 346) {
                        $0.direction = "in"
                        $0.conversation = 30
                    }, .message("from the new phone"), .contact),
                Sample.message("from the old phone again"),
            ], columns: 120)
        show.linked = [Self.row(Self.link())]
        // Without what breaks its lines.
        let text = show.display.text(show.lines()).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            text.contains(
                "---- c30, another address of contact 9: joined by the words on the card; not yet recognised by voice ----"
            ))
        #expect(text.contains("---- c12, another address of contact 3 ----"))
        let order = ["from the old phone ", "---- c30", "from the new phone", "---- c12", "old phone again"]
        let places = order.compactMap { text.range(of: $0)?.lowerBound }
        #expect(places.count == order.count && places == places.sorted())
    }

    @Test func untilTheVoiceIsKnownItIsSaid() {
        let display = Display(columns: 120)
        func words(_ link: PersonLink) -> String {
            display.text(RowText(row: Self.row(link), now: Sample.now, display: display, zone: .gmt).lines())
        }
        let unknown = words(Self.link())
        #expect(unknown.contains("One person with c12") && unknown.contains("ANYBODY WHO KNOWS THE WORDS"))
        #expect(unknown.contains("sila contact recognise c30"))
        let known = words(
            Self.link {
                $0.recognisedAt = Sample.now
                $0.recognisedBy = "noor"
            })
        #expect(known.contains("noor knew their voice") && !known.contains("ANYBODY"))
        let hostile = words(
            Self.link {
                $0.how = Sample.escapes
                $0.recognisedBy = Sample.escapes
                $0.recognisedAt = 1
            })
        #expect(!hostile.hasHarmfulScalars)
        let table = InboxTable(rows: [Self.row(Self.link())], now: Sample.now, display: Display(columns: 140))
        #expect(display.text(table.lines()).contains("with c12, VOICE NOT KNOWN"))
    }

    @Test func aCardHasItsWordsInTwoLanguages() throws {
        let code = try #require(ArrivalCode(words: [0, 2, 10, 13, 19, 36]))
        let display = Display(columns: 80)
        let text = display.text(CardText(code: code, first: .nl).lines(display))
        #expect(
            text.contains("1. zon ") && text.contains("chemch") && text.contains("6. ezel") && text.contains("7mar"))
        let arabic = display.text(CardText(code: code, first: CardText.column("ar")).lines(display))
        #expect(arabic.contains("خبز") && arabic.contains("khobz"))
        let digits = try #require(
            (0...9).lazy.compactMap { ArrivalCode(digits: [4, 1, 2, 6, 6, 7, 8, 0, 9, $0]) }.first)
        #expect(display.text(CardText(code: digits, first: .nl).lines(display)).contains("412 667 809"))
    }

    @Test func whatIsKnownOfACardIsSaid() {
        var status = ArrivalWordsStatus(
            conversation: 12, form: "words", madeAt: Sample.now, madeBy: "noor", expiresAt: Sample.now + 1, usedAt: 0,
            exposedAt: Sample.now, tries: 5, isBlocked: true)
        let text = ArrivalWordsReport.words(status, now: Sample.now).joined(separator: "\n")
        for words in [
            "six words", "noor", "Nobody wrote them", "OTHERS COULD READ THEM", "5 times", "arrival-words reset c12",
        ] { #expect(text.contains(words), "\(words)") }
        status.form = ""
        #expect(ArrivalWordsReport.words(status, now: Sample.now)[0].hasPrefix("c12 has no card"))
    }
}
