import Inbox
import StaffProtocol
import TerminalText
import Testing

@testable import Inbox
@testable import sila

@Suite struct InboxTableTests {
    private func lines(_ rows: [InboxRow], columns: Int = 120, colours: Bool = false) -> [String] {
        let display = Display(columns: columns, isColoured: colours)
        return InboxTable(rows: rows, now: Sample.now, display: display).lines().map(\.text)
    }

    @Test func aRowSaysWhoWaitsAndWhereTheEncryptionEnds() {
        let row = Sample.row {
            $0.waitsSince = Sample.now - 65 * Sample.minute
            $0.assigned = "noor"
            $0.proposals = 1
            $0.bot = BotNote(
                decision: "handover", reason: "unsure", target: "intern", topic: "",
                candidates: [.init(topic: "work-permit", confidence: 0.4)], at: 1)
        }
        // Wider than a line of code.
        #expect(
            lines([row]) == [
                "      waits    for   speaks  channel  ends at     the bot                                             open",
                "c12  1h 05m    noor  ary     xmpp     the bridge  handed over (unsure) work-permit                    1 reply to approve",
            ])
    }

    @Test func aGreetingAndThanksAreSaidAsOne() {
        let note = BotNote(decision: "smalltalk", reason: "", target: "", topic: "", candidates: [], at: 1)
        #expect(InboxTable.words(note) == "answered a greeting or thanks")
    }

    @Test func dangerIsSaidInWordsAndInRed() {
        let row = Sample.row { $0.dangerSince = Sample.now - Sample.minute }
        let list = InboxListing(entries: [InboxEntry(row: row)], waiting: 1, danger: 1, next: "", event: 1)
        let display = Display(columns: 80, isColoured: true)
        let text = display.text(InboxCommand.lines(list, now: Sample.now, display: display))
        #expect(text.contains("\u{1b}[1;31mc12"))
        #expect(text.contains("1 waits, 1 IN DANGER."))
        let plain = Display(columns: 80)
        #expect(plain.text(InboxCommand.lines(list, now: Sample.now, display: plain)).contains("DANGER"))
    }

    @Test(arguments: [20, 40, 80])
    func noLineIsWiderThanTheWindowAndTheIdStays(_ columns: Int) {
        let row = Sample.row {
            $0.waitsSince = 1
            $0.dangerSince = 1
            $0.assigned = "a-colleague-with-a-long-name"
            $0.endsAt = .none
            $0.tasksDue = 2
        }
        for line in lines([row], columns: columns) { #expect(DisplayWidth.columns(of: line) <= columns) }
        #expect(lines([row], columns: columns)[1].hasPrefix("c12"))
    }

    @Test func fixedWordsOfABadBridgeDoNotReachTheTerminal() {
        let row = Sample.row {
            $0.assigned = Sample.escapes
            $0.language = Sample.overrides
            $0.channel = "\u{1b}[2J"
            $0.takenOverBy = "\u{1b}c"
            $0.bot = BotNote(
                decision: "\u{7}", reason: Sample.escapes, target: Sample.escapes, topic: Sample.escapes,
                candidates: [], at: 1)
        }
        let display = Display(columns: 200)
        let text =
            display.text(InboxTable(rows: [row], now: Sample.now, display: display).lines())
            + display.text(RowText(row: row, now: Sample.now, display: display, zone: .gmt).lines())
        #expect(!text.hasHarmfulScalars)
        #expect(text.contains("␛"))
    }

    @Test func anEmptyInboxSaysSo() {
        let list = InboxListing(entries: [], waiting: 0, danger: 0, next: "", event: 1)
        let display = Display()
        #expect(display.text(InboxCommand.lines(list, now: Sample.now, display: display)) == "Nobody waits.\n")
    }

    @Test func jsonHasStableKeys() throws {
        let list = InboxListing(
            entries: [InboxEntry(row: Sample.row { $0.waitsSince = Sample.now })], waiting: 1, danger: 0, next: "x",
            event: 1)
        let json = try Output.json(InboxCommand.Report(list))
        for part in [
            "\"id\" : \"c12\"", "\"waitsSince\" : \"2026-11-21T12:00:00.000Z\"", "\"dangerSince\" : \"\"",
            "\"encryptionEndsAt\" : \"bridge\"", "\"hasMore\" : true", "\"waiting\" : 1", "\"version\" : 1",
        ] {
            #expect(json.contains(part))
        }
    }
}
