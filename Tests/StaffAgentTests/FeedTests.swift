import Foundation
import Sealing
import StaffProtocol
import Testing

@testable import StaffAgent

@Suite("The index, filled from the bridge and kept up to date", .timeLimit(.minutes(2)))
struct FeedTests {
    private let deployment: Deployment

    init() throws { deployment = try Deployment() }

    /// 30 contacts write on three days: "klacht", and some a word that only they use.
    private static let words: [Int64: String] = [3: "fiets", 5: "melk", 7: "venster", 8: "lantaarn", 9: "gordijn"]

    private func archive() throws -> GeneratedArchive {
        var archive = try GeneratedArchive(deployment)
        for day: Int32 in [20_000, 20_001, 20_002] {
            for contact in 1...30 as ClosedRange<Int64> {
                try archive.add("klacht \(Self.words[contact] ?? "straat")", contact: contact, day: day)
            }
        }
        return archive
    }

    /// Runs `body` beside a feed, and ends the feed whatever happens.
    private func feeding(
        _ session: AgentSession, _ bridge: FakeBridge, _ body: () async throws -> Void
    ) async throws {
        let feed = session.feed(from: bridge)
        await bridge.settled()
        do { try await body() } catch {
            session.forget(.signal)
            await bridge.close()
            await feed.value
            throw error
        }
        session.forget(.signal)
        await bridge.close()
        await feed.value
        #expect(session.archive.status.items == 0)
    }

    private func positions(_ session: AgentSession, _ query: String) -> [Int64] {
        session.archive.search(query, limit: 500).hits.map(\.position)
    }

