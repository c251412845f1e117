import Foundation
import Sealing
import StaffProtocol
import Testing
import UnixHTTPServer

@testable import Inbox
@testable import Unsealing

/// Drafts that several programs of one member have in their hands.
@Suite struct DraftWindowsTests {
    private let route = "POST /v1/conversations/12/replies"

    private func sent(_ desk: Desk) -> [String] {
        desk.bridge.look(\.changes).compactMap {
            try? JSONDecoder().decode(ReplyRequest.self, from: Data($0.body)).text
        }
    }

    @Test("A draft that two windows opened is sent once, and the second is told")
    func once() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        try await desk.replies.save(Draft(conversation: 12, text: "Salam", seen: 40))
        let first = try #require(try await desk.replies.draft(12))
        let second = try #require(try await desk.replies.draft(12))
        #expect(try await desk.replies.send(first) == .sent(Created(id: 1, position: 100)))
        let conflict = await caught(DraftConflict.self) { try await desk.replies.send(second) }
        #expect(conflict == DraftConflict(conversation: 12, kept: nil))
        #expect(sent(desk) == ["Salam"])
        #expect(desk.drafts.conversations().isEmpty)
    }

    @Test("Many at once send it once")
    func race() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        try await desk.replies.save(Draft(conversation: 12, text: "Salam", seen: 40))
        let draft = try #require(try await desk.replies.draft(12))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<6 { group.addTask { _ = try? await desk.replies.send(draft) } }
        }
        #expect(sent(desk) == ["Salam"])
    }

    @Test("Words that another window kept meanwhile are not overwritten, and not removed by what is sent")
    func otherWords() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.once(route, .doneWithoutAnswer, .doneWithoutAnswer)
        let draft = Draft(conversation: 12, text: "first", seen: 40)
        _ = await caught(ConnectionError.self) { try await desk.replies.send(draft) }
        desk.bridge.change { $0.once = [:] }
        try await desk.drafts.update(12) { $0?.text = "long words of the other window" }
        let conflict = await caught(DraftConflict.self) { try await desk.replies.send(draft) }
        #expect(conflict?.kept?.text == "long words of the other window")
        #expect(try await desk.replies.draft(12)?.text == "long words of the other window")
        #expect(try await desk.replies.draft(12)?.attempt?.text == "first")
        // Meant, they take its place.
        #expect(try await desk.replies.save(draft, replacing: true).text == "first")
    }

    @Test("Words that surely did not arrive never go out beside the ones that replace them")
    func surelyUnsent() async throws {
        let desk = try await Desk()
        desk.end()
        let error = await caught(ConnectionError.self) {
            try await desk.replies.send(Draft(conversation: 12, text: "to the wrong one", seen: 40))
        }
        #expect(error?.isUncertain == false)
        let kept = try #require(try await desk.replies.draft(12))
        #expect(kept.text == "to the wrong one")
        #expect(kept.attempt == nil)
    }

    @Test("New words are kept before earlier ones are asked for")
    func beforeSettling() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.once(route, .lost, .lost, .lost, .lost)
        for text in ["first", "second"] {
            _ = await caught(ConnectionError.self) {
                try await desk.replies.send(Draft(conversation: 12, text: text, seen: 40))
            }
        }
        let kept = try #require(try await desk.replies.draft(12))
        #expect(kept.text == "second")
        #expect(kept.attempt?.text == "first")
    }

    @Test("Who has the key of drafts keeps words also when the keys were forgotten meanwhile")
    func forgotten() async throws {
        let deployment = try TestDeployment()
        let keys = ForgetfulKeys(UnlockedKeys(deployment.coordinator))
        let store = DraftStore(deployment.folder, keys: keys)
        let holding = try await store.holdingKey()
        await keys.forget()
        let draft = Draft(conversation: 12, text: "written for half an hour", seen: 1)
        await #expect(throws: CancellationError.self) { try await store.save(draft) }
        try await holding.save(draft)
        try await holding.of(.note).save(draft)
        #expect(try await holding.load(12) == draft)
        let other = DraftStore(deployment.folder, keys: UnlockedKeys(deployment.coordinator))
        #expect(try await other.load(12) == draft)
    }
}

/// An agent that may end.
private actor ForgetfulKeys: KeyHolder {
    nonisolated let member: MemberID
    private var keys: UnlockedKeys?

    init(_ keys: UnlockedKeys) {
        self.keys = keys
        member = keys.member
    }

    func forget() { keys = nil }

    private func present() throws -> UnlockedKeys {
        guard let keys else { throw CancellationError() }
        return keys
    }

    func signLogin(deployment: [UInt8], challenge: [UInt8]) async throws -> [UInt8] {
        try await present().signLogin(deployment: deployment, challenge: challenge)
    }

    func use(keyring: [UInt8], roster: TrustedRoster) async throws {
        try await present().use(keyring: keyring, roster: roster)
    }

    func open(_ segments: [SealedSegment]) async throws -> [Data: OpenedSegment] {
        try await present().open(segments)
    }

    func localKey(_ purpose: LocalPurpose) async throws -> SecretBytes { try await present().localKey(purpose) }
}
