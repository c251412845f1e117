import Foundation
import Messaging
import Testing

@testable import XMPP
@testable import XMPPChannel

private let bridgeAddress = "helpline@example.org"

/// What could be lost or stored twice between the stream and the bridge.
@Suite(.timeLimit(.minutes(3))) struct LossTests {
    private static func incoming(_ message: Element, archiveID: String? = nil) -> IncomingMessageStanza {
        IncomingMessageStanza(stanza: message, sender: "rachid@example.org", archiveID: archiveID, sentAt: nil)
    }

    private static func message(_ type: String = "chat", id: String = "m1") -> Element {
        var message = Element(
            "message", Namespace.client,
            attributes: [("type", type), ("from", "rachid@example.org/phone"), ("id", id)],
            children: [Element("body", Namespace.client, text: "salam")])
        message.append(Receipt.request)
        return message
    }

    /// A server that sends a stanza again after a resumption stamps it.
    @Test func aMessageWithoutArchiveIDIsTheSameWhenItComesAgain() {
        var again = Self.message()
        again.append(Element("delay", Namespace.delay, attributes: [("stamp", "2026-11-21T05:00:00Z")]))
        let first = Self.incoming(Self.message()).envelope(now: Date(), token: nil)
        #expect(Self.incoming(again).envelope(now: Date(), token: nil).dedup == first.dedup)
        #expect(Self.incoming(Self.message(id: "m2")).envelope(now: Date(), token: nil).dedup != first.dedup)
    }

    @Test func nobodyIsToldThatAMessageArrivedOfWhichWeHaveAPart() {
        #expect(Self.incoming(Self.message()).receipt != nil)
        var cut = Self.message()
        cut.append(Element.refused(.stanzaTooLarge))
        #expect(Self.incoming(cut).receipt == nil)
        #expect(Self.incoming(Self.message("groupchat")).receipt == nil)
    }

    @Test func onlyAnErrorWithAnIDIsABounce() {
        var error = Element(
            "message", Namespace.client, attributes: [("type", "error"), ("from", "rachid@example.org"), ("id", "o1")])
        error.append(StanzaError(condition: "service-unavailable", type: "cancel").element)
        let bounce = Self.incoming(error)
        #expect(bounce.isEphemeral == false)
        #expect(bounce.receipt == nil)
        let envelope = bounce.envelope(now: Date(), token: nil)
        #expect(XMPPChannel.bounce(of: envelope)?.originID == OriginID("o1"))
        #expect(XMPPChannel.bounce(of: envelope)?.code == "bounced-service-unavailable")
        error["id"] = String(repeating: "x", count: 65)
        #expect(Self.incoming(error).bounce == nil)
        error["id"] = nil
        #expect(Self.incoming(error).isEphemeral)
        #expect(Self.incoming(Self.message()).bounce == nil)
    }

    @Test func aReceiptOutlivesTheStreamOnWhichItsMessageCame() {
        let book = TokenBook()
        let receipt = Receipt.receipt(for: "m1", to: "rachid@example.org")
        let first = book.make(.init(number: 1, receipt: receipt))
        let dropped = book.make(.init(number: 2, receipt: receipt))
        book.beginStream()
        #expect(book.take(first)?.receipt == receipt)
        #expect(book.take(first) == nil)
        book.beginStream()
        #expect(book.take(dropped) == nil, "what was dropped is not kept for ever")
    }

    @Test func receiptsThatCouldNotBeSentAreKeptToALimit() {
        let book = TokenBook()
        for number in 0..<1_500 { book.owe(Receipt.receipt(for: "\(number)", to: "rachid@example.org")) }
        let owed = book.takeOwed()
        #expect(owed.count == 1_000)
        #expect(owed.last.flatMap(Receipt.confirmed) == "1499")
        #expect(book.takeOwed().isEmpty)
    }

    /// What does not fit while the archive is read is read from it, once; and then the server is told.
    @Test func moreThanCanWaitComesFromTheArchiveAndIsAcknowledged() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            let line = try Link(to: server.port)
            defer { line.close() }
            var contact = Running(try server.configuration("rachid"))
            try await contact.online()
            let texts = (0..<40).map { "\($0)" }
            for text in texts[..<5] { try await contact.client.send(chat(to: bridgeAddress, text)) }
            _ = try await contact.client.iq("get", Element("ping", Namespace.ping))
            var bridge = try await RunningLink(
                try server.configuration("helpline", port: line.port), mostWaiting: 3, held: true)
            // The first message of the archive has reached the host: live ones wait from here on.
            while await !bridge.host.isWaiting { await Task.yield() }
            for text in texts[5...] { try await contact.client.send(chat(to: bridgeAddress, text)) }
            _ = try await contact.client.iq("get", Element("ping", Namespace.ping))
            _ = try await bridge.link.client.iq("get", Element("ping", Namespace.ping))
            await bridge.host.release()
            #expect(try await bridge.messages(40) == texts)
            #expect(try await bridge.online() == false)

            // What is acknowledged does not come again on the resumed stream.
            let repeats = await bridge.host.repeats
            line.cut()
            #expect(try await bridge.online() == true)
            try await contact.client.send(chat(to: bridgeAddress, "end"))
            #expect(try await bridge.messages(1) == ["end"])
            #expect(await bridge.host.repeats == repeats)
            await bridge.stop()
            await contact.stop()
        }
    }

    @Test func aReplyToAnAccountThatDoesNotExistComesBack() async throws {
        try await Prosody.run { server in
            try await server.register("helpline")
            var bridge = try await RunningLink(try server.configuration("helpline"))
            try await bridge.online()
            let draft = Draft(
                to: Address(channel: .xmpp, value: "nobody@example.org"), text: "hello", originID: OriginID("o1"),
                protection: .none)
            try await bridge.link.handOver(try await bridge.host.prepare(draft, material: nil), outbox: OutboxID(1))
            while true {
                if case .bounced(let id, let code) = try await bridge.next() {
                    #expect(id == draft.originID)
                    #expect(code == "bounced-service-unavailable")
                    break
                }
            }
            await bridge.stop()
        }
    }

    /// A message prepared for one stream must not overtake, on the next one, what the first left open.
    @Test func nothingGoesOutOnAStreamThatTheSessionHasNotBegun() async throws {
        try await Prosody.run { server in
            try await server.register("anna")
            var anna = Running(try server.configuration("anna"))
            try await anna.online()
            let stream = await anna.client.stream
            let bytes = chat(to: "anna@example.org/none", "x").serialized()
            try await anna.client.send(serialized: bytes, token: 1, on: stream)
            #expect(try await anna.confirmed() == [1])
            try await server.restart()
            while try await anna.online() {}
            await #expect(throws: ClientError.offline) {
                try await anna.client.send(serialized: bytes, token: 2, on: stream)
            }
            try await anna.client.send(serialized: bytes, token: 3, on: anna.client.stream)
            #expect(try await anna.confirmed() == [3])
            await anna.stop()
        }
    }
}
