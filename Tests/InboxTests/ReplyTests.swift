import Foundation
import HTTPClient
import Sealing
import StaffProtocol
import Testing
import UnixHTTPServer

@testable import Inbox
@testable import Unsealing

@Suite struct ReplyTests {
    private let route = "POST /v1/conversations/12/replies"

    private func sent(_ desk: Desk) -> [String] {
        desk.bridge.look(\.changes).compactMap {
            try? JSONDecoder().decode(ReplyRequest.self, from: Data($0.body)).text
        }
    }

    @Test func aReplyGoesOutAndItsDraftIsGone() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        try await desk.replies.save(Draft(conversation: 12, text: "Salam", seen: 40))
        let draft = try #require(try await desk.replies.draft(12))
        #expect(try await desk.replies.send(draft) == .sent(Created(id: 1, position: 100)))
        #expect(sent(desk) == ["Salam"])
        #expect(try await desk.replies.draft(12) == nil)
        #expect(desk.drafts.conversations().isEmpty)
    }

    @Test func wordsThatAreNeverSaidAreFoundBeforeTheyGoOut() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let found = NeverSaid(variety: "nl", phrase: "je bent veilig")
        desk.bridge.always(
            "POST /v1/suggestions",
            [.json(Suggestions(variety: "nl", suggestions: [], neverSaid: [found]), status: 200)])
        var draft = Draft(conversation: 12, text: "Je bent veilig.", seen: 40)
        #expect(try await desk.replies.neverSaid(in: draft) == [found])
        #expect(sent(desk) == [], "asking sends nothing")
        // A topic's own text was looked at when the content was made.
        draft.original = draft.text
        #expect(try await desk.replies.neverSaid(in: draft) == [])
    }

    @Test(arguments: [true, false])
    func aConnectionLostInTheMiddleLeavesADraftThatIsSentOnce(_ wasDone: Bool) async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.once(route, wasDone ? .doneWithoutAnswer : .lost, wasDone ? .doneWithoutAnswer : .lost)
        let draft = Draft(conversation: 12, text: "Salam", seen: 40)
        let error = await caught(ConnectionError.self) { try await desk.replies.send(draft) }
        #expect(error?.kind == .lost)
        #expect(error?.isUncertain == true)
        // Another program, after a restart: it has the file only.
        let flow = ReplyFlow(
            desk.connection,
            drafts: DraftStore(desk.deployment.folder, keys: UnlockedKeys(desk.deployment.coordinator)),
            sealer: desk.sealer)
        let kept = try #require(try await flow.draft(12))
        #expect(kept.text == "Salam")
        #expect(kept.attempt?.kind == .reply)
        // The rest of the faults, if libcurl itself had not tried again on a new connection.
        desk.bridge.change { $0.once = [:] }
        #expect(try await flow.send(kept) == .sent(Created(id: 1, position: 100)))
        #expect(sent(desk) == ["Salam"])
        #expect(try await flow.draft(12) == nil)
    }

    @Test func otherWordsAfterALostAnswerDoNotGoOutBesideTheFirst() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.once(route, .doneWithoutAnswer, .doneWithoutAnswer)
        _ = await caught(ConnectionError.self) {
            try await desk.replies.send(Draft(conversation: 12, text: "first", seen: 40))
        }
        desk.bridge.change { $0.once = [:] }
        // The reader writes anew, without knowing of the file.
        let changed = Draft(conversation: 12, text: "second", seen: 40)
        let outcome = try await desk.replies.send(changed)
        #expect(outcome == .earlierWentOut(Created(id: 1, position: 100), text: "first", kind: .reply))
        #expect(sent(desk) == ["first"])
        let kept = try #require(try await desk.replies.draft(12))
        #expect(kept.text == "second")
        #expect(try await desk.replies.send(kept) == .sent(Created(id: 2, position: 200)))
        #expect(sent(desk) == ["first", "second"])
    }

    @Test func wordsOfAnOpenAttemptThatAreRefusedGiveWayToTheNewOnes() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.once(route, .lost, .lost)
        _ = await caught(ConnectionError.self) {
            try await desk.replies.send(Draft(conversation: 12, text: "first", seen: 40))
        }
        desk.bridge.change { $0.once = [:] }
        desk.bridge.once(route, [.json(APIError(.conflict, "read first", current: "50"), status: 409)])
        #expect(
            try await desk.replies.send(Draft(conversation: 12, text: "second", seen: 50))
                == .sent(Created(id: 1, position: 100)))
        #expect(sent(desk) == ["second"])
    }

    @Test func aConflictIsShownAndTheDraftKept() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let said = APIError(.conflict, "noor wrote", current: "50")
        desk.bridge.once(route, [.json(said, status: 409)])
        var draft = Draft(conversation: 12, text: "Salam", seen: 40)
        #expect(try await desk.replies.send(draft) == .conflict(said))
        #expect(try await desk.replies.draft(12)?.text == "Salam")
        #expect(try await desk.replies.draft(12)?.attempt == nil)
        // Read, and sent: a new request under a new key.
        draft.seen = 50
        #expect(try await desk.replies.send(draft) == .sent(Created(id: 1, position: 100)))
    }

    @Test func anInternsReplyBecomesAProposalThatOthersRead() async throws {
        let desk = try await Desk(asIntern: true)
        defer { desk.end() }
        let said = APIError(.needsSecondPerson, "a second person")
        desk.bridge.always(route, [.json(said, status: 403)])
        var draft = Draft(
            conversation: 12, text: "Salam, nta f l'aman?", seen: 40, topic: "rights.detention", variety: "ary-Latn",
            original: "Salam")
        #expect(try await desk.replies.send(draft) == .needsSecondPerson(said))
        draft = try #require(try await desk.replies.draft(12))
        // Once lost, once taken: one proposal, the same bytes.
        desk.bridge.once("POST /v1/conversations/12/entries", .doneWithoutAnswer, .doneWithoutAnswer)
        let row = InboxRow.test(12, newest: 40)
        _ = await caught(ConnectionError.self) { try await desk.replies.propose(draft, in: row) }
        desk.bridge.change { $0.once = [:] }
        draft = try #require(try await desk.replies.draft(12))
        #expect(try await desk.replies.propose(draft, in: row) == .proposed(Created(id: 1, position: 100)))
        #expect(try await desk.replies.draft(12) == nil)
        let bodies = desk.bridge.look(\.changes).map(\.body)
        #expect(bodies.count == 1)
        // No word of it is readable on its way.
        #expect(!String(decoding: bodies[0], as: UTF8.self).contains("Salam"))
        let entry = try JSONDecoder().decode(NewEntry.self, from: Data(bodies[0]))
        #expect(entry.kind == .proposal)
        let item = SealedItem(
            kind: entry.kind, id: 1, position: 100, conversation: 12, segment: entry.segment.token, token: entry.token,
            storedAt: 1, sealed: entry.sealed, author: "noor")
        let reader = try await desk.deployment.unlocked(desk.deployment.coordinator)
        let lines = try await ConversationOpener(keys: reader, role: .coordinator).open(
            [item], [entry.segment], contact: 7)
        #expect(
            lines.first?.content
                == .proposal(
                    "Salam, nta f l'aman?",
                    EntryRecord.Proposal(
                        topic: "rights.detention", variety: "ary-Latn", original: "Salam", seen: 40)))
        #expect(lines.first?.author == .member("noor"))
        #expect(lines.first?.doubts == [])
    }

    @Test func aRefusalThatPassesKeepsTheAttempt() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.once(route, [.json(APIError(.unavailable, "the disk is full"), status: 503)])
        let draft = Draft(conversation: 12, text: "Salam", seen: 40)
        _ = await caught(APIError.self) { try await desk.replies.send(draft) }
        let key = desk.bridge.server.requests.last?.headers["idempotency-key"]
        #expect(try await desk.replies.draft(12)?.attempt != nil)
        _ = try await desk.replies.send(draft)
        #expect(desk.bridge.server.requests.last?.headers["idempotency-key"] == key)
    }

    @Test func whatMayGoInTheClearIsSaidEachTimeAndNotKept() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let said = APIError(.notEncrypted, "every server can read it")
        desk.bridge.once(route, [.json(said, status: 422)], [.json(said, status: 422)])
        let draft = Draft(conversation: 12, text: "Salam", seen: 40)
        #expect(try await desk.replies.send(draft) == .notEncrypted(said))
        #expect(try await desk.replies.draft(12)?.text == "Salam")
        #expect(try await desk.replies.draft(12)?.attempt == nil)
        // Sent again without saying so it is refused again.
        let kept = try #require(try await desk.replies.draft(12))
        #expect(try await desk.replies.send(kept) == .notEncrypted(said))
        #expect(sent(desk) == [])
        #expect(try await desk.replies.send(kept, inTheClear: true) == .sent(Created(id: 1, position: 100)))
        let bodies = desk.bridge.server.requests.filter { $0.path.hasSuffix("/replies") }.map(\.body)
        let flags = try bodies.map { try JSONDecoder().decode(ReplyRequest.self, from: Data($0)).inTheClear }
        #expect(flags == [nil, nil, true])
    }

    @Test func anOpenAttemptThatDidNotSayItGivesWayToOneThatDoes() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.once(route, .lost, .lost)
        let draft = Draft(conversation: 12, text: "Salam", seen: 40)
        _ = await caught(ConnectionError.self) { try await desk.replies.send(draft) }
        desk.bridge.change { $0.once = [:] }
        #expect(try await desk.replies.draft(12)?.attempt != nil)
        desk.bridge.once(route, [.json(APIError(.notEncrypted, "every server can read it"), status: 422)])
        #expect(try await desk.replies.send(draft, inTheClear: true) == .sent(Created(id: 1, position: 100)))
        #expect(sent(desk) == ["Salam"])
        #expect(desk.drafts.conversations().isEmpty)
    }

    @Test(
        "A yes holds for its own words: with others now, the earlier ones are asked for without it",
        arguments: [true, false])
    func aYesGoesWithNoOtherWords(wasDone: Bool) async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.once(route, .lost, .lost)
        let first = Draft(conversation: 12, text: "in Fes", seen: 40)
        _ = await caught(ConnectionError.self) { try await desk.replies.send(first, inTheClear: true) }
        desk.bridge.change { $0.once = [:] }
        let kept = try #require(try await desk.replies.draft(12))
        #expect(kept.attempt != nil)
        let refusal = APIError(wasDone ? .keyReused : .notEncrypted, "this key was used for another request")
        desk.bridge.once(route, [.json(refusal, status: refusal.code.status)])
        let outcome = try await desk.replies.send(kept.with(text: "in town"), inTheClear: true)
        let flags = try desk.bridge.server.requests.filter { $0.path.hasSuffix("/replies") }.map {
            try JSONDecoder().decode(ReplyRequest.self, from: Data($0.body))
        }
        // Lost twice at most, then the question without the yes.
        let asked = flags.drop { $0.inTheClear == true }
        #expect(asked.first.map { [$0.text] } == ["in Fes"] && asked.first?.inTheClear == nil)
        let created = Created(id: 1, position: 100)
        if wasDone {
            #expect(outcome == .earlierWentOut(created, text: "in Fes", kind: .reply))
            #expect(try await desk.replies.draft(12)?.text == "in town")
        } else {
            #expect(outcome == .sent(created))
            #expect(sent(desk).last == "in town" && !sent(desk).contains("in Fes"))
        }
    }

    @Test func otherWordsThanThoseOnTheirWayAreLookedThrough() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.once(route, .lost, .lost)
        let first = Draft(conversation: 12, text: "Salam", seen: 40)
        _ = await caught(ConnectionError.self) { try await desk.replies.send(first) }
        desk.bridge.change { $0.once = [:] }
        let kept = try #require(try await desk.replies.draft(12))
        #expect(try await desk.replies.neverSaid(in: kept).isEmpty)
        let asked = desk.bridge.server.requests.count
        _ = try? await desk.replies.neverSaid(in: kept.with(text: "je bent veilig"))
        #expect(desk.bridge.server.requests.count > asked, "the bridge is asked about them")
    }

    @Test func nothingAndTooMuchAreNotSent() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        for text in ["", " \n", String(repeating: "a", count: ReplyRequest.limit + 1)] {
            let error = await caught(APIError.self) {
                try await desk.replies.send(Draft(conversation: 12, text: text, seen: 1))
            }
            #expect(error?.code == .refused || error?.code == .tooLarge)
        }
        #expect(desk.bridge.server.requests.isEmpty)
    }
}

