import Foundation
import HTTPClient
import StaffProtocol

/// Follows what happens at the bridge, over lost connections: after each the stream goes on behind the
/// last event that came, so that none is missed.
public struct EventFollower: Sendable {
    /// What the follower tells.
    public enum Signal: Sendable, Equatable {
        /// The stream stands.
        case connected
        case event(StaffEvent)
        /// The connection was lost, or could not be made; the next attempt comes after `retryIn`.
        case lost(String, retryIn: Duration)
    }

    /// The first pause after a failure; it doubles up to the longest.
    public static let shortestPause: Duration = .milliseconds(500)
    public static let longestPause: Duration = .seconds(30)

    private let connection: StaffConnection
    private let pause: @Sendable (Duration) async throws -> Void

    /// - Parameter pause: waits; another one in tests.
    public init(
        _ connection: StaffConnection,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.connection = connection
        self.pause = pause
    }

    /// Signals until the task that reads them is cancelled.
    ///
    /// An event of kind `reset` says that events were missed: read everything anew. Throws when going
    /// on makes no sense: `APIError` when this member may not, `RosterRefusal`, an agent that is locked.
    ///
    /// - Parameter number: of the last event that is known (`InboxPage.event`).
    public func signals(after number: Int64) -> AsyncThrowingStream<Signal, any Error> {
        let state = Following(connection: connection, last: number, pause: pause)
        return AsyncThrowingStream { try await state.next() }
    }
}

/// The state of one follower.
private actor Following {
    private let connection: StaffConnection
    private let pause: @Sendable (Duration) async throws -> Void
    private var last: Int64
    private var stream: HTTPStream?
    private var parser = ServerSentEventParser()
    private var waiting: [EventFollower.Signal] = []
    private var failures = 0
    private var isPausing = false

    init(connection: StaffConnection, last: Int64, pause: @escaping @Sendable (Duration) async throws -> Void) {
        self.connection = connection
        self.last = last
        self.pause = pause
    }

    func next() async throws -> EventFollower.Signal? {
        while true {
            try Task.checkCancellation()
            if !waiting.isEmpty { return waiting.removeFirst() }
            do {
                guard let stream else {
                    try await connect()
                    continue
                }
                var body = stream.body.makeAsyncIterator()
                guard let chunk = try await body.next() else {
                    // In order, as at a restart of the bridge: no less an end.
                    throw ConnectionError(.lost, "The bridge ended the stream of events.")
                }
                try take(chunk)
            } catch let error as HTTPError {
                try fail(ConnectionError(error, socket: connection.client.socketPath).message)
            } catch let error as ConnectionError where error.kind != .internalFailure {
                try fail(error.message)
            } catch let error as APIError where error.isPassing {
                try fail(error.message)
            }
        }
    }

    private func connect() async throws {
        if isPausing {
            isPausing = false
            try await pause(pauseNow)
        }
        var request = StaffRequest(.streamEvents)
        request.lastEventID = last
        stream = try await connection.open(
            request, silence: connection.patience.eventSilence, type: "text/event-stream")
        parser = ServerSentEventParser(lastID: "\(last)")
        waiting.append(.connected)
    }

    private func take(_ chunk: [UInt8]) throws {
        let (events, lines) = try parser.take(chunk)
        // Only a stream that says something is a good one: a bridge that takes and drops
        // connections is not asked again at once.
        if lines > 0 { failures = 0 }
        for event in events {
            guard let event = try? JSONDecoder().decode(StaffEvent.self, from: Data(event.data.utf8)) else {
                throw ConnectionError.unexpected(Endpoint.streamEvents.rawValue, status: 200)
            }
            // Numbers rise; after a reset they may begin lower, when the bridge was restored.
            guard event.number > last || event.kind == .reset else { continue }
            last = event.number
            waiting.append(.event(event))
        }
    }

    private func fail(_ message: String) throws {
        try Task.checkCancellation()
        stream = nil
        failures += 1
        isPausing = true
        waiting.append(.lost(message, retryIn: pauseNow))
    }

    private var pauseNow: Duration {
        let doublings = min(max(0, failures - 1), 10)
        return min(EventFollower.shortestPause * (1 << doublings), EventFollower.longestPause)
    }
}

extension APIError {
    /// Whether trying again later may help.
    var isPassing: Bool {
        switch code {
        case .locked, .tooMany, .internalError, .unavailable: true
        default: false
        }
    }
}
