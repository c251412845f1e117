import Inbox
import StaffProtocol
import Synchronization
import Testing

@testable import StaffAgent

@Suite("What ends the wait for more items", .timeLimit(.minutes(1)))
struct EventAheadTests {
    private typealias Signals = AsyncThrowingStream<EventFollower.Signal, any Error>

    private static func event(_ number: Int64, _ kind: StaffEvent.Kind) -> StaffEvent {
        StaffEvent(number: number, kind: kind, at: 0, conversation: 0, position: 0)
    }

    /// Far longer than the test may run.
    private static let day: @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(86_400)) }

    @Test(
        "It does not outlast what takes something away",
        arguments: [StaffEvent.Kind.roster, .erased, .reset])
    func urgent(_ kind: StaffEvent.Kind) async throws {
        let ahead = EventAhead()
        let (signals, bridge) = Signals.makeStream()
        let events = ahead.events(of: signals)
        var iterator = events.makeAsyncIterator()
        bridge.yield(.connected)
        bridge.yield(.event(Self.event(1, .item)))
        #expect(try await iterator.next()?.number == 1)
        async let waiting: Void = ahead.wait(Self.day)
        bridge.yield(.event(Self.event(2, .item)))
        bridge.yield(.event(Self.event(3, kind)))
        try await waiting
        // It came already: nothing is waited for.
        try await ahead.wait(Self.day)
        #expect(try await iterator.next()?.number == 2)
        try await ahead.wait(Self.day)
        #expect(try await iterator.next()?.number == 3)
        // Handled: from now on it is waited for again.
        try await ahead.wait {}
        async let again: Void = ahead.wait(Self.day)
        bridge.yield(.lost("gone", retryIn: .zero))
        try await again
        #expect(try await iterator.next() == nil)
        try await ahead.wait(Self.day)
    }

    @Test("It outlasts new items and what changes in a conversation")
    func patient() async throws {
        let ahead = EventAhead()
        let (signals, bridge) = Signals.makeStream()
        var iterator = ahead.events(of: signals).makeAsyncIterator()
        let (pause, over) = AsyncStream.makeStream(of: Void.self)
        let wasWhole = Atomic(false)
        async let waiting: Void = ahead.wait {
            for await _ in pause {}
            wasWhole.store(!Task.isCancelled, ordering: .relaxed)
        }
        let kinds: [StaffEvent.Kind] = [.item, .itemChanged, .conversation, .channel]
        for (number, kind) in kinds.enumerated() { bridge.yield(.event(Self.event(Int64(number), kind))) }
        for number in kinds.indices { #expect(try await iterator.next()?.number == Int64(number)) }
        over.finish()
        try await waiting
        let lasted = wasWhole.load(ordering: .relaxed)
        #expect(lasted)
    }
}
