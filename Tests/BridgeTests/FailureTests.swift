import Bridge
import Dispatch
import Foundation
import Messaging
import Store
import Testing

/// What goes wrong with one message, and must not go on to the others.
@Suite(.timeLimit(.minutes(2)), .scratchFolder) struct FailureTests {
    @Test func aReplyThatComesBackIsShownAsFailed() async throws {
        let deployment = try await TestDeployment(
            responder: FixedResponder(text: "your id"),
            bounced: { envelope in
                let text = (envelope.payload as? TextPayload)?.text ?? ""
                guard text.hasPrefix("returned ") else { return nil }
                return (OriginID(String(text.dropFirst(9))), "bounced-gone")
            })
        try await deployment.running { link in
            await deployment.receive(envelope("salam", 1))
            await link.until { $0.departed.count == 1 }
            let id = link.state.withLock { $0.departed.first?.1 ?? "" }
            await deployment.receive(envelope("returned \(id)", 2, from: "stranger@example.org"))
            await link.until { $0.acknowledged == [1, 2] }
            let failures = try deployment.counts().failures
            #expect(failures.isEmpty)
            await deployment.receive(envelope("returned \(id)", 3))
            await link.until { $0.acknowledged == [1, 2, 3] }
        }
        let counts = try deployment.counts()
        #expect(counts.outbox == ["failed": 1])
        #expect(counts.failures == ["bounced-gone": 1])
        #expect(counts.messagesIn == 1)
        #expect(counts.contacts == 1)
        #expect(counts.waiting == 1)
    }

    @Test func aMessageFromWhichNothingRecoversIsSetAsideAllTheSame() async throws {
        let deployment = try await TestDeployment()
        try await deployment.running { link in
            await deployment.receive(envelope("beyond recovery", 1))
            await deployment.receive(envelope("salam", 2, from: "fatima@example.org"))
            await link.until { $0.acknowledged == [1, 2] }
        }
        let counts = try deployment.counts()
        #expect(counts.setAside == ["no-session": 1])
        #expect(counts.messagesIn == 1)
    }

    /// On a resumed stream nobody asks the archive: what did not leave is known here only.
    @Test func whatDidNotLeaveIsSentOnTheResumedStreamAlthoughTheDiskRefusedMeanwhile() async throws {
        let deployment = try await TestDeployment()
        let other = try await TestDeployment(at: deployment.folder, keys: deployment.keys).writer
        let lock = DispatchSemaphore(value: 0)
        deployment.link.state.withLock { state in
            state.breaksAtSend = 0
            state.beforeRefusal = {
                let (held, isHeld) = AsyncStream.makeStream(of: Void.self)
                Task {
                    try await other.perform { _ in
                        isHeld.yield()
                        lock.wait()
                    }
                }
                for await _ in held { return }
            }
        }
        try await deployment.running { link in
            await deployment.receive(envelope("salam", 1))
            await link.until { $0.refused == 1 }
            // The second refusal of the disk comes after the one that the outbox met.
            for _ in 0..<2 { await #expect(throws: StoreError.self) { try await deployment.writer.perform { _ in } } }
            let host = link.state.withLock { state in
                state.breaksAtSend = nil
                return state.host
            }
            await host?.offline(reason: "cut")
            await host?.online(resumed: true)
            lock.signal()
            await link.until { $0.departed.count == 1 }
        }
        await other.close()
        #expect(deployment.link.state.withLock { $0.settled.isEmpty })
        #expect(try deployment.counts().outbox == ["confirmed": 1])
    }
}
