import Bridge
import Foundation
import Logging
import Messaging
import Store
import Synchronization
import Testing

/// The way of a message (design, section 4) between a fake channel and a real store.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct WayOfAMessageTests {
    @Test func aMessageIsStoredAnsweredAndThenAcknowledged() async throws {
        let deployment = try await TestDeployment()
        try await deployment.running { link in
            await deployment.receive(envelope("salam", 1))
            await link.until { $0.departed.count == 1 && $0.acknowledged == [1] }
        }
        #expect(deployment.link.state.withLock { $0.departed.map(\.1) } == ["echo: salam"])
        let counts = try deployment.counts()
        #expect(counts.messagesIn == 1)
        #expect(counts.messagesOut == 1)
        #expect(counts.outbox == ["confirmed": 1])
    }

    @Test func theSameMessageTwiceIsStoredOnceAndAcknowledgedTwice() async throws {
        let deployment = try await TestDeployment()
        try await deployment.running { link in
            await deployment.receive(envelope("salam", 1))
            await deployment.receive(envelope("salam", 1))
            await link.until { $0.departed.count == 1 && $0.acknowledged == [1, 1] }
        }
        #expect(try deployment.counts().messagesIn == 1)
    }

    @Test func aPoisonedMessageIsSetAsideAndTheOthersGoOn() async throws {
        let deployment = try await TestDeployment()
        try await deployment.running { link in
            for (index, text) in ["one", "poison", "two", "unreadable", "silent", "three"].enumerated() {
                await deployment.receive(envelope(text, UInt64(index + 1)))
            }
            await link.until { $0.departed.count == 3 && $0.acknowledged.count == 6 }
        }
        let counts = try deployment.counts()
        #expect(counts.messagesIn == 3)
        #expect(counts.setAside == ["bad-mac": 1, "unreadable": 1])
        #expect(counts.waiting == 1)
        #expect(deployment.link.state.withLock { $0.departed.map(\.1) } == ["echo: one", "echo: two", "echo: three"])
    }

    @Test func eachConversationKeepsItsOrder() async throws {
        let deployment = try await TestDeployment()
        let people = ["a@example.org", "b@example.org", "c@example.org"]
        try await deployment.running { link in
            for number in 0..<300 {
                let person = people[number % 3]
                await deployment.receive(envelope("\(person) \(number)", UInt64(number), from: person))
            }
            await link.until { $0.departed.count == 300 }
        }
        let departed = deployment.link.state.withLock { $0.departed.map(\.1) }
        for person in people {
            let numbers = departed.filter { $0.contains(person) }.compactMap {
                Int($0.split(separator: " ").last ?? "")
            }
            #expect(numbers == numbers.sorted())
            #expect(numbers.count == 100)
        }
    }

    @Test func whatWasHandedOverOnABrokenConnectionIsSettledByTheArchive() async throws {
        let deployment = try await TestDeployment()
        deployment.link.state.withLock { $0.confirmsAtOnce = false }
        try await deployment.running { link in
            for number in 1...3 { await deployment.receive(envelope("m\(number)", UInt64(number))) }
            await link.until { $0.departed.count == 3 }
        }
        #expect(try deployment.counts().outbox == ["handed-over": 3])

        // The next start: the archive has the first, surely not the second, and cannot tell of the third.
        let second = try await TestDeployment(at: deployment.folder, keys: deployment.keys)
        second.link.state.withLock { $0.fates = [.delivered, .absent, .unknown] }
        try await second.running { link in
            await link.until { $0.departed.count == 1 }
        }
        #expect(second.link.state.withLock { $0.departed.map(\.1) } == ["echo: m2"])
        #expect(try second.counts().outbox == ["confirmed": 2, "uncertain": 1])
    }

    @Test func whatTheLinkDidNotTakeIsSentAgainOnTheResumedStream() async throws {
        let deployment = try await TestDeployment()
        deployment.link.state.withLock { $0.breaksAtSend = 2 }
        try await deployment.running { link in
            for number in 1...5 { await deployment.receive(envelope("m\(number)", UInt64(number))) }
            await link.until { $0.departed.count == 2 && $0.refused > 0 && $0.acknowledged.count == 5 }
            await deployment.bridgeIsQuiet()
            let host = link.state.withLock { state in
                state.breaksAtSend = nil
                return state.host
            }
            await host?.offline(reason: "cut")
            await host?.online(resumed: true)
            await link.until { $0.departed.count == 5 }
        }
        #expect(deployment.link.state.withLock { $0.departed.map(\.1) } == (1...5).map { "echo: m\($0)" })
        #expect(deployment.link.state.withLock { $0.settled.isEmpty })
        #expect(try deployment.counts().outbox == ["confirmed": 5])
    }

    @Test func aReplyThatCannotBeEncryptedIsShownAsFailed() async throws {
        let deployment = try await TestDeployment(responder: FixedResponder(text: "cannot be encrypted"))
        try await deployment.running { link in
            await deployment.receive(envelope("salam", 1))
            await link.until { $0.acknowledged == [1] }
            await deployment.bridgeIsQuiet()
        }
        let counts = try deployment.counts()
        #expect(counts.failures == ["no-device": 1])
        #expect(counts.waiting == 1)
    }

    @Test func aReplyWaitsForMaterialAndLeavesOnceItIsThere() async throws {
        let deployment = try await TestDeployment(needsMaterial: true)
        try await deployment.running { link in
            await deployment.receive(envelope("salam", 1))
            await link.until { $0.departed.count == 1 }
        }
        #expect(try deployment.counts().outbox == ["confirmed": 1])
    }

    @Test func anAddressThatCanTakeNoEncryptedMessageFailsItsReplies() async throws {
        let deployment = try await TestDeployment(needsMaterial: true)
        deployment.link.state.withLock {
            $0.materialError = UndeliverableError(code: "no-omemo", reason: "no device", isTemporary: false)
        }
        try await deployment.running { link in
            await deployment.receive(envelope("salam", 1))
            await link.until { $0.acknowledged == [1] }
            await deployment.bridgeIsQuiet()
            while try deployment.counts().failures.isEmpty { await Task.yield() }
        }
        #expect(try deployment.counts().failures == ["no-omemo": 1])
    }
}
