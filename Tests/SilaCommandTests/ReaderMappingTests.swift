import Foundation
import Inbox
import InboxReader
import Messaging
import Sealing
import StaffProtocol
import Testing

@testable import Inbox
@testable import sila

@Suite struct ReaderMappingTests {
    private func line(
        _ kind: SealedItem.Kind, _ content: ConversationLine.Content, _ author: ConversationLine.Author = .unknown,
        row: InboxRow = Sample.row(), item: (inout SealedItem) -> Void = { _ in },
        change: (inout ConversationLine) -> Void = { _ in }
    ) -> ReaderLine {
        ReaderLine(Sample.line(Sample.item(kind, 5, item), content, author, change), in: row)
    }

    @Test("Who wrote is who sealed it; what does not open is named as the bridge names it")
    func kinds() {
        #expect(line(.message, .message("x"), .contact).kind == .contact)
        #expect(line(.message, .message("x"), .bot).kind == .bot)
        let own = line(.message, .message("x"), .member("noor"))
        #expect((own.kind, own.author) == (.staff, "noor"))
        #expect(line(.message, .erased, item: { $0.direction = "in" }).kind == .contact)
        #expect(line(.message, .erased, item: { $0.direction = "out" }).kind == .bot)
        let erased = line(.message, .erased, item: { ($0.direction, $0.author) = ("out", "noor") })
        #expect((erased.kind, erased.author, erased.body) == (.staff, "noor", .erased))
    }

    @Test("Notes that interns do not read are told apart")
    func notes() {
        #expect(line(.note, .note("x"), .member("noor"), change: { $0.compartment = .desk }).kind == .note)
        let closed = line(
            .note, .closed(.casework), item: { $0.author = "noor" }, change: { $0.compartment = .casework })
        #expect((closed.kind, closed.body, closed.author) == (.confidentialNote, .withheld, "noor"))
    }

    @Test("Where the encryption of each message ended; practice reaches nobody")
    func ends() {
        func end(_ protection: Protection, _ change: (inout InboxRow) -> Void = { _ in }) -> ReaderEnd? {
            line(.message, .message("x"), .contact, row: Sample.row(change), change: { $0.protection = protection })
                .endsAt
        }
        #expect(end(.endToEnd) == .bridge)
        #expect(end(.none) == ReaderEnd.none)
        #expect(end(.endToEnd, { $0.endsAt = .none }) == .bridge)
        #expect(end(.endToEnd, { $0.endsAt = .meta }) == .meta)
        #expect(end(.endToEnd, { $0.isPractice = true }) == nil)
    }

    @Test("A new device, and a bridge that says otherwise, are remarked")
    func remarks() {
        let line = line(
            .message, .message("x"), .contact,
            change: {
                $0.deviceIsNew = true
                $0.doubts = [.direction]
            })
        #expect(line.remarks == [.newDevice, .doubtful])
    }

    @Test(
        "How far a message came",
        arguments: [
            ("intent", ReaderLine.Stage.waiting), ("prepared", .waiting), ("handed-over", .handedOver),
            ("confirmed", .confirmed), ("uncertain", .uncertain), ("failed", .failed), ("something-new", nil),
        ])
    func stages(word: String, stage: ReaderLine.Stage?) {
        #expect(line(.message, .message("x"), .bot, item: { $0.stage = word }).stage == stage)
    }

    @Test("Tasks and proposals with what is known beside them")
    func entries() {
        let task = line(
            .task, .task("x"), .member("noor"),
            item: { ($0.assignee, $0.due, $0.outcome, $0.closedBy) = ("noor", 20_000, "done", "samira") })
        #expect((task.assignee, task.due, task.outcome, task.closedBy) == ("noor", 20_000, .done, "samira"))
        let proposal = EntryRecord.Proposal(topic: "a.b", variety: "ary", original: "own", seen: 4)
        let waiting = line(.proposal, .proposal("x", proposal), .member("noor"), change: { $0.topic = "a.b" })
        #expect((waiting.original, waiting.topic, waiting.outcome) == ("own", "a.b", nil))
        #expect(waiting.shortID == "p5")
    }

    @Test("What a role may do is what the reader offers")
    func rights() {
        let nobody = MemberSettings()
        #expect(ReaderRight.rights(of: .staff, nil) == [.assign, .approve, .replyAlone])
        #expect(ReaderRight.rights(of: .intern, nobody) == [.hide])
        #expect(
            ReaderRight.rights(of: .intern, MemberSettings(repliesAlone: true, experiencedIn: ["ary"]))
                == [.hide, .replyAlone, .approve])
        #expect(ReaderRight.rights(of: .auditor, nil).isEmpty)
    }

    @Test("Only what may be said is offered of a topic; a review word that is not known is no release")
    func suggestions() {
        func sayable(_ review: String) -> [String: String] {
            ReaderSuggestion(
                Suggestion(
                    topic: "a.b", confidence: 1, sources: [], checked: "", review: review, handOver: "",
                    texts: ["nl": "antwoord"], safeTexts: ["nl": "stap"]), asked: "nl"
            ).sayable
        }
        #expect(sayable("released") == ["nl": "antwoord"])
        #expect(sayable("draft") == ["nl": "stap"])
        #expect(sayable("approved?") == ["nl": "stap"])
    }

    @Test("Today: danger, who waits, what waits for a second person, tasks by day, what did not arrive")
    func today() {
        let task = Sample.line(Sample.item(.task, 9) { $0.due = 20_000 }, .task("call"), .member("noor"))
        let status = BridgeStatus(
            version: "", startedAt: 0, now: 0, keyMode: "file", channels: [], waiting: 0, danger: 0, outbox: [:],
            setAside: [:], schemaVersion: "", warnings: [])
        let today = TodayWork(
            rows: [
                Sample.row { ($0.conversation, $0.troubled) = (1, 1) },
                Sample.row { ($0.conversation, $0.waitsSince) = (2, 9) },
                Sample.row { ($0.conversation, $0.waitsSince, $0.dangerSince) = (3, 8, 8) },
                Sample.row { ($0.conversation, $0.proposals, $0.isPractice) = (12, 1, true) },
            ], tasks: [task], drafts: [], status: status)
        let items = ReaderTodayItem.items(of: today)
        #expect(items.map(\.kind) == [.danger, .waiting, .proposal, .task, .troubled])
        #expect(items.map(\.shortID) == ["c3", "c2", "c12", "c12", "c1"])
        #expect(items[3].text == "call")
        #expect(items[3].name == "practice-3")
    }
}
