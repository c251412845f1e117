import Crypto
import Foundation
import Inbox
import Sealing
import StaffProtocol
import Testing
import Unsealing

@testable import StaffAgent

@Suite("Keys that the agent holds")
struct SessionTests {
    private let deployment: Deployment

    init() throws { deployment = try Deployment() }

    private func code(_ answer: AgentAnswer) -> AgentError.Code? {
        if case .failed(let error) = answer { error.code } else { nil }
    }

    private func use(_ deployment: Deployment) throws -> AgentRequest {
        let files = try deployment.files
        return .use(roster: Data(files.roster), keyring: Data(files.keyring))
    }

    @Test func aLoginIsSignedForTheMemberAndTheDeployment() throws {
        let session = deployment.session()
        let challenge = Data(repeating: 3, count: 32)
        let id = Data(repeating: 9, count: 16)
        guard case .signature(let signature) = session.answer(.signLogin(deployment: id, challenge: challenge)) else {
            Issue.record("not signed")
            return
        }
        let key = try Curve25519.Signing.PublicKey(rawRepresentation: deployment.coordinator.signingPublicKey)
        let signed = LoginTranscript.bytes(
            deployment: Array(id), member: deployment.coordinator.id, challenge: Array(challenge))
        #expect(key.isValidSignature(signature, for: signed))
    }

    @Test func nothingIsSignedForAnotherDeploymentOnceTheOwnOneIsKnown() throws {
        let session = deployment.session()
        #expect(session.answer(try use(deployment)) == .done)
        let other = Data(repeating: 8, count: 16)
        #expect(code(session.answer(.signLogin(deployment: other, challenge: Data([1])))) == .otherDeployment)
    }

    @Test func segmentsOpenOnceTheKeyringIsThereAndOnlyThoseOfTheRole() throws {
        var archive = try GeneratedArchive(deployment)
        try archive.add("bghit nchki", contact: 1)
        try archive.add("verslag", contact: 1, compartment: .casework)
        let session = deployment.session(deployment.intern)
        #expect(session.answer(.open(segments: archive.segments)) == .opened([]))
        #expect(session.answer(try use(deployment)) == .done)
        guard case .opened(let opened) = session.answer(.open(segments: archive.segments)) else {
            Issue.record("not opened")
            return
        }
        #expect(opened.map(\.token) == [archive.segments[0].token])
        var secret = Array(opened[0].secret)
        let segment = try OpenedSegment(
            segment: archive.segments[0].description(), handover: SecretBytes(wiping: &secret))
        let record = try segment.openMessage(Array(archive.items[0].item.sealed), record: archive.items[0].item.record)
        #expect(record.text == "bghit nchki")
    }

    @Test func aSegmentThatWasMovedToAnotherContactDoesNotOpen() throws {
        var archive = try GeneratedArchive(deployment)
        try archive.add("salam", contact: 1)
        let session = deployment.session()
        _ = session.answer(try use(deployment))
        var moved = archive.segments[0]
        moved.contact = 2
        #expect(session.answer(.open(segments: [moved])) == .opened([]))
    }

    @Test func aLocalKeyIsTheOneOfThisMember() throws {
        let session = deployment.session()
        let expected = try deployment.coordinator.localKey(.drafts).withUnsafeBytes { Data($0) }
        #expect(session.answer(.localKey(purpose: "drafts")) == .localKey(expected))
        #expect(session.answer(.localKey(purpose: "others")) != .localKey(expected))
        #expect(code(session.answer(.localKey(purpose: "others"))) == .malformed)
        #expect(deployment.session(deployment.intern).answer(.localKey(purpose: "drafts")) != .localKey(expected))
    }

    @Test func aRosterOfAnotherDeploymentIsRefusedAndChangesNothing() throws {
        let session = deployment.session()
        #expect(session.answer(try use(deployment)) == .done)
        #expect(code(session.answer(try use(Deployment()))) == .roster)
        #expect(session.end == nil)
        #expect(session.archiveKeys.count == Compartment.allCases.count)
    }

    @Test func aRosterOlderThanTheOneSeenIsRefused() throws {
        var newer = deployment
        try newer.addKey(.conversation, generation: 2)
        let session = deployment.session()
        #expect(session.answer(try use(newer)) == .done)
        #expect(code(session.answer(try use(deployment))) == .roster)
    }

    @Test func aMemberWhoLeftTheRosterIsForgotten() throws {
        var without = deployment
        try without.append(.dismiss(deployment.intern.id))
        let session = deployment.session(deployment.intern)
        #expect(session.answer(try use(deployment)) == .done)
        #expect(code(session.answer(try use(without))) == .notMember)
        #expect(session.end == .notMember)
        #expect(code(session.answer(.status)) == .notUnlocked)
        #expect(session.archiveKeys.isEmpty)
    }

