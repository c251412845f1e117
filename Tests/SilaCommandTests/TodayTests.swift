import Foundation
import InboxReader
import Sealing
import StaffProtocol
import Testing

@testable import Inbox
@testable import sila

/// `sila today`: replies that wait for a second person, and those that came back.
@Suite struct TodayTests {
    private let status = BridgeStatus(
        version: "", startedAt: 0, now: 0, keyMode: "operator", channels: [], waiting: 0, danger: 0, outbox: [:],
        setAside: [:], schemaVersion: "", warnings: [])

    private func proposal(
        _ id: Int64, of author: String, in conversation: Int64 = 12, outcome: String? = nil
    ) -> ConversationLine {
        let item = SealedItem(
            kind: .proposal, id: id, position: id * 10, conversation: conversation, segment: Data(),
            storedAt: Sample.now, sealed: Data(), author: author, closedBy: outcome.map { _ in "amina" },
            outcome: outcome)
        return Sample.line(item, .proposal("salam \(id)", .init(variety: "ary", seen: 1)), .member(author)) {
            $0.language = "ary"
        }
    }

    private func text(_ member: String, _ change: (inout TodayWork) -> Void) -> String {
        var today = TodayWork(rows: [Sample.row { $0.proposals = 1 }], tasks: [], drafts: [], status: status)
        today.member = member
        change(&today)
        let display = Display()
        return display.text(TodayText(today: today, now: Sample.now, display: display).lines())
    }

    @Test("In the reader a reply that waits is as old as the oldest one that still waits there")
    func ageOfAProposal() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        let row = Sample.row { ($0.proposals, $0.lastInAt) = (2, 5_000) }
        let items = [
            Sample.item(.proposal, 6) { ($0.storedAt, $0.outcome) = (1_000, "returned") },
            Sample.item(.proposal, 7) { $0.storedAt = 2_000 }, Sample.item(.proposal, 8) { $0.storedAt = 3_000 },
        ]
        desk.bridge.change { $0.pages[12] = ReaderDesk.page(row: row, items) }
        var today = TodayWork(rows: [row], tasks: [], drafts: [], status: status)
        today.proposedSince = try await TodayReplies.since(in: today.proposals, desk.session.connection)
        #expect(ReaderTodayItem.items(of: today).filter { $0.kind == .proposal }.map(\.since) == [2_000])
    }

    @Test("A reply to approve stands with its id, its author and its words")
    func toApprove() throws {
        let shown = text("amina") { $0.replies = [proposal(7, of: "noor")] }
        #expect(
            shown
                == "Replies to approve\np7 in c12 · of noor · ary · since \(Moments.clock(Sample.now))\n  │ salam 7\n\n"
        )
    }

    @Test("One's own is not put before its author to approve")
    func own() {
        let shown = text("noor") { $0.replies = [proposal(7, of: "noor"), proposal(8, of: "amina")] }
        #expect(shown.contains("Replies to approve\np8 in c12"))
        #expect(shown.contains("Yours, waiting for a colleague\np7 in c12"))
    }

    @Test("Whoever looks at the day sees that there is no backup")
    func overdueBackup() {
        var overdue = status
        overdue.warnings = ["backup-never"]
        let today = TodayWork(rows: [], tasks: [], drafts: [], status: overdue)
        let shown = Display(columns: 200).text(
            TodayText(today: today, now: Sample.now, display: Display(columns: 200)).lines())
        #expect(shown.contains("There is no backup of the bridge.") && shown.contains("silad backup"))
        #expect(TodayReport(today).backupIsOverdue)
        #expect(TodayReport(TodayWork(rows: [], tasks: [], drafts: [], status: status)).backupIsOverdue == false)
    }

    @Test("In practice everybody is their own colleague")
    func practice() {
        let shown = text("noor") { today in
            today = TodayWork(
                rows: [Sample.row { $0.isPractice = true }], tasks: [], drafts: [], status: status, member: "noor")
            today.replies = [proposal(7, of: "noor")]
        }
        #expect(shown.contains("Replies to approve\np7 in c12"))
    }

    @Test("JSON tells the two apart and names what came back")
    func json() throws {
        var today = TodayWork(rows: [], tasks: [], drafts: [], status: status, member: "noor")
        today.replies = [proposal(7, of: "noor"), proposal(8, of: "amina")]
        today.givenBack = [proposal(9, of: "noor", outcome: "returned").item]
        let report = TodayReport(today)
        #expect(report.proposals.map(\.proposal.id) == ["p8"])
        #expect(report.yours.map(\.proposal.id) == ["p7"])
        #expect(report.yours.map(\.conversation) == ["c12"])
        #expect(report.givenBack.map(\.id) == ["p9"])
        #expect(report.givenBack.map(\.by) == ["amina"])
    }

    @Test("A reply that came back is named until somebody answers or proposes anew")
    func givenBack() throws {
        let mine = proposal(7, of: "noor", outcome: "returned").item
        let contact = Sample.item(.message, 345) { $0.direction = "in" }
        let bot = Sample.item(.message, 346) { $0.direction = "out" }
        let note = Sample.item(.note, 8) { $0.author = "amina" }
        let answer = Sample.item(.message, 347) { ($0.direction, $0.author) = ("out", "amina") }
        func found(_ items: [SealedItem]) -> Int64? { TodayReplies.givenBack(to: "noor", in: items)?.id }
        #expect(found([contact, mine, note, contact, bot]) == 7)
        #expect(found([mine, answer]) == nil)
        #expect(found([answer, mine]) == 7)
        #expect(found([mine, proposal(9, of: "noor").item]) == nil)
        #expect(found([mine, proposal(9, of: "noor", outcome: "withdrawn").item]) == nil)
        #expect(found([proposal(7, of: "bilal", outcome: "returned").item]) == nil)
        #expect(found([proposal(7, of: "noor", outcome: "approved").item]) == nil)
        let shown = text("noor") { $0.givenBack = [mine] }
        #expect(shown.hasPrefix("Given back to you\np7 in c12 by amina, "))
        #expect(shown.contains("Why: sila show c12"))
    }

    @Test("Only conversations of one's own that wait are asked for")
    func askedFor() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        let me = desk.session.member.rawValue
        let row = Sample.row { ($0.assigned, $0.waitsSince, $0.proposals) = (me, 1, 0) }
        let back = proposal(7, of: me, outcome: "returned").item
        desk.bridge.change { $0.pages[12] = ReaderDesk.page(row: row, [back]) }
        func found(_ rows: [InboxRow]) async throws -> [Int64] {
            try await TodayReplies.givenBack(to: me, in: rows, desk.session.connection).map(\.id)
        }
        #expect(try await found([row]) == [7])
        #expect(try await found([Sample.row { ($0.assigned, $0.waitsSince) = (me, 0) }]) == [])
        #expect(try await found([Sample.row { ($0.assigned, $0.waitsSince) = ("noor", 1) }]) == [])
        #expect(desk.bridge.look(\.changes).isEmpty)
    }
}
