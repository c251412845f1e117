import Foundation
import Inbox
import InboxReader
import Sealing
import StaffAgent
import StaffProtocol
import Testing
import UnixHTTPServer

@testable import sila

@Suite struct ReaderBackendTests {
    @Test("A draft begun with 'sila reply' is found in the reader, and the other way round")
    func sharedDrafts() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        var draft = Draft(conversation: 12, text: "from the command", seen: 33, topic: "a.b", original: "x")
        try await desk.session.work.replies.save(draft)
        let found = try await desk.backend.drafts()
        #expect(found.map(\.text) == ["from the command"])
        #expect(found.map(\.topic) == ["a.b"])
        #expect(found.map(\.original) == ["x"])
        try await desk.backend.keep(desk.draft("from the reader"))
        draft = try #require(try await desk.session.work.replies.draft(12))
        #expect(draft.text == "from the reader")
        #expect(draft.seen == 33)
        #expect(draft.topic == nil)
        try await desk.backend.keep(desk.draft(""))
        #expect(try await desk.session.work.replies.draft(12) == nil)
    }

    @Test("Drafts of one conversation with different purposes do not touch each other")
    func purposes() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        for purpose in ReaderDraft.Purpose.allCases {
            try await desk.backend.keep(desk.draft(purpose.rawValue, purpose))
        }
        let later = try await desk.again()
        let found = try await later.drafts()
        #expect(found.map(\.purpose) == ReaderDraft.Purpose.allCases)
        #expect(found.map(\.text) == ReaderDraft.Purpose.allCases.map(\.rawValue))
        try await later.keep(desk.draft("", .note))
        #expect(try await later.drafts().map(\.purpose) == [.reply, .confidentialNote, .giveBack])
    }

    @Test("A draft that does not open is said, and the others are there")
    func damagedDraft() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        try await desk.backend.keep(desk.draft("whole"))
        let folder = desk.session.machine.profileFolder.drafts
        #expect(FileManager.default.createFile(atPath: folder + "/c13.draft", contents: Data(repeating: 1, count: 99)))
        #expect(try await desk.backend.drafts().map(\.text) == ["whole"])
        for await event in desk.backend.events() {
            guard case .alarm(let text) = event else { continue }
            #expect(text.contains("c13"))
            break
        }
    }

    @Test("What happens is told: new things, a lost line, new keys before anything is read with old ones")
    func events() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        desk.bridge.always(
            "GET /v1/inbox", [.json(InboxPage(rows: [], waiting: 0, danger: 0, next: "", event: 4))])
        func text(_ number: Int64, _ kind: StaffEvent.Kind, _ conversation: Int64) throws -> UnixHTTPServer.Step {
            let event = StaffEvent(number: number, kind: kind, at: 1, conversation: conversation, position: 0)
            let json = String(decoding: try JSONEncoder().encode(event), as: UTF8.self)
            return .chunk(Array("id: \(number)\nevent: \(kind.rawValue)\ndata: \(json)\n\n".utf8))
        }
        desk.bridge.once(
            "GET /v1/events", [.chunkedHead(), try text(5, .item, 12), .close],
            [.chunkedHead(), try text(6, .roster, 0), try text(7, .erased, 13), .hang])
        let keyrings = desk.bridge.server.requests.count { $0.path == "/v1/keyring" }
        var told: [ReaderEvent] = []
        for await event in desk.backend.events() {
            told.append(event)
            if told.count == 6 { break }
        }
        #expect(
            told == [
                .link(isUp: true), .changed(12), .link(isUp: false), .link(isUp: true), .changed(nil), .changed(13),
            ])
        #expect(desk.bridge.server.requests.count { $0.path == "/v1/keyring" } == keyrings + 1)
        #expect(desk.bridge.server.requests.last { $0.path == "/v1/events" }?.headers["last-event-id"] == "5")
    }

    @Test("A roster that must not be trusted is an alarm, and nothing is read as if it were")
    func substitutedRoster() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        let other = try await ReaderDesk()
        defer { other.end() }
        let roster = other.bridge.look(\.roster)
        desk.bridge.change { $0.roster = roster }
        desk.bridge.always("GET /v1/inbox", ReaderBridge.refusal(.unauthenticated))
        let events = desk.backend.events()
        var iterator = events.makeAsyncIterator()
        guard case .alarm(let text) = await iterator.next() else {
            Issue.record("no alarm")
            return
        }
        #expect(text.contains("WARNING"))
        // Going on makes no sense: the reader is told that nothing more comes.
        #expect(await iterator.next() == nil)
    }

    @Test("What was shown in the reader counts as seen for the command line")
    func seen() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        desk.bridge.change { $0.pages[12] = ReaderDesk.page(row: Sample.row(), [Sample.item(.message, 5)]) }
        let page = try await desk.backend.open(12, before: "")
        #expect(page.lines.map(\.body) == [.damaged])
        #expect(desk.session.seen.position(12) == 50)
    }

    @Test("Searching without an agent says what to do")
    func searchWithoutAgent() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        await #expect {
            try await desk.backend.search("salam")
        } throws: { ($0 as? ReaderFailure)?.message.contains("sila unlock") == true }
    }

    @Test("Without a terminal the command line is wrong", arguments: [true, false])
    func noTerminal(isInteractive: Bool) throws {
        let null = open("/dev/null", O_RDWR)
        defer { close(null) }
        #expect {
            try ReaderLauncher.requireTerminal(input: null, output: null)
        } throws: { Sila.exitCode(for: $0).rawValue == 64 }
        let arguments = ["inbox", "-i", "--language", isInteractive ? "nl" : "xx"]
        if isInteractive {
            #expect((try Sila.parseAsRoot(arguments) as? InboxCommand)?.reader.language == .dutch)
        } else {
            #expect { try Sila.parseAsRoot(arguments) } throws: { Sila.exitCode(for: $0).rawValue == 64 }
        }
    }

    @Test(
        "What goes wrong, as the reader knows it",
        arguments: [
            (APIError(.unauthenticated, "x"), ReaderFailure.Kind.locked), (APIError(.forbidden, "x"), .notAllowed),
            (APIError(.needsSecondPerson, "x"), .needsSecondPerson), (APIError(.notFound, "x"), .gone),
            (APIError(.conflict, "x", current: "noor"), .conflict(by: "noor")),
            (APIError(.conflict, "x", current: "50"), .conflict(by: "")), (APIError(.locked, "x"), .offline),
            (APIError(.unavailable, "x"), .offline), (APIError(.refused, "x"), .other),
            (APIError(.notEncrypted, "x"), .notEncrypted),
            (APIError(.keyReused, "x"), .other),
        ])
    func failures(error: APIError, kind: ReaderFailure.Kind) throws {
        #expect(ReaderFailure(error, texts: try .embedded(.english)).kind == kind)
    }

    @Test("A lost line is no answer; a bridge that is none, and a locked agent, are said")
    func connectionFailures() throws {
        let texts = try StaffTexts.embedded(.dutch)
        #expect(ReaderFailure(ConnectionError(.lost, "x"), texts: texts).kind == .offline)
        #expect(ReaderFailure(ConnectionError(.notABridge, "x"), texts: texts) == ReaderFailure(.other, "x"))
        let locked = ReaderFailure(AgentError(.notUnlocked, "x"), texts: texts)
        #expect(locked.kind == .locked)
        #expect(locked.message.contains("vergrendeld"))
    }
}
