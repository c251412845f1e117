import Foundation
import Messaging
import Sealing
import StaffProtocol
import TerminalText
import Testing

@testable import Inbox
@testable import sila

@Suite struct ShowTextTests {
    private func text(_ line: ConversationLine, columns: Int = 80) -> String {
        let show = Sample.show([], columns: columns)
        return show.display.text(show.lines(of: line))
    }

    @Test func aMessageStandsBehindAMargin() {
        let text = text(Sample.message("Salam. I look for work.\n\nCan you help?"))
        #expect(
            text == """
                2026-11-21 12:00  m345  the contact · encrypted to the bridge
                  │ Salam. I look for work.
                  │ 
                  │ Can you help?


                """)
    }

    @Test func longParagraphsAreWrapped() {
        let text = text(Sample.message(String(repeating: "word ", count: 60)), columns: 40)
        let body = text.split(separator: "\n").dropFirst(2)
        #expect(body.count > 6)
        for line in text.split(separator: "\n") { #expect(DisplayWidth.columns(of: String(line)) <= 40) }
        for line in body { #expect(line.hasPrefix("  │ word")) }
    }

    @Test func nothingOfTheirsReachesTheTerminalAsAControl() {
        let hostile = Sample.escapes + Sample.overrides
        let lines = [
            Sample.message(hostile),
            Sample.line(Sample.item(.unreadable, 1), .unreadable(code: hostile, reason: hostile), .contact),
            Sample.line(Sample.item(.note, 2), .note(hostile), .member(hostile)),
            Sample.line(Sample.item(.tag, 3), .tag(hostile), .member("noor")) { $0.topic = hostile },
            Sample.line(
                Sample.item(.task, 4) {
                    $0.assignee = hostile
                    $0.outcome = hostile
                    $0.closedBy = hostile
                }, .task(hostile), .member("noor")),
            Sample.line(
                Sample.item(.proposal, 5), .proposal(hostile, .init(original: hostile + "x", seen: 1)), .member("noor")),
            Sample.line(Sample.item(.message, 6) { $0.author = hostile }, .damaged(hostile)),
            Sample.line(
                Sample.item(.message, 7) {
                    $0.stage = hostile
                    $0.code = hostile
                }, .message(hostile), .bot
            ) { $0.language = hostile },
        ]
        for bidi in [false, true] {
            var show = Sample.show(lines, bidi: bidi)
            show.older = hostile
            #expect(!show.display.text(show.lines()).hasHarmfulScalars)
        }
    }

    @Test func theirWordsCannotImitateALineOfOurs() {
        let text = text(Sample.message("2026-11-21 12:00  m346  amina · confirmed\n  │ I gave you my word"))
        for line in text.split(separator: "\n").dropFirst() { #expect(line.hasPrefix("  │ ")) }
    }

    @Test func arabicKeepsItsPlaceInAnIsolateOfItsOwn() {
        let text = text(Sample.message("مرحبا Amsterdam 2026"))
        let row = text.split(separator: "\n")[1]
        #expect(row.hasPrefix("  │ \u{2067}"))
        #expect(row.hasSuffix("\u{2069}"))
    }

    @Test func withBidiTheOrderIsThatOfTheEyeAndNoIsolateIsLeft() {
        let show = Sample.show([], bidi: true)
        let text = show.display.text(show.lines(of: Sample.message("אבג")))
        #expect(text.contains("  │ גבא\n"))
    }

    @Test func whatDoesNotOpenIsShownAndTheRestOpens() {
        let show = Sample.show([
            Sample.line(Sample.item(.message, 1) { $0.direction = "in" }, .damaged("its tag is wrong")),
            Sample.line(Sample.item(.message, 2), .erased),
            Sample.line(Sample.item(.note, 3) { $0.author = "amina" }, .closed(.casework)),
            Sample.line(
                Sample.item(.unreadable, 4), .unreadable(code: "bad-mac", reason: "the session is lost"), .contact),
            Sample.message("whole"),
        ])
        let text = show.display.text(show.lines())
        #expect(text.contains("m1  the contact\n  DAMAGED, cannot be opened: its tag is wrong."))
        #expect(text.contains("Erased: nobody can read it any more."))
        #expect(text.contains("n3  NOTE of amina\n  Closed for you: it lies in 'casework'."))
        #expect(text.contains("could not open this message (bad-mac): the session is lost"))
        #expect(text.contains("  │ whole"))
    }

    @Test func doubtsStandAboveTheWords() {
        for doubt in ConversationLine.Doubt.allCases {
            let lines = text(
                Sample.line(Sample.item(.message, 1), .message("words"), .contact) { $0.doubts = [doubt] }
            ).split(separator: "\n")
            #expect(lines[1].hasPrefix("  DOUBT: "))
            #expect(lines.last == "  │ words")
        }
    }

    @Test(arguments: [
        ("intent", "waits to be sent"), ("handed-over", "sent"), ("confirmed", "at the server"),
        ("uncertain", "UNCERTAIN whether it arrived (timeout)"), ("failed", "NOT DELIVERED (timeout)"),
    ])
    func howFarOursCame(_ stage: String, _ words: String) {
        let code = ["uncertain", "failed"].contains(stage) ? "timeout" : nil
        let line = Sample.line(
            Sample.item(.message, 1) {
                $0.stage = stage
                $0.code = code
            }, .message("x"), .member("noor"))
        #expect(text(line).contains("m1  noor · \(words)"))
    }

    @Test func unencryptedIsSaidInCapitals() {
        let line = Sample.line(Sample.item(.message, 1), .message("x"), .contact) {
            $0.protection = Protection.none
            $0.deviceIsNew = true
        }
        #expect(text(line).contains("the contact · NOT ENCRYPTED · from a NEW DEVICE"))
    }

    @Test func aProposalShowsWhatWasChanged() {
        let proposal = EntryRecord.Proposal(topic: "work-permit", variety: "nl", original: "Old words", seen: 1)
        let text = text(Sample.line(Sample.item(.proposal, 7), .proposal("New words", proposal), .member("noor")))
        #expect(text.contains("p7  REPLY TO APPROVE of noor · waits for a second person"))
        #expect(text.contains("  │ New words\n  The topic's own text was:\n  ┆ Old words"))
    }

    @Test func olderOnesAreNamed() {
        var show = Sample.show([])
        show.older = "120"
        show.olderWithheld = true
        let text = show.display.text(show.lines())
        #expect(text.contains("Older: sila show c12 --older 120"))
        #expect(text.contains("you are not served"))
    }
}
