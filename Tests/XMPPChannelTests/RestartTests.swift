import Foundation
import Messaging
import Synchronization
import Testing

@testable import XMPP
@testable import XMPPChannel

private let bridgeAddress = "helpline@example.org"

/// The link goes on with the stream of an earlier run, against a real server.
@Suite(.timeLimit(.minutes(3))) struct RestartTests {
    private static func configuration(_ server: Prosody) throws -> ClientConfiguration {
        var configuration = try server.configuration("helpline")
        configuration.leavesStreamResumable = true
        return configuration
    }

    private static func draft(_ text: String) -> Draft {
        Draft(
            to: Address(channel: .xmpp, value: "rachid@example.org"), text: text, originID: OriginID(text),
            protection: .none)
    }

    /// Numbers, writes down and hands over, as the bridge does.
    private static func say(_ text: String, _ id: Int64, by bridge: borrowing RunningLink) async throws -> StanzaNumber
    {
        let turn = try await bridge.link.beginTurn()
        let prepared = try await bridge.host.prepare(draft(text), material: nil)
        try await bridge.host.kept.keep(turn.mark(after: 1))
        try await bridge.link.handOver(prepared, outbox: OutboxID(id))
        await bridge.link.endTurn(turn)
        return turn.number(0)
    }

    @Test func theStreamGoesOnAfterARestart() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var bridge = try await RunningLink(try Self.configuration(server))
            var contact = Running(try server.configuration("rachid"))
            try await contact.online()
            #expect(try await bridge.online() == false)
            let number = try await Self.say("one", 1, by: bridge)
            #expect(number.stream == 1)
            #expect(try await bridge.confirmed() == [OutboxID(1)])
            try await contact.client.send(chat(to: bridgeAddress, "first"))
            #expect(try await bridge.messages(1) == ["first"])
            await bridge.stop()

            try await contact.client.send(chat(to: bridgeAddress, "while it is away"))
            _ = try await contact.client.iq("get", Element("ping", Namespace.ping))
            await bridge.restart()
            #expect(try await bridge.messages(1) == ["while it is away"])
            #expect(try await bridge.online() == true)
            let settled = try #require(await bridge.host.kept.settled.first)
            #expect(settled.isResumed)
            // Whatever else left before and after it has a number too.
            #expect(try #require(settled.taken) >= number.stanza)
            // The numbers go on, on the same stream.
            let next = try await Self.say("two", 2, by: bridge)
            #expect(next.stream == 1)
            #expect(next.stanza > number.stanza)
            #expect(try await bridge.confirmed() == [OutboxID(2)])
            #expect(await bridge.host.kept.gaps.isEmpty)
            await bridge.stop()
            await contact.stop()
        }
    }

    /// The server was started anew: it may know the count, and not the stream.
    @Test func aStreamThatIsGoneIsSettledOnceAndANewOneBegins() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var bridge = try await RunningLink(try Self.configuration(server))
            try await bridge.online()
            _ = try await Self.say("one", 1, by: bridge)
            #expect(try await bridge.confirmed() == [OutboxID(1)])
            await bridge.stop()
            try await server.restart()
            await bridge.restart()
            #expect(try await bridge.online() == false)
            #expect(await bridge.host.kept.settled.map(\.isResumed) == [false])
            #expect(try await Self.say("two", 2, by: bridge).stream == 2)
            await bridge.stop()
        }
    }

    /// Whatever the server claims: more than can have left, less than it had said before.
    @Test(arguments: ["4000000", "0"]) func aCountThatCannotBeSettlesNothing(_ h: String) async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            let lie = Mutex<String?>(nil)
            var bridge = try await RunningLink(
                try Self.configuration(server),
                transport: { LyingTransport(CurlTransport($0), h: lie.withLock { $0 }) })
            try await bridge.online()
            _ = try await Self.say("one", 1, by: bridge)
            #expect(try await bridge.confirmed() == [OutboxID(1)])
            _ = try await Self.say("two", 2, by: bridge)
            #expect(try await bridge.confirmed() == [OutboxID(2)])
            // What the server has taken so far is written down with the next message.
            _ = try await Self.say("three", 3, by: bridge)
            await bridge.stop()
            lie.withLock { $0 = h }
            await bridge.restart()
            #expect(try await bridge.online() == false, "the stream is not used any more")
            #expect(await bridge.host.kept.settled == [.init(stream: 1, taken: nil, isResumed: false)])
            await bridge.stop()
        }
    }

    /// Nothing else may take a number that is being written down.
    @Test func othersWaitForTheEndOfATurn() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var bridge = try await RunningLink(try Self.configuration(server))
            try await bridge.online()
            let client = bridge.link.client
            let turn = try await bridge.link.beginTurn()
            await #expect(throws: ClientError.offline) { try await bridge.link.beginTurn() }
            let question = Task { try await client.iq("get", Element("ping", Namespace.ping)) }
            try await client.post(Receipt.receipt(for: "m1", to: "rachid@example.org"))
            let prepared = try await bridge.host.prepare(Self.draft("one"), material: nil)
            try await bridge.link.handOver(prepared, outbox: OutboxID(1))
            #expect(try await bridge.confirmed() == [OutboxID(1)])
            let standing = try #require(await client.standing(on: client.stream))
            #expect(standing.sent == UInt64(turn.sent) + 1)
            await bridge.link.endTurn(turn)
            _ = try await question.value
            await bridge.stop()
        }
    }

    /// A number that was written down stays that message's, also when the line breaks before it left.
    @Test func whatIsNumberedLeavesUnderItsNumberAfterABreak() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            let line = try Link(to: server.port)
            defer { line.close() }
            var bridge = try await RunningLink(try server.configuration("helpline", port: line.port))
            try await bridge.online()
            let turn = try await bridge.link.beginTurn()
            line.cut()
            // Until it is back, the message can be handed over at any time: it is not lost.
            let prepared = try await bridge.host.prepare(Self.draft("one"), material: nil)
            try await bridge.link.handOver(prepared, outbox: OutboxID(1))
            await bridge.link.endTurn(turn)
            #expect(try await bridge.confirmed() == [OutboxID(1)])
            await bridge.stop()
        }
    }

    @Test func aStreamWhoseNumbersAreInDoubtIsNotResumed() async throws {
        try await Prosody.run { server in
            try await server.register("helpline")
            var bridge = try await RunningLink(try Self.configuration(server))
            try await bridge.online()
            await bridge.link.abandonTurn(try await bridge.link.beginTurn())
            #expect(try await bridge.online() == false)
            #expect(try await bridge.link.beginTurn().mark.stream == 2)
            await bridge.stop()
        }
    }
}

/// Says another count than the server did, when it resumes a stream.
private final class LyingTransport: Transport {
    private let inner: any Transport
    private let h: String?

    init(_ inner: any Transport, h: String?) {
        self.inner = inner
        self.h = h
    }

    func connect(deadline: Duration) async throws { try await inner.connect(deadline: deadline) }
    func send(_ bytes: [UInt8]) async throws { try await inner.send(bytes) }
    func close() async { await inner.close() }

    func receive() async throws -> [UInt8]? {
        guard let bytes = try await inner.receive() else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let h, let range = text.range(of: "<(resumed|failed)[^>]*>", options: .regularExpression) else {
            return bytes
        }
        let tag = text[range].replacingOccurrences(of: "h='[0-9]+'", with: "h='\(h)'", options: .regularExpression)
        return Array(text.replacingCharacters(in: range, with: tag).utf8)
    }
}
