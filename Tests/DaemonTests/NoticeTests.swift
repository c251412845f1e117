import Bot
import Bridge
import Foundation
import Logging
import Messaging
import Practice
import Sealing
import StaffProtocol
import Store
import Synchronization
import Testing

@testable import Daemon

/// What contacts and staff are told without having asked.
@Suite(.timeLimit(.minutes(1))) struct NoticeTests {
    private let deployment: Deployment
    private let writer: Writer
    private let service: StoreStaffService
    private let time = Time()
    private let notices: ContactNotices

    /// The time of day and what passes, as the test says.
    private final class Time: Sendable {
        private let state = Mutex((day: Date(timeIntervalSince1970: 1_795_000_000), elapsed: Duration.zero))
        var day: Date { state.withLock { $0.day } }
        var elapsed: Duration { state.withLock { $0.elapsed } }
        func pass(_ seconds: Double) { state.withLock { $0 = ($0.day + seconds, $0.elapsed + .seconds(seconds)) } }
        func jump(_ seconds: Double) { state.withLock { $0.day += seconds } }
    }

    init() throws {
        deployment = try Deployment()
        let time = time
        writer = try Store.open(
            path: deployment.path("sila.sqlite"), workingKey: WorkingKey(root: SecretBytes(randomCount: 32)),
            sealer: ArchiveSealer(roster: try deployment.verified),
            clock: StoreClock(now: { time.day }, elapsed: { time.elapsed }))
        service = StoreStaffService(writer: writer, ports: Self.ports())
        notices = ContactNotices(
            writer: writer, words: { notice, _ in (notice.rawValue, "nl") }, wake: { _ in },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, elapsed: { time.elapsed })
    }

    private static func ports(practice: (any PracticePort)? = nil) -> StaffPorts {
        StaffPorts(
            roles: { [:] }, isReleasedText: { _, _ in false },
            suggest: { _ in Suggestions(variety: "", suggestions: []) }, wake: { _ in },
            facts: { BridgeFacts(version: "", startedAt: 0, keyMode: "", channels: [], warnings: []) },
            practice: practice)
    }

    private func viewer() throws -> Viewer { Viewer(member: try member("amina"), role: .coordinator) }

    private func call(_ endpoint: Endpoint) throws -> Call {
        Call(viewer: try viewer(), endpoint: endpoint, key: .random(), request: [])
    }

    /// A contact writes; returns their conversation.
    @discardableResult
    private func write(_ channel: ChannelID = .xmpp) async throws -> Int64 {
        try await writer.perform { transaction in
            let conversation = try transaction.conversation(
                for: Address(channel: channel, value: "rachid@example.org"))
            _ = try transaction.store(
                MessageRecord(
                    text: "salam", direction: .incoming, author: .contact, sentAt: transaction.now,
                    receivedAt: transaction.now, channel: channel, protection: .endToEnd), in: conversation)
            try transaction.setDialogue([], of: conversation)
            return conversation.id.rawValue
        }
    }

    private func take(_ conversation: Int64, _ taken: Bool = true) async throws {
        _ = try await service.takeOver(conversation, TakeoverRequest(taken: taken), call(.takeOver))
    }

    /// How many messages of ours there are.
    private func said(_ conversation: Int64) async throws -> Int {
        try await service.conversation(conversation, before: "", limit: 50, for: viewer()).items
            .count { $0.direction == "out" }
    }

    private func propose(_ conversation: Int64) async throws {
        let contact = try await service.conversation(conversation, before: "", limit: 1, for: viewer()).row.contact
        let key = try ArchiveSealer(roster: try deployment.verified).makeSegment(
            contact: ContactID(contact), day: ArchiveDay(time.day), compartment: .conversation)
        let token = (0..<16).map { _ in UInt8.random(in: 0...255) }
        let sealed = try key.seal(Array("words".utf8), kind: RecordKind(rawValue: "proposal"), record: .token(token))
        let segment = SealedSegment(
            token: Data(key.segment.id.bytes), contact: contact, day: key.segment.day.daysSince1970,
            compartment: .conversation, wrapped: Data(key.wrapped.bytes))
        _ = try await service.addEntry(
            conversation, NewEntry(kind: .proposal, segment: segment, token: Data(token), sealed: Data(sealed)),
            call(.addEntry))
    }

    @Test func aTakeoverThatLapsesIsSaidToTheContactOnce() async throws {
        let conversation = try await write()
        try await take(conversation)
        time.pass(Double(TakeoverRequest.lifetime) - 1)
        #expect(try await notices.tellOfEndedTakeovers() == [])
        time.pass(1)
        #expect(try await notices.tellOfEndedTakeovers() == [.xmpp])
        #expect(try await notices.tellOfEndedTakeovers() == [])
        #expect(try await said(conversation) == 1)
        await writer.close()
    }

    @Test(arguments: [true, false]) func aConversationGivenBackIsSaidIfTheyWroteMeanwhile(wrote: Bool) async throws {
        let conversation = try await write()
        time.pass(1)
        try await take(conversation)
        time.pass(1)
        if wrote { try await write() }
        try await take(conversation, false)
        #expect(try await notices.tellOfEndedTakeovers() == (wrote ? [.xmpp] : []))
        #expect(try await said(conversation) == (wrote ? 1 : 0))
        await writer.close()
    }

    @Test func aPracticeContactIsNotToldOfATakeover() async throws {
        let conversation = try await practice()
        try await take(conversation)
        time.pass(Double(TakeoverRequest.lifetime))
        #expect(try await notices.tellOfEndedTakeovers() == [])
        #expect(try await said(conversation) == 0)
        await writer.close()
    }

    /// A practice conversation.
    private func practice() async throws -> Int64 {
        struct Stories: PracticePort {
            let channel = ChannelID.practice
            let stories = ["story"]
            let languages = ["nl"]
            func begin(_ address: Address, language: String?) async {}
        }
        return try await StoreStaffService(writer: writer, ports: Self.ports(practice: Stories()))
            .addPracticeContact(PracticeRequest(), call(.addPracticeContact)).conversation
    }

    @Test func aProposalThatWaitsTwentyMinutesIsSaidOnceAlsoInPractice() async throws {
        let (person, practised) = (try await write(), try await practice())
        for conversation in [person, practised] { try await propose(conversation) }
        var patience = Patience()
        #expect(try await notices.tellWhoWaits(&patience) == [])
        time.pass(20 * 60 - 1)
        #expect(try await notices.tellWhoWaits(&patience) == [])
        time.pass(1)
        #expect(try await notices.tellWhoWaits(&patience) == [.xmpp], "nothing leaves for practice")
        #expect(try await notices.tellWhoWaits(&patience) == [])
        for conversation in [person, practised] { #expect(try await said(conversation) == 1) }
        await writer.close()
    }

    @Test(arguments: [86_400.0, -86_400.0]) func twentyMinutesAreTwentyMinutesWhateverTheClockIsSetTo(
        jump: Double
    ) async throws {
        let conversation = try await write()
        try await propose(conversation)
        var patience = Patience()
        #expect(try await notices.tellWhoWaits(&patience) == [])
        time.jump(jump)
        #expect(try await notices.tellWhoWaits(&patience) == [])
        time.pass(20 * 60)
        #expect(try await notices.tellWhoWaits(&patience) == [.xmpp])
        await writer.close()
    }

    @Test func whatWaitedBeforeARestartIsNotWaitedForAnew() {
        var patience = Patience()
        #expect(patience.due([(1, .seconds(1199)), (2, .seconds(1200)), (3, .seconds(-5))], at: .seconds(7)) == [2])
        #expect(patience.due([(1, .seconds(1200)), (3, .zero)], at: .seconds(8)) == [1])
        #expect(patience.due([(3, .zero)], at: .seconds(7 + 1200)) == [3])
    }

    @Test func aChannelThatGoesOffAndOnLineIsToldToStaff() async throws {
        let board = ChannelBoard(names: ["xmpp"])
        let (writer, service) = (writer, service)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var numbers = service.eventNumbers().makeAsyncIterator()
        let telling = Task { await board.tellStaff(writer, logger: logger) }
        for (event, isOnline) in [(BridgeEvent.online(.xmpp), true), (.offline(.xmpp), false)] {
            board.note(event)
            // Trying in vain once more is no news; practice is no line that goes down.
            board.note(event)
            board.note(.online(.practice))
            _ = await numbers.next()
            #expect(board.all.first { $0.name == "xmpp" }?.isOnline == isOnline)
        }
        telling.cancel()
        await telling.value
        let events = try await service.events(after: 0, limit: 10, for: viewer())
        #expect(events.map(\.kind) == [.channel, .channel])
        await writer.close()
    }

    @Test func theMarkThatStaffProgramsKnowIsTheOneOfPractice() {
        #expect(PracticeMark.contact == PracticeLine.marker)
        #expect(PracticeMark.coach == PracticeLine.coachMarker)
    }
}