@Suite struct DraftTests {
    @Test func aDraftOnDiskIsReadableForItsMemberOnly() async throws {
        let deployment = try TestDeployment()
        let store = DraftStore(deployment.folder, keys: UnlockedKeys(deployment.coordinator))
        let draft = Draft(conversation: 12, text: "canary words", seen: 40, topic: "a.b")
        try await store.save(draft)
        #expect(store.conversations() == [12])
        #expect(try await store.load(12) == draft)
        let path = deployment.folder.drafts + "/c12.draft"
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: deployment.folder.drafts) == ["c12.draft"])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(bytes.range(of: Data("canary".utf8)) == nil)
        #expect(bytes.range(of: Data("a.b".utf8)) == nil)
        // A colleague on the same machine.
        let other = DraftStore(deployment.folder, keys: UnlockedKeys(deployment.intern))
        #expect(await caught(SealingError.self) { try await other.load(12) } == .notAuthentic(format: "draft"))
        // Put in another conversation's place.
        try FileManager.default.copyItem(atPath: path, toPath: deployment.folder.drafts + "/c13.draft")
        #expect(await caught(SealingError.self) { try await store.load(13) } == .notAuthentic(format: "draft"))
    }

    @Test func aDraftThatIsNotThereIsNone() async throws {
        let deployment = try TestDeployment()
        let store = DraftStore(deployment.folder, keys: UnlockedKeys(deployment.coordinator))
        #expect(try await store.load(1) == nil)
        try store.remove(1)
        #expect(store.conversations().isEmpty)
    }
}
