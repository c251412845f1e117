import Foundation
import InboxReader
import Sealing
import StaffProtocol
import Testing
import UnixHTTPServer

@testable import Inbox
@testable import sila

@Suite struct ReaderChangeTests {
    private let route = "POST /v1/conversations/12/replies"
    private let entries = "POST /v1/conversations/12/entries"

    private func reply(_ text: String, seen: Int64 = 40) -> ReaderChange {
        .reply(text: text, seen: seen, topic: "", variety: "")
    }

    @Test("A reply whose answer was lost goes out once, also from another program", arguments: [true, false])
    func replyOnce(wasDone: Bool) async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        try await desk.backend.keep(desk.draft("Salam"))
        desk.bridge.always(route, wasDone ? ReaderBridge.doneWithoutAnswer : ReaderBridge.lost)
        // libcurl itself tries again on a new connection: the fault stands until it is taken away.
        desk.bridge.change {
            $0.once[route] = Array(repeating: wasDone ? ReaderBridge.doneWithoutAnswer : [.close], count: 4)
        }
        #expect(await desk.apply(reply("Salam")) == .offline)
        desk.bridge.change { ($0.once, $0.answers) = ([:], [:]) }
        let later = try await desk.again()
        #expect(try await later.drafts().map(\.text) == ["Salam"])
        #expect(await desk.apply(reply("Salam"), by: later) == nil)
        #expect(desk.replies.map(\.text) == ["Salam"])
        #expect(try await later.drafts().isEmpty)
    }

    @Test("Other words after a lost answer do not go out beside the first")
    func earlierSent() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        desk.bridge.change { $0.once[route] = Array(repeating: ReaderBridge.doneWithoutAnswer, count: 4) }
        #expect(await desk.apply(reply("first")) == .offline)
        desk.bridge.change { $0.once = [:] }
        try await desk.backend.keep(desk.draft("second", change: "a-change-2"))
        #expect(await desk.apply(reply("second"), id: "a-change-2") == .earlierSent)
        #expect(desk.replies.map(\.text) == ["first"])
        #expect(try await desk.backend.drafts().map(\.text) == ["second"])
        #expect(await desk.apply(reply("second"), id: "a-change-3") == nil)
        #expect(desk.replies.map(\.text) == ["first", "second"])
    }

    @Test("An intern's words become a proposal with the topic's own text")
    func proposal() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        desk.bridge.always(route, ReaderBridge.refusal(.needsSecondPerson))
        #expect(
            await desk.apply(.reply(text: "Salam!", seen: 40, topic: "a.b", variety: "ary")) == .needsSecondPerson)
        #expect(try await desk.backend.drafts().map(\.topic) == ["a.b"])
        let propose = ReaderChange.propose(text: "Salam!", seen: 40, topic: "a.b", variety: "ary", original: "Salam")
        #expect(await desk.apply(propose, id: "a-change-2") == nil)
        let body = try #require(desk.bridge.look(\.changes).first?.body)
        #expect(try JSONDecoder().decode(NewEntry.self, from: Data(body)).kind == .proposal)
        #expect(!String(decoding: body, as: UTF8.self).contains("Salam"))
        #expect(try await desk.backend.drafts().isEmpty)
    }

    @Test("Words that are never said stay here until that is meant", arguments: [true, false])
    func neverSaid(isApproval: Bool) async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        try await desk.backend.keep(desk.draft("je bent veilig"))
        let found = [NeverSaid(variety: "nl", phrase: "je bent veilig")]
        desk.bridge.always(
            "POST /v1/suggestions", [.json(Suggestions(variety: "nl", suggestions: [], neverSaid: found))])
        func change(_ anyway: Bool) -> ReaderChange {
            isApproval
                ? .approve(proposal: 7, text: "je bent veilig", seen: 40, anyway: anyway)
                : .reply(text: "je bent veilig", seen: 40, topic: "", variety: "", anyway: anyway)
        }
        #expect(await desk.apply(change(false)) == .neverSaid(["je bent veilig"]))
        #expect(desk.replies.isEmpty)
        #expect(try await desk.backend.drafts().map(\.text) == ["je bent veilig"])
        #expect(desk.session.work.drafts.of(.approval).conversations().isEmpty)
        #expect(await desk.apply(change(true)) == nil)
        #expect(desk.replies.map(\.text) == ["je bent veilig"])
    }

    @Test("What every server can read stays here until that is meant", arguments: [true, false])
    func inTheClear(isApproval: Bool) async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        try await desk.backend.keep(desk.draft("Salam"))
        func change(_ inTheClear: Bool) -> ReaderChange {
            isApproval
                ? .approve(proposal: 7, text: "Salam", seen: 40, inTheClear: inTheClear)
                : .reply(text: "Salam", seen: 40, topic: "", variety: "", inTheClear: inTheClear)
        }
        desk.bridge.once(route, ReaderBridge.refusal(.notEncrypted))
        #expect(await desk.apply(change(false)) == .notEncrypted)
        #expect(desk.replies.isEmpty)
        #expect(try await desk.backend.drafts().map(\.text) == ["Salam"])
        #expect(desk.session.work.drafts.of(.approval).conversations().isEmpty)
        #expect(await desk.apply(change(true), id: "a-change-2") == nil)
        #expect(desk.replies.map(\.inTheClear) == [true])
    }

    @Test("Approving leaves one's own draft in the same conversation alone", arguments: [true, false])
    func approval(isRefused: Bool) async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        try await desk.backend.keep(desk.draft("my own words"))
        if isRefused { desk.bridge.once(route, ReaderBridge.refusal(.refused)) }
        let kind = await desk.apply(.approve(proposal: 7, text: "a colleague's", seen: 40))
        #expect(kind == (isRefused ? .other : nil))
        #expect(desk.replies.map(\.proposal) == (isRefused ? [] : [7]))
        #expect(try await desk.backend.drafts().map(\.text) == ["my own words"])
        #expect(desk.session.work.drafts.of(.approval).conversations().isEmpty)
    }

    @Test("A proposal that was sealed for another contact goes to nobody")
    func doubtfulProposal() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        func show(_ doubts: Set<ConversationLine.Doubt>) async {
            let line = Sample.line(
                Sample.item(.proposal, 7), .proposal("a colleague's", .init(seen: 1)), .member("noor")
            ) { $0.doubts = doubts }
            await desk.backend.memory.note(
                OpenedConversation(row: ReaderDesk.row, lines: [line], older: "", olderWithheld: false, event: 0))
        }
        let approve = ReaderChange.approve(proposal: 7, text: "a colleague's", seen: 40, anyway: true)
        await show([.contact])
        #expect(await desk.apply(approve) == .other)
        #expect(desk.replies.isEmpty)
        await show([])
        #expect(await desk.apply(approve) == nil)
        #expect(desk.replies.map(\.proposal) == [7])
    }

    @Test("A note whose answer was lost is the same bytes under the same key after a restart")
    func noteOnce() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        let change = ReaderChange.note(text: "only for us", confidential: true)
        try await desk.backend.keep(desk.draft("only for us", .confidentialNote))
        desk.bridge.change { $0.once[entries] = Array(repeating: ReaderBridge.doneWithoutAnswer, count: 4) }
        #expect(await desk.apply(change) == .offline)
        desk.bridge.change { $0.once = [:] }
        let later = try await desk.again()
        let kept = try #require(try await later.drafts().first)
        #expect(kept.purpose == .confidentialNote)
        #expect(await desk.apply(change, id: kept.change, by: later) == nil)
        let done = desk.bridge.look(\.changes)
        #expect(done.count == 1)
        let entry = try JSONDecoder().decode(NewEntry.self, from: Data(try #require(done.first).body))
        #expect(entry.segment.compartment == .casework)
        #expect(try await later.drafts().isEmpty)
    }

    @Test("Giving back closes the proposal and says why, each once")
    func giveBack() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        let change = ReaderChange.giveBack(proposal: 7, reason: "too short")
        let item = Sample.item(.proposal, 7) { $0.outcome = "returned" }
        desk.bridge.once("POST /v1/entries/7/close", [.json(item)], [.json(item)])
        desk.bridge.change { $0.once[entries] = Array(repeating: ReaderBridge.doneWithoutAnswer, count: 4) }
        #expect(await desk.apply(change) == .offline)
        desk.bridge.change { $0.once[entries] = [] }
        #expect(await desk.apply(change) == nil)
        #expect(desk.bridge.look(\.changes).map(\.path) == ["/v1/conversations/12/entries"])
        let closes = desk.bridge.server.requests.filter { $0.path == "/v1/entries/7/close" }
        #expect(closes.count == 2)
        #expect(Set(closes.compactMap { $0.headers["idempotency-key"] }).count == 1)
    }

    @Test("A change that the reader asks again carries the same key")
    func sameKey() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        let assign = "POST /v1/conversations/12/assignment"
        let put = "PUT /v1/conversations/12/assignment"
        for route in [assign, put] { desk.bridge.always(route, [.json(Sample.row())]) }
        for _ in 0..<2 { #expect(await desk.apply(.assign(to: "noor", from: ""), id: "assign-0001") == nil) }
        let asked = desk.bridge.server.requests.filter { $0.path.hasSuffix("/assignment") }
        #expect(asked.map { $0.headers["idempotency-key"] } == ["assign-0001", "assign-0001"])
    }

    @Test("Who was faster is named: who has it, or who wrote")
    func conflicts() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        desk.bridge.change { state in
            state.pages[12] = ReaderDesk.page(
                row: Sample.row(),
                [
                    Sample.item(.message, 5) { ($0.position, $0.author) = (50, "noor") },
                    Sample.item(.task, 7) { ($0.position, $0.closedBy) = (60, "samira") },
                ])
        }
        desk.bridge.once(route, ReaderBridge.refusal(.conflict, current: "50"))
        #expect(await desk.apply(reply("Salam")) == .conflict(by: "noor"))
        #expect(try await desk.backend.drafts().map(\.text) == ["Salam"])
        let takeover = desk.bridge
        for method in ["POST", "PUT"] {
            takeover.always("\(method) /v1/conversations/12/takeover", ReaderBridge.refusal(.conflict, current: "noor"))
            takeover.always("\(method) /v1/entries/7/close", ReaderBridge.refusal(.conflict, current: "done"))
        }
        #expect(await desk.apply(.takeOver(force: false)) == .conflict(by: "noor"))
        #expect(await desk.apply(.finishTask(7)) == .conflict(by: "samira"))
    }
}
