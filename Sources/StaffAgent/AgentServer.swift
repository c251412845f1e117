import Foundation
import Glibc

/// Answers the programs of one user at the agent's socket: one thread, one request after another.
///
/// It ends, and takes the socket away, when the session ends, and on `stop`.
public final class AgentServer: Sendable {
    private let session: AgentSession
    private let mayConnect: @Sendable (uid_t?) -> Bool
    private let takesSignals: Bool
    /// A pipe, read and written: written to when the loop should look again.
    private let waker: (read: Int32, write: Int32)
    private let socket: AgentSocket

    /// Connections at a time at most; more are closed at once.
    static let connectionLimit = 64
    /// Milliseconds after which the clocks are looked at again.
    private static let tick: Int32 = 1000

    /// - Parameters:
    ///   - takesSignals: whether SIGTERM, SIGHUP and SIGINT to this process end it.
    ///   - mayConnect: which user may connect; their own only, unless a test says otherwise.
    /// - Throws: `AgentError`.
    public init(
        _ session: AgentSession, at socket: AgentSocket, takesSignals: Bool = false,
        mayConnect: @escaping @Sendable (uid_t?) -> Bool = { $0 == geteuid() }
    ) throws(AgentError) {
        self.session = session
        self.socket = socket
        self.mayConnect = mayConnect
        self.takesSignals = takesSignals
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw AgentSocket.failure("The agent cannot be started") }
        for end in ends { Self.prepare(end) }
        waker = (ends[0], ends[1])
        if takesSignals { EndingSignals.take(waker: ends[1]) }
    }

    deinit {
        close(waker.read)
        close(waker.write)
    }

    /// Not inherited, and never blocking.
    private static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    /// Lets the loop look at the session and the clocks now. May be called from any thread.
    public func wake() {
        // A full pipe wakes the loop as well.
        var byte: UInt8 = 0
        _ = write(waker.write, &byte, 1)
    }

    /// Forgets everything and ends. May be called from any thread.
    public func stop() {
        session.forget(.signal)
        wake()
    }

    /// Listens, and serves until the session ends. Blocks the calling thread.
    ///
    /// - Parameter ready: called once, when clients can connect.
    /// - Returns: why it ended.
    /// - Throws: `AgentError` when it cannot listen.
    public func run(ready: () -> Void = {}) throws(AgentError) -> AgentEnd {
        var listener = try socket.listen()
        let place = socket.place
        ready()
        var connections: [AgentConnection] = []
        defer { for connection in connections { connection.close() } }
        while true {
            if takesSignals, EndingSignals.came { session.forget(.signal) }
            // At the last log-out the system takes the folder away; then nobody could lock this agent either.
            if place == nil || socket.place != place { session.forget(.signal) }
            if let end = session.end {
                // Gone before the last answer: whoever locked can unlock anew at once.
                listener.end()
                for index in connections.indices { connections[index].flush() }
                return end
            }
            var polled = [
                pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: waker.read, events: Int16(POLLIN), revents: 0),
            ]
            polled += connections.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
            guard poll(&polled, nfds_t(polled.count), Self.tick) >= 0 || errno == EINTR else {
                session.forget(.signal)
                continue
            }
            if polled[1].revents != 0 {
                var bytes = [UInt8](repeating: 0, count: 64)
                _ = read(waker.read, &bytes, bytes.count)
            }
            for (index, polled) in polled.dropFirst(2).enumerated() where polled.revents != 0 {
                connections[index].serve(session)
            }
            connections.removeAll { connection in
                if connection.isOver { connection.close() }
                return connection.isOver
            }
            if polled[0].revents != 0 { accept(listener.descriptor, &connections) }
        }
    }

    private func accept(_ descriptor: Int32, _ connections: inout [AgentConnection]) {
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { return }
        Self.prepare(accepted)
        guard mayConnect(AgentSocket.peer(of: accepted)), connections.count < Self.connectionLimit else {
            close(accepted)
            return
        }
        connections.append(AgentConnection(descriptor: accepted))
    }
}