    @Test func everythingIsFoundNewestFirstWithItsText() async throws {
        var archive = try archive()
        let last = try archive.add("أريد تقديم شكاية", contact: 4, isOutgoing: true)
        let session = deployment.session()
        let bridge = try FakeBridge(archive, deployment)
        #expect(session.archive.status.state == .empty)
        try await feeding(session, bridge) {
            #expect(session.archive.status.state == .complete)
            #expect(session.archive.status.items == 91)
            #expect(positions(session, "klacht") == (1...90).reversed())
            #expect(positions(session, "venster") == [67, 37, 7])
            guard case .found(let found) = session.answer(.search(query: "chkaya", limit: 10)) else {
                Issue.record("no answer")
                return
            }
            #expect(
                found
                    == SearchAnswer(
                        hits: [
                            SearchHit(
                                position: last, conversation: 504, contact: 4, kind: .message, id: last + 100,
                                storedAt: (20_000 * 86_400 + last) * 1000, isOutgoing: true,
                                text: "أريد تقديم شكاية", isCut: false)
                        ], total: 1, isComplete: true))
            guard case .found(let few) = session.answer(.search(query: "klacht", limit: 2)) else { return }
            #expect(few.hits.map(\.position) == [90, 89])
            #expect(few.total == 90)
        }
    }

    @Test func whatTheBridgeSaysOtherwiseIsDoubtedInTheAnswer() async throws {
        var archive = try archive()
        let turned = try archive.add("omgekeerd eerste", contact: 4)
        let moved = try archive.add("verplaatst", contact: 5)
        let plain = try archive.add("gewoon", contact: 4)
        for index in archive.items.indices {
            switch archive.items[index].item.position {
            case turned:
                archive.items[index].item.direction = "out"
                archive.items[index].item.storedAt = 1
                archive.items[index].item.conversation = 900
            case moved: archive.items[index].item.conversation = 901
            case plain: archive.items[index].item.conversation = 901
            default: continue
            }
        }
        let session = deployment.session()
        let bridge = try FakeBridge(archive, deployment)
        try await feeding(session, bridge) {
            func hit(_ query: String) -> SearchHit? {
                guard case .found(let found) = session.answer(.search(query: query, limit: 1)) else { return nil }
                return found.hits.first
            }
            // Direction and time are those that were sealed.
            #expect(hit("omgekeerd")?.isOutgoing == false)
            #expect(hit("omgekeerd")?.isDoubtful == true)
            #expect(hit("omgekeerd").map { $0.storedAt > 1 } == true)
            // Two contacts in one conversation: one of them was put there.
            #expect(hit("verplaatst")?.isDoubtful == true)
            #expect(hit("gewoon")?.isDoubtful == true)
            #expect(hit("klacht")?.isDoubtful == false)
        }
    }

    @Test func aDamagedRecordIsCountedAndTheRestOpens() async throws {
        var archive = try archive()
        archive.corrupt(33)
        // Its segment never came.
        archive.items[49].segment = .max - 1
        let session = deployment.session()
        let bridge = try FakeBridge(archive, deployment)
        try await feeding(session, bridge) {
            let status = session.archive.status
            #expect(status.state == .complete)
            #expect(status.read == 90)
            #expect(status.damaged == 2)
            #expect(status.damagedPositions == [33, 50])
            #expect(positions(session, "klacht") == (1...90).reversed().filter { $0 != 33 && $0 != 50 })
        }
    }

    @Test func whatIsClosedToARoleOrErasedIsCountedApart() async throws {
        var archive = try archive()
        try archive.add("klacht verslag", contact: 1, compartment: .casework)
        archive.erase(contact: 5)
        let session = deployment.session(deployment.intern)
        let bridge = try FakeBridge(archive, deployment)
        try await feeding(session, bridge) {
            let status = session.archive.status
            #expect(status.closed == 1)
            #expect(status.erased == 3)
            #expect(status.damaged == 0)
            #expect(status.items == 87)
            #expect(positions(session, "melk").isEmpty)
            #expect(positions(session, "verslag").isEmpty)
        }
    }

    @Test func aStreamThatIsCutIsGoneOnWithWhereItEnded() async throws {
        let session = deployment.session()
        let bridge = try FakeBridge(archive(), deployment)
        await bridge.cut(after: 40)
        try await feeding(session, bridge) {
            let streams = await bridge.streams
            #expect(streams.count == 2)
            #expect(streams[0] == 0)
            #expect(streams[1] > 0)
            #expect(await bridge.pauses == [1])
            #expect(positions(session, "klacht") == (1...90).reversed())
            #expect(session.archive.status.damaged == 0)
        }
    }

    @Test func newItemsAreFoundWhenTheirEventCame() async throws {
        let session = deployment.session()
        let bridge = try FakeBridge(archive(), deployment)
        try await feeding(session, bridge) {
            for text in ["nieuw een", "nieuw twee"] {
                try await bridge.change { _ = try $0.add(text, contact: 44) }
            }
            await bridge.emit(.item, conversation: 544, position: 91)
            await bridge.emit(.item, conversation: 544, position: 92)
            await bridge.settled()
            #expect(positions(session, "nieuw") == [92, 91])
            #expect(await bridge.streams == [0, 90])
        }
    }

    @Test func aSearchDoesNotWaitForMoreToGather() async throws {
        let session = deployment.session()
        let bridge = try FakeBridge(archive(), deployment)
        try await feeding(session, bridge) {
            await bridge.gatherForever()
            try await bridge.change { _ = try $0.add("nieuw", contact: 44) }
            await bridge.emit(.item, conversation: 544, position: 91)
            await bridge.gathering(1)
            #expect(session.archive.status.state == .behind)
            #expect(session.archive.search("nieuw", limit: 9) == SearchAnswer(hits: [], total: 0, isComplete: false))
            await bridge.settled()
            #expect(session.archive.status.state == .complete)
            #expect(positions(session, "nieuw") == [91])
            #expect(session.archive.search("nieuw", limit: 9).isComplete)
        }
    }

    @Test func aClientFindsWhatHasJustCome() async throws {
        let folder = try TemporaryFolder()
        let session = deployment.session()
        let bridge = try FakeBridge(archive(), deployment)
        let agent = try await RunningAgent(session, at: folder.socket)
        let feed = session.feed(from: bridge)
        await bridge.settled()
        let client = try AgentClient(agent.socket)
        await bridge.gatherForever()
        try await bridge.change { _ = try $0.add("nieuw", contact: 44) }
        await bridge.emit(.item, conversation: 544, position: 91)
        await bridge.gathering(1)
        let hurried = try await client.search("nieuw", limit: 9, patience: .seconds(60))
        #expect(hurried.hits.map(\.position) == [91])
        #expect(hurried.isComplete)
        // One that does not wait says that there may be more.
        session.archive.caughtUp()
        let urged = session.archive.fallBehind()
        #expect(try await client.search("nieuw", limit: 9, patience: .zero).isComplete == false)
        for await _ in urged {}
        session.forget(.signal)
        await bridge.close()
        await feed.value
        try await agent.stop()
    }

    @Test func notesTagsTasksAndProposalsAreFoundAsWhatTheyAre() async throws {
        var archive = try GeneratedArchive(deployment)
        let (author, now) = (deployment.coordinator.id, Date(timeIntervalSince1970: 1_760_000_000))
        try archive.add(.note("belt morgen over de advocaat", by: author, at: now), contact: 1, as: .note)
        try archive.add(try #require(.tag("advocaat", by: author, at: now)), contact: 1, as: .tag)
        try archive.add(.task("advocaat bellen", by: author, at: now), contact: 2, as: .task)
        let proposal = EntryRecord.Proposal(original: "kleding", seen: 3)
        try archive.add(.proposal("de advocaat komt", proposal, by: author, at: now), contact: 3, as: .proposal)
        // Sealed as another kind than it is.
        try archive.add(.note("advocaat", by: author, at: now), contact: 4, as: .task)
        let session = deployment.session()
        let bridge = try FakeBridge(archive, deployment)
        try await feeding(session, bridge) {
            let hits = session.archive.search("advocaat", limit: 9).hits
            #expect(hits.map(\.kind) == [.proposal, .task, .tag, .note])
            #expect(hits.map(\.shortID.description) == ["p104", "t103", "g102", "n101"])
            #expect(positions(session, "kleding").isEmpty)
            #expect(session.archive.status.damagedPositions == [5])
        }
    }

    @Test func aRoleThatIsServedNoArchiveHasAnEmptyIndex() async throws {
        let session = deployment.session()
        let bridge = try FakeBridge(archive(), deployment)
        await bridge.forbid()
        await session.feed(from: bridge).value
        #expect(session.end == nil)
        #expect(session.archive.status.items == 0)
        #expect(await bridge.pauses.isEmpty)
    }

    @Test func whatCameWhileTheConnectionWasLostIsFoundAfterwards() async throws {
        let session = deployment.session()
        let bridge = try FakeBridge(archive(), deployment)
        try await feeding(session, bridge) {
            try await bridge.change { _ = try $0.add("daarna", contact: 2) }
            await bridge.cutEvents()
            await bridge.settled()
            #expect(positions(session, "daarna") == [91])
            #expect(session.archive.status.state == .complete)
            #expect(await bridge.pauses == [1])
        }
    }

    @Test func anErasureForgetsWordsAndTexts() async throws {
        let session = deployment.session()
        let bridge = try FakeBridge(archive(), deployment)
        try await feeding(session, bridge) {
            #expect(positions(session, "gordijn") == [69, 39, 9])
            await bridge.emit(.erased, conversation: 509)
            await bridge.settled()
            #expect(positions(session, "gordijn").isEmpty)
            #expect(positions(session, "klacht").count == 87)
            #expect(session.archive.status.items == 87)
        }
    }

    @Test func missedEventsHaveEverythingReadAnew() async throws {
        let session = deployment.session()
        let bridge = try FakeBridge(archive(), deployment)
        try await feeding(session, bridge) {
            await bridge.change { $0.erase(contact: 3) }
            await bridge.emit(.reset)
            await bridge.settled()
            #expect(positions(session, "fiets").isEmpty)
            #expect(session.archive.status.items == 87)
            #expect(session.archive.status.read == 90)
        }
    }

    @Test func aRotationBringsTheKeysOfWhatComesAfter() async throws {
        let session = deployment.session()
        let bridge = try FakeBridge(archive(), deployment)
        try await feeding(session, bridge) {
            var rotated = deployment
            try rotated.addKey(.conversation, generation: 2)
            try await bridge.set(rotated)
            await bridge.emit(.roster)
            await bridge.settled()
            #expect(session.archiveKeys.count == Compartment.allCases.count + 1)
            #expect(positions(session, "klacht").count == 90)
        }
    }

    @Test func theFeedOfAMemberWhoLeftForgetsAndEnds() async throws {
        let session = deployment.session(deployment.intern)
        let bridge = try FakeBridge(archive(), deployment)
        let feed = session.feed(from: bridge)
        await bridge.settled()
        var without = deployment
        try without.append(.dismiss(deployment.intern.id))
        try await bridge.set(without)
        await bridge.emit(.roster)
        await feed.value
        #expect(session.end == .notMember)
        #expect(session.archive.status.items == 0)
    }

    @Test func anInternWhoIsGivenAConversationFindsItsOlderItems() async throws {
        let whole = try archive()
        var served = whole
        served.items.removeAll { $0.item.conversation != 501 }
        let session = deployment.session(deployment.intern)
        let bridge = try FakeBridge(served, deployment)
        try await feeding(session, bridge) {
            #expect(positions(session, "klacht") == [61, 31, 1])
            await bridge.change { $0.items = whole.items.filter { [501, 502].contains($0.item.conversation) } }
            await bridge.emit(.conversation, conversation: 501)
            await bridge.emit(.conversation, conversation: 502)
            await bridge.settled()
            #expect(positions(session, "klacht") == [62, 61, 32, 31, 2, 1])
            // One of the two was known already.
            #expect(await bridge.streams == [0, 0])
        }
    }

    @Test func anInternFromWhomAConversationIsTakenFindsNothingOfItAnyMore() async throws {
        let whole = try archive()
        let session = deployment.session(deployment.intern)
        var served = whole
        served.items.removeAll { ![501, 502].contains($0.item.conversation) }
        let bridge = try FakeBridge(served, deployment)
        try await feeding(session, bridge) {
            #expect(positions(session, "klacht") == [62, 61, 32, 31, 2, 1])
            // Hidden, or given to somebody else: the event is the last that she is told of it.
            await bridge.change { $0.items.removeAll { $0.item.conversation == 501 } }
            await bridge.emit(.conversation, conversation: 501)
            await bridge.emit(.conversation, conversation: 502)
            await bridge.settled()
            #expect(positions(session, "klacht") == [62, 32, 2])
            #expect(await bridge.streams == [0], "nothing is read anew for it")
        }
    }

    @Test func clientsFeedAnAgentThatHasNoWayToTheBridge() throws {
        var archive = try GeneratedArchive(deployment)
        try archive.add("salam", contact: 1)
        try archive.add("salam labas", contact: 2)
        let session = deployment.session()
        let files = try deployment.files
        #expect(session.answer(.use(roster: Data(files.roster), keyring: Data(files.keyring))) == .done)
        let items = [archive.sealedItem(1), archive.sealedItem(2)]
        #expect(session.answer(.add(segments: archive.segments, items: items)) == .done)
        #expect(positions(session, "salam") == [2, 1])
        #expect(session.answer(.remove(positions: [2], conversations: [], contacts: [])) == .done)
        #expect(positions(session, "salam") == [1])
        #expect(session.answer(.remove(positions: [], conversations: [], contacts: [1])) == .done)
        #expect(positions(session, "salam").isEmpty)
        #expect(session.answer(.add(segments: [], items: items)) == .done)
        #expect(session.archive.status.damagedPositions == [1, 2])
    }

    @Test func whatIsRemovedWhileTheArchiveIsReadDoesNotComeBack() async throws {
        let archive = try archive()
        let session = deployment.session()
        let files = try deployment.files
        try session.use(roster: files.roster, keyring: files.keyring)
        session.archive.beginFilling()
        let shard = ArchiveShard(opener: session.opener)
        await shard.take(archive.frames(after: 0, event: 0))
        session.archive.remove(IndexedArchive.Removal(conversations: [508]))
        session.archive.finish([await shard.finish()])
        #expect(positions(session, "lantaarn").isEmpty)
        #expect(positions(session, "klacht").count == 87)
    }

    @Test func aPositionThatNoDeploymentReachesIsCountedAsDamaged() async throws {
        var archive = try archive()
        archive.items[89].item.position = Int64(UInt32.max) + 1
        let session = deployment.session()
        let bridge = try FakeBridge(archive, deployment)
        try await feeding(session, bridge) {
            #expect(session.archive.status.damagedPositions == [Int64(UInt32.max) + 1])
            #expect(positions(session, "klacht") == (1...89).reversed())
        }
    }
}
