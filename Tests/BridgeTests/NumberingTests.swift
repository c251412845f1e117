import Bridge
import Foundation
import Messaging
import Store
import Testing

/// What leaves is numbered, and the numbers are in the store before the bytes are anywhere.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct NumberingTests {
    private static let key = StreamKey(id: "s", account: "bridge@example.org/sila", server: "example.org:5223")

    /// What the count of a server settles, as after a restart.
    private static func settle(
        _ deployment: TestDeployment, taken: Int64?, isResumed: Bool
    ) async throws -> (confirmed: Int, again: Int) {
        try await deployment.writer.perform {
            try $0.settleStream(1, taken: taken, isResumed: isResumed, on: .xmpp)
        }
    }

    @Test func eachMessageHasTheNumberUnderWhichItLeft() async throws {
        let deployment = try await TestDeployment()
        let number = try await deployment.writer.perform { try $0.beginStream(Self.key, on: .xmpp) }
        #expect(number == 1)
        deployment.link.state.withLock { $0.confirmsAtOnce = false }
        try await deployment.running { link in
            for number in 1...5 { await deployment.receive(envelope("m\(number)", UInt64(number))) }
            await link.until { $0.departed.count == 5 && $0.acknowledged.count == 5 && !$0.isInTurn }
            let stored = try #require(try await deployment.writer.perform { try $0.stream(of: .xmpp) })
            #expect(stored.mark.committed == 5, "moved with the messages")
            #expect(stored.mark.ceiling >= 5 + StreamMark.headroom)
            #expect(try await Self.settle(deployment, taken: nil, isResumed: false) == (confirmed: 0, again: 0))
            #expect(try await Self.settle(deployment, taken: 2, isResumed: false) == (confirmed: 2, again: 0))
            #expect(try deployment.counts().outbox == ["confirmed": 2, "handed-over": 3])
            #expect(try await Self.settle(deployment, taken: 4, isResumed: true) == (confirmed: 2, again: 1))
            #expect(try deployment.counts().outbox == ["confirmed": 4, "prepared": 1])
            link.state.withLock { #expect($0.handedOverOutsideOfTurns == 0) }
        }
    }

    @Test func withoutAStreamNothingIsPrepared() async throws {
        let deployment = try await TestDeployment()
        deployment.link.state.withLock { $0.refusesTurns = true }
        try await deployment.running { link in
            await deployment.receive(envelope("salam", 1))
            await link.until { $0.acknowledged == [1] }
            await deployment.wake(.xmpp)
            let outbox = try deployment.counts().outbox
            #expect(outbox == ["intent": 1])
            link.state.withLock { $0.refusesTurns = false }
            await deployment.wake(.xmpp)
            await link.until { $0.departed.count == 1 }
        }
    }

    @Test func whatDidNotLeaveHasNoNumberWhenTheTurnEnds() async throws {
        let deployment = try await TestDeployment()
        _ = try await deployment.writer.perform { try $0.beginStream(Self.key, on: .xmpp) }
        deployment.link.state.withLock { $0.breaksAtSend = 0 }
        try await deployment.running { link in
            await deployment.receive(envelope("salam", 1))
            await link.until { $0.refused > 0 && !$0.isInTurn }
            // Whatever count the server has: it was never there.
            let done = try await Self.settle(deployment, taken: 99, isResumed: true)
            #expect(done.confirmed == 0)
            let outbox = try deployment.counts().outbox
            #expect(outbox == ["prepared": 1])
        }
    }
}
