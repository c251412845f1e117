import Foundation
import Glibc
import Synchronization

/// A small HTTP/1.1 server on a Unix socket for tests: it answers as it is told, also wrongly. Each
/// connection has a thread of its own.
public final class UnixHTTPServer: Sendable {
    public struct Request: Sendable {
        public var method: String
        /// With the query.
        public var target: String
        /// By name in lower case.
        public var headers: [String: String]
        public var body: [UInt8]
        /// Which connection it came on, from 1.
        public var connection: Int

        /// Without the query.
        public var path: String { String(target.prefix { $0 != "?" }) }
        public var query: [String: String] {
            let items = URLComponents(string: target)?.queryItems ?? []
            return Dictionary(items.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
        }
    }

    /// What is done on the connection, in order; then it waits for the next request.
    public enum Step: Sendable {
        case send([UInt8])
        /// Waits until the gate is opened.
        case wait(Gate)
        /// Sends nothing until the client closes.
        case hang
        /// Closes in order.
        case close
    }

    public typealias Handler = @Sendable (Request) -> [Step]

    public let path: String
    private let listener: Int32
    private let handler: Handler
    private let state = Mutex(State())

    private struct State: Sendable {
        var requests: [Request] = []
        var connections: Set<Int32> = []
        var accepted = 0
        var closings = 0
        var bytesSent = 0
        var isStopped = false
        var watchers: [@Sendable (State) -> Bool] = []
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Listens at once.
    public init(path: String, handler: @escaping Handler) throws {
        self.path = path
        self.handler = handler
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < 108 else { throw Failure(description: "The path of the socket is too long.") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listener, 64) == 0 else {
            close(listener)
            throw Failure(description: "The test server cannot listen: \(errno).")
        }
        // The thread holds the server until `stop`.
        Thread.detachNewThread { self.accept() }
    }

    /// Closes everything and removes the socket.
    public func stop() {
        let (connections, isFirst) = state.withLock { state in
            defer { state.isStopped = true }
            return (state.connections, !state.isStopped)
        }
        guard isFirst else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in connections { shutdown(connection, Int32(SHUT_RDWR)) }
        unlink(path)
    }

    // MARK: What was seen

    public var requests: [Request] { state.withLock { $0.requests } }

    /// Connections that clients made.
    public var accepted: Int { state.withLock { $0.accepted } }

    /// Bytes that the system took from this server.
    public var bytesSent: Int { state.withLock { $0.bytesSent } }

    /// Waits until `count` connections were closed by their clients.
    public func closings(_ count: Int) async { await wait { $0.closings >= count } }

    /// Waits until `count` requests came.
    public func requests(_ count: Int) async { await wait { $0.requests.count >= count } }

    private func wait(until condition: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
            let isNow = state.withLock { state in
                guard !condition(state) else { return true }
                state.watchers.append { state in
                    guard condition(state) else { return false }
                    waiter.resume()
                    return true
                }
                return false
            }
            if isNow { waiter.resume() }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            let now = state
            state.watchers.removeAll { $0(now) }
        }
    }

    // MARK: Threads

    private func accept() {
        defer { close(listener) }
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            if connection < 0 && errno == EINTR { continue }
            guard connection >= 0 else { return }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            var number = 0
            var isStopped = false
            change { state in
                state.accepted += 1
                number = state.accepted
                isStopped = state.isStopped
                state.connections.insert(connection)
            }
            if isStopped { shutdown(connection, Int32(SHUT_RDWR)) }
            Thread.detachNewThread { [number] in self.serve(connection, number) }
        }
    }

    private func serve(_ connection: Int32, _ number: Int) {
        var reader = RequestReader(connection: connection, number: number)
        var wasClosedByClient = true
        serving: while let request = reader.next() {
            change { $0.requests.append(request) }
            for step in handler(request) {
                switch step {
                case .send(let bytes): if !write(bytes, to: connection) { break serving }
                case .wait(let gate): gate.pass()
                case .hang:
                    reader.waitForEnd()
                    break serving
                case .close:
                    wasClosedByClient = false
                    break serving
                }
            }
        }
        change { state in
            state.connections.remove(connection)
            if wasClosedByClient { state.closings += 1 }
        }
        close(connection)
    }

    private func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
            state.withLock { $0.bytesSent += count }
        }
        return true
    }
}

/// Something that a server waits for.
public final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    public init() {}

    /// Lets one waiting step pass.
    public func open() { semaphore.signal() }

    func pass() { semaphore.wait() }
}
