import Foundation
import XMPP

/// A client that runs, with its events one by one.
struct Running: ~Copyable {
    let client: XMPPClient
    private var events: ClientEvents.AsyncIterator
    private let task: Task<Void, any Error>

    init(_ configuration: ClientConfiguration) {
        let client = XMPPClient(configuration)
        self.client = client
        events = client.events.makeAsyncIterator()
        task = Task { try await client.run() }
    }

    deinit { task.cancel() }

    struct Ended: Error {}

    mutating func next() async throws -> ClientEvent {
        guard let event = await events.next() else { throw Ended() }
        return event
    }

    /// Waits for `online`; passes over what comes before.
    @discardableResult
    mutating func online() async throws -> Bool {
        while true {
            if case .online(let resumed) = try await next() { return resumed }
        }
    }

    /// Waits for the next message with a body, and commits everything up to it.
    mutating func message() async throws -> Element {
        while true {
            guard case .stanza(let stanza, let number) = try await next() else { continue }
            await client.committed(number)
            if stanza.name == "message", stanza.first("body", Namespace.client) != nil { return stanza }
        }
    }

    /// The messages without a body that come before the next one with a body.
    mutating func withoutBody() async throws -> [Element] {
        var found: [Element] = []
        while true {
            guard case .stanza(let stanza, let number) = try await next() else { continue }
            await client.committed(number)
            guard stanza.name == "message" else { continue }
            if stanza.first("body", Namespace.client) != nil { return found }
            found.append(stanza)
        }
    }

    mutating func offline() async throws -> StreamFailure {
        while true {
            if case .offline(let failure) = try await next() { return failure }
        }
    }

    mutating func confirmed() async throws -> [Int64] {
        while true {
            if case .confirmed(let tokens) = try await next() { return tokens }
        }
    }

    /// Logs out in order.
    consuming func stop() async {
        task.cancel()
        _ = await task.result
    }

    /// How `run` ended.
    consuming func result() async -> Result<Void, any Error> { await task.result }
}

func chat(to: String, _ body: String, id: String = XMPPClient.randomID()) -> Element {
    Element(
        "message", Namespace.client, attributes: [("type", "chat"), ("to", to), ("id", id)],
        children: [Element("body", Namespace.client, text: body), Element.originID(id)])
}