    @Test func itForgetsWithoutUseAndLookingIsNoUse() throws {
        let time = FakeClocks()
        let session = deployment.session(idle: 600, clocks: time.clocks)
        time.pass(500)
        _ = session.answer(.search(query: "x", limit: 1))
        time.pass(500)
        guard case .status(let status) = session.answer(.status) else {
            Issue.record("no status")
            return
        }
        #expect(status.forgetsAt == 1_790_001_100_000)
        #expect(status.since == 1_790_000_000_000)
        time.pass(100)
        #expect(code(session.answer(.localKey(purpose: "drafts"))) == .notUnlocked)
        #expect(session.end == .idle)
    }

    @Test func itForgetsAfterTenHoursOfUse() throws {
        let time = FakeClocks()
        let session = deployment.session(idle: 100 * 3600, clocks: time.clocks)
        for _ in 0..<9 {
            time.pass(3600)
            #expect(session.answer(.search(query: "", limit: 0)) != .failed(AgentSession.notUnlocked))
        }
        time.pass(3600)
        #expect(session.end == .limit)
    }

    @Test func itForgetsWhenTheMachineWasSuspendedHoweverShort() throws {
        let time = FakeClocks()
        let session = deployment.session(clocks: time.clocks)
        time.pass(300)
        #expect(session.end == nil)
        time.suspend(5)
        #expect(code(session.answer(.status)) == .notUnlocked)
        #expect(session.end == .suspended)
    }

    /// Nobody looks at the session in between: each request is the first thing after the machine woke up.
    @Test func theFirstRequestAfterASuspendGetsNoKey() throws {
        let challenge = Data(repeating: 3, count: 32)
        let requests: [AgentRequest] = [
            .localKey(purpose: LocalPurpose.drafts.rawValue),
            .signLogin(deployment: Data(repeating: 9, count: 16), challenge: challenge), .open(segments: []),
            .search(query: "", limit: 1), .recentConversations(limit: 1), try use(deployment),
        ]
        for request in requests {
            let time = FakeClocks()
            let session = deployment.session(clocks: time.clocks)
            time.suspend(5)
            #expect(code(session.answer(request)) == .notUnlocked)
        }
    }

    @Test func theAgentItselfUsesNoKeyAfterASuspend() async throws {
        var archive = try GeneratedArchive(deployment)
        try archive.add("bghit nchki", contact: 1)
        let time = FakeClocks()
        let session = deployment.session(clocks: time.clocks)
        #expect(session.answer(try use(deployment)) == .done)
        let keys = HeldKeys(session)
        #expect(try await keys.open(archive.segments).count == 1)
        time.suspend(5)
        #expect(try await keys.open(archive.segments).isEmpty)
        await #expect {
            try await keys.signLogin(deployment: [9], challenge: [1])
        } throws: { ($0 as? AgentError)?.code == .notUnlocked }
    }

    @Test func theNewestConversationsAreToldAndAskingIsNoUse() throws {
        var archive = try GeneratedArchive(deployment)
        for contact: Int64 in [1, 2, 1, 3] { try archive.add("salam", contact: contact) }
        let time = FakeClocks()
        let session = deployment.session(idle: 60, clocks: time.clocks)
        #expect(session.answer(.recentConversations(limit: 10)) == .conversations([]))
        #expect(session.answer(try use(deployment)) == .done)
        #expect(session.answer(.add(segments: archive.segments, items: archive.items.map(\.item))) == .done)
        let newest = archive.items.reversed().map(\.item.conversation)
        let expected = newest.enumerated().filter { !newest[..<$0.offset].contains($0.element) }.map(\.element)
        #expect(expected.count == 3)
        #expect(session.answer(.recentConversations(limit: 10)) == .conversations(expected))
        #expect(session.answer(.recentConversations(limit: 1)) == .conversations([expected[0]]))
        time.pass(59)
        #expect(session.answer(.recentConversations(limit: 1)) == .conversations([expected[0]]))
        time.pass(2)
        #expect(session.end == .idle)
    }

    @Test func aWallClockThatJumpsChangesNothing() throws {
        let time = FakeClocks()
        let session = deployment.session(clocks: time.clocks)
        time.setWall(0)
        #expect(session.end == nil)
        time.setWall(4_000_000_000)
        #expect(session.end == nil)
        // And it is not kept for longer.
        time.setWall(1_790_000_000 - 86_400)
        time.pass(AgentSession.defaultIdle)
        #expect(session.end == .idle)
    }

    @Test func theFirstReasonStays() throws {
        let session = deployment.session()
        #expect(session.answer(.lock) == .done)
        session.forget(.signal)
        #expect(session.end == .locked)
    }
}
