import Foundation
import Sealing
import StaffAgent
import StaffProtocol
import TerminalText
import Testing

@testable import Inbox
@testable import sila

@Suite struct WorkTextTests {
    private let suggestion = Suggestion(
        topic: "work-permit", confidence: 0.42, sources: ["example.org/law"], checked: "2026-11-01", review: "released",
        handOver: "lawyer", texts: ["ary": "الجواب", "nl": "Het antwoord"],
        safeTexts: ["ary": "خطوة", "nl": "Een stap"])

    private func suggest(_ suggestion: Suggestion, columns: Int) -> [String] {
        let display = Display(columns: columns)
        let text = SuggestText(
            conversation: ShortID(.conversation, 12), question: "Can I work?", language: "ary",
            suggestions: [suggestion], display: display)
        return display.text(text.lines()).components(separatedBy: "\n")
    }

    @Test func aSuggestionSaysSourceDateAndReview() {
        let lines = suggest(suggestion, columns: 80)
        #expect(lines.contains("work-permit · 42% · released · checked 2026-11-01 · looks along: lawyer"))
        #expect(lines.contains("  Source: example.org/law"))
        #expect(lines.contains("  Send: sila reply c12 --topic work-permit"))
    }

    @Test func twoLanguagesStandSideBySideWhereThereIsRoom() throws {
        let wide = suggest(suggestion, columns: 100)
        let row = try #require(wide.first { $0.contains("الجواب") })
        #expect(row.contains("Het antwoord"))
        let narrow = suggest(suggestion, columns: 99)
        #expect(narrow.contains { $0.contains("الجواب") && !$0.contains("Het antwoord") })
        #expect(narrow.contains { $0.contains("Het antwoord") })
    }

    @Test func ofADraftOnlyTheSafeStepIsSaid() throws {
        var draft = suggestion
        draft.review = "draft"
        let lines = suggest(draft, columns: 80)
        #expect(lines.contains { $0.contains("NOT REVIEWED") })
        #expect(try TopicText.pick(draft, variety: "nl") == TopicText(text: "Een stap", variety: "nl"))
        #expect(try TopicText.pick(suggestion, variety: "nl").text == "Het antwoord")
        let failure = #expect(throws: CommandFailure.self) { try TopicText.pick(suggestion, variety: "fr") }
        #expect(failure?.code == .missing)
        #expect(failure?.description.contains("ary, nl") == true)
    }

    @Test func improvementsAreApprovedRepliesThatChangedAText() {
        func line(_ outcome: String?, _ text: String, original: String?) -> ConversationLine {
            Sample.line(
                Sample.item(.proposal, 7) {
                    $0.outcome = outcome
                    $0.closedBy = "amina"
                }, .proposal(text, .init(topic: "work-permit", variety: "nl", original: original, seen: 1)),
                .member("noor"))
        }
        let found = ImprovementsCommand.improvement(line("approved", "new", original: "old"))
        #expect(found?.edited == "new")
        #expect(found?.original == "old")
        #expect(found?.approvedBy == "amina")
        #expect(ImprovementsCommand.improvement(line("approved", "same", original: "same")) == nil)
        #expect(ImprovementsCommand.improvement(line("returned", "new", original: "old")) == nil)
        #expect(ImprovementsCommand.improvement(line(nil, "new", original: "old")) == nil)
        #expect(ImprovementsCommand.improvement(line("approved", "new", original: nil)) == nil)
        var doubtful = line("approved", "new", original: "old")
        doubtful.doubts = [.contact]
        #expect(ImprovementsCommand.improvement(doubtful) == nil)
        func page(isPractice: Bool) -> OpenedConversation {
            OpenedConversation(
                row: Sample.row { $0.isPractice = isPractice }, lines: [line("approved", "new", original: "old")],
                older: "", olderWithheld: false, event: 0)
        }
        #expect(ImprovementsCommand.improvements(of: page(isPractice: false)).count == 1)
        #expect(ImprovementsCommand.improvements(of: page(isPractice: true)) == [], "what is tried is no answer")
    }

    @Test func wordsThatAreNeverSaidAreNamedAndMadeSafe() {
        let text = ReplyWork.warning([
            NeverSaid(variety: "nl", phrase: "je bent veilig"), NeverSaid(variety: "en", phrase: Sample.escapes),
        ])
        #expect(text.contains("\"je bent veilig\" (nl)"))
        #expect(!text.hasHarmfulScalars)
    }

    @Test func thePracticeMarkIsNoneOfTheContactsWords() {
        #expect(PracticeMark.words(of: "[practice] wach kayn chi khbar?") == "wach kayn chi khbar?")
        #expect(PracticeMark.words(of: "[practice]\nسلام") == "سلام")
        #expect(PracticeMark.words(of: "[practice: lesson]\nThis was a relative.") == nil)
        #expect(PracticeMark.words(of: "salam") == "salam")
    }

    @Test func anErasureSaysWhatRemainsAndWhy() {
        let text = ContactEraseCommand.text(
            3,
            ErasureReport(
                segmentKeys: 2, records: 14, addresses: 1,
                remains: ["audit-lines", "dedup-hashes", "key-backups-30-days", "server-archive", "\u{1b}new"]))
        #expect(text.contains("Gone: 2 keys, 14 records, 1 address."))
        #expect(text.contains("30 days"))
        #expect(text.contains("XMPP server"))
        #expect(text.contains("␛new"))
        #expect(!text.hasHarmfulScalars)
    }

