import Foundation
import HTTPClient
import StaffProtocol
import Synchronization
import Testing
import UnixHTTPServer

@testable import Inbox

@Suite struct EventTests {
    private let route = "GET /v1/events"

    private func event(_ number: Int64, _ kind: StaffEvent.Kind = .item) -> StaffEvent {
        StaffEvent(number: number, kind: kind, at: 1, conversation: 12, position: number * 10)
    }

    private func text(_ event: StaffEvent) throws -> [UInt8] {
        let json = String(decoding: try JSONEncoder().encode(event), as: UTF8.self)
        return Array("id: \(event.number)\nevent: \(event.kind.rawValue)\ndata: \(json)\n\n".utf8)
    }

    /// Pauses that do not pause.
    private final class Pauses: Sendable {
        private let state = Mutex<[Duration]>([])
        var all: [Duration] { state.withLock { $0 } }
        func add(_ duration: Duration) { state.withLock { $0.append(duration) } }
    }

    private func take(_ count: Int, _ desk: Desk, after number: Int64, _ pauses: Pauses = Pauses()) async throws
        -> [EventFollower.Signal]
    {
        var signals: [EventFollower.Signal] = []
        for try await signal in EventFollower(desk.connection, pause: { pauses.add($0) }).signals(after: number) {
            signals.append(signal)
            if signals.count == count { break }
        }
        return signals
    }

    private func isLost(_ signal: EventFollower.Signal) -> Bool {
        if case .lost = signal { true } else { false }
    }

    @Test func eventsGoOnBehindTheLastOneAfterALostConnection() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        try await desk.connection.logIn()
        let first = try text(event(6))
        desk.bridge.once(
            route,
            [
                .chunkedHead(), .chunk(Array(":\n\n".utf8)), .chunk(try text(event(5))), .chunk(Array(first[..<20])),
                .close,
            ],
            [.chunkedHead(), .chunk(first), .chunk(try text(event(5))), .chunk(try text(event(7))), .hang])
        let signals = try await take(6, desk, after: 4)
        #expect(signals[0] == .connected)
        #expect(signals[1] == .event(event(5)))
        #expect(isLost(signals[2]))
        // One that came before is not told twice.
        #expect(signals[3...] == [.connected, .event(event(6)), .event(event(7))])
        let asked = desk.bridge.server.requests.filter { $0.path == "/v1/events" }
        #expect(asked.map { $0.headers["last-event-id"] } == ["4", "5"])
    }

    @Test func pausesGrowUntilAStreamStands() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        try await desk.connection.logIn()
        let busy: [UnixHTTPServer.Step] = [.json(APIError(.unavailable, "busy"), status: 503)]
        desk.bridge.once(
            route, busy, busy, [.chunkedHead(), .close], busy, [.chunkedHead(), .chunk(Array(":\n".utf8)), .close],
            [.chunkedHead(), .hang])
        let pauses = Pauses()
        let signals = try await take(8, desk, after: 0, pauses)
        #expect(signals.count { isLost($0) } == 5)
        // A stream that said nothing is no success; one that did begins anew.
        #expect(
            pauses.all == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .milliseconds(500)])
    }

    @Test func aResetIsToldAlsoWhenNumbersBeganAnew() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        try await desk.connection.logIn()
        desk.bridge.once(
            route, [.chunkedHead(), .chunk(try text(event(3, .reset))), .chunk(try text(event(4))), .hang])
        #expect(
            try await take(3, desk, after: 900) == [.connected, .event(event(3, .reset)), .event(event(4))])
    }

    @Test func whoMayNotIsNotAskedAgain() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.always(route, [.json(APIError(.forbidden, "no"), status: 403)])
        let error = await caught(APIError.self) { try await take(1, desk, after: 0) }
        #expect(error?.code == .forbidden)
    }

    @Test func nonsenseIsALostConnection() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        try await desk.connection.logIn()
        desk.bridge.once(route, [.chunkedHead(), .chunk(Array("data: {}\n\n".utf8)), .hang])
        let signals = try await take(2, desk, after: 0)
        #expect(signals[0] == .connected)
        #expect(isLost(signals[1]))
    }

    @Test func aSilentStreamIsLost() async throws {
        let desk = try await Desk { $0.eventSilence = .milliseconds(50) }
        defer { desk.end() }
        try await desk.connection.logIn()
        desk.bridge.once(route, [.chunkedHead(), .hang])
        #expect(isLost(try await take(2, desk, after: 0)[1]))
    }

    @Test func cancellingTheFollowerClosesTheStream() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.always(route, [.chunkedHead(), .hang])
        let connection = desk.connection
        let (stood, stand) = AsyncStream<Void>.makeStream()
        let task = Task {
            for try await _ in EventFollower(connection).signals(after: 0) { stand.yield() }
        }
        for await _ in stood { break }
        let before = desk.bridge.server.accepted
        task.cancel()
        _ = await task.result
        await desk.bridge.server.closings(1)
        #expect(desk.bridge.server.accepted == before)
    }
}