    @Test func searchHitsAreMadeSafeAndCounted() {
        let hit = SearchHit(
            position: 1, conversation: 12, contact: 3, kind: .message, id: 345, storedAt: Sample.now, isOutgoing: false,
            text: Sample.escapes + Sample.overrides, isCut: true)
        let display = Display()
        let text = display.text(
            SearchCommand.lines(SearchAnswer(hits: [hit], total: 9, isComplete: false), .filling, display))
        #expect(!text.hasHarmfulScalars)
        #expect(text.contains("c12 m345  the contact"))
        #expect(text.contains("1 of 9 found."))
        #expect(text.contains("still being filled"))
        let behind = SearchCommand.lines(SearchAnswer(hits: [], total: 0, isComplete: false), .behind, display)
        #expect(
            display.text(behind)
                == "Nothing was found.\nNewer ones are still being taken in: try again in a few seconds.\n")
    }

    @Test func eventsSayWhatHappenedWhere() {
        let event = StaffEvent(number: 5, kind: .item, at: Sample.now, conversation: 12, position: 3450)
        let item = Sample.item(.message, 345) { $0.direction = "in" }
        #expect(
            WatchCommand.line(event, item, Sample.row { $0.dangerSince = 1 }, zone: .gmt)
                == "2026-11-21 12:00  c12  DANGER  m345 from the contact")
        let state = StaffEvent(number: 6, kind: .conversation, at: Sample.now, conversation: 12, position: 0)
        let row = Sample.row {
            $0.assigned = "noor"
            $0.takenOverBy = "noor"
        }
        #expect(
            WatchCommand.line(state, nil, row, zone: .gmt)
                == "2026-11-21 12:00  c12  does not wait, for noor, noor has it from the bot")
        let channel = StaffEvent(number: 8, kind: .channel, at: Sample.now, conversation: 0, position: 0)
        #expect(
            WatchCommand.line(
                channel, nil, nil, channels: [.init(name: "xmpp", isOnline: false, since: Sample.now)], zone: .gmt)
                == "2026-11-21 12:00  xmpp is OFF LINE since 2026-11-21 12:00")
        let gone = StaffEvent(number: 7, kind: .erased, at: Sample.now, conversation: 12, position: 0)
        #expect(WatchCommand.line(gone, nil, nil, zone: .gmt) == "2026-11-21 12:00  c12  was erased")
    }

    @Test func theDoctorIsRedWhereItMustBe() throws {
        var status = BridgeStatus(
            version: Version.number, startedAt: Sample.now, now: Sample.now, keyMode: "file",
            channels: [.init(name: "xmpp", isOnline: false, since: Sample.now)], waiting: 0, danger: 0, outbox: [:],
            setAside: [:], schemaVersion: "3", warnings: ["key-mode-file"])
        func state(_ name: String, _ status: BridgeStatus) -> DoctorCheck.State? {
            DoctorWork.bridge(status, asked: Sample.now - 50, answered: Sample.now + 50).first { $0.name == name }?
                .state
        }
        #expect(state("key mode", status) == .red)
        #expect(state("channel xmpp", status) == .red)
        #expect(state("clock", status) == .ok)
        status.keyMode = "operator"
        status.channels[0].isOnline = true
        status.now = Sample.now + 10 * Sample.minute
        #expect(state("key mode", status) == .ok)
        #expect(state("channel xmpp", status) == .ok)
        #expect(state("clock", status) == .red)
        status.now = Sample.now - 10_000
        #expect(state("clock", status) == .look)
        status.version = "9"
        #expect(state("version", status) == .look)
        status.channels = []
        #expect(state("channels", status) == .red)
        #expect(state("backup", status) == nil)
        status.warnings = ["backup-old"]
        #expect(state("backup", status) == .red)
    }

    @Test func aTaskThatIsLateSaysSo() {
        let line = Sample.line(
            Sample.item(.task, 5) {
                $0.due = 100
                $0.assignee = "noor"
            }, .task("call the hospital"), .member("amina"))
        let display = Display()
        #expect(
            display.text(TaskText.lines(line, display, today: 101))
                == "t5 in c12 · LATE, was due 1970-04-11 · for noor\n  │ call the hospital\n")
        #expect(display.text(TaskText.lines(line, display, today: 100)).contains("· due 1970-04-11 ·"))
    }

    @Test func aTagIsFoundByNameOrId() {
        let on = Sample.line(Sample.item(.tag, 5), .tag("Housing"), .member("amina"))
        #expect(UntagCommand.matches(on, "housing"))
        #expect(UntagCommand.matches(on, "g5"))
        #expect(!UntagCommand.matches(on, "g6"))
        let off = Sample.line(Sample.item(.tag, 5) { $0.outcome = "removed" }, .tag("Housing"), .member("amina"))
        #expect(!UntagCommand.matches(off, "housing"))
    }

    @Test func whatIsWrittenBelowTheMarkIsTheText() {
        let page = ComposedText.page(start: "Salam", hint: ["To c12."])
        #expect(ComposedText.trimmed(ComposedText.text(of: page)) == "Salam")
        #expect(ComposedText.text(of: "no mark") == "no mark")
        #expect(ComposedText.page(start: "x", hint: []) == "x")
    }

    @Test func placesSeenOnlyGoForward() throws {
        let scratch = try Scratch()
        let marks = SeenMarks(folder: scratch.path)
        #expect(marks.position(12) == 0)
        marks.note(12, 40)
        marks.note(12, 30)
        marks.note(13, 7)
        #expect(SeenMarks(folder: scratch.path).position(12) == 40)
        #expect(marks.position(13) == 7)
        #expect(try scratch.mode(scratch.path + "/seen.json") == 0o600)
    }
}
