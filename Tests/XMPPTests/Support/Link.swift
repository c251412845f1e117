import Glibc
import Synchronization

/// A line between client and server that a test can cut, or freeze so that it looks alive.
final class Link: Sendable {
    private struct State: Sendable {
        var sockets: [Int32] = []
        var isFrozen = false
        var isStalled = false
        var isClosed = false
        var connections = 0
    }

    let port: UInt16
    private let target: UInt16
    private let listener: Int32
    private let state = Mutex(State())

    init(to target: UInt16) throws {
        self.target = target
        port = try Ports.free()
        listener = try Ports.listen(port)
        detach { self.accept() }
    }

    /// How many connections have been accepted so far.
    var connections: Int { state.withLock { $0.connections } }

    /// Both sides lose the connection.
    func cut() {
        state.withLock { state in
            // The pump that reads from it closes the descriptor.
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
            state.sockets = []
        }
    }

    /// From now on nothing passes, and nobody is told.
    func freeze() { state.withLock { $0.isFrozen = true } }

    func thaw() { state.withLock { $0.isFrozen = false } }

    /// From now on nothing is even read: who sends meets a full buffer.
    func stall() { state.withLock { $0.isStalled = true } }

    func close() {
        state.withLock { $0.isClosed = true }
        shutdown(listener, Int32(SHUT_RDWR))
        cut()
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            guard client >= 0, !state.withLock({ $0.isClosed }) else { break }
            guard let server = try? Ports.connect(target) else {
                Glibc.close(client)
                continue
            }
            state.withLock {
                $0.connections += 1
                $0.sockets += [client, server]
            }
            let descriptors = Descriptors(client, server)
            detach { self.pump(client, server, descriptors) }
            detach { self.pump(server, client, descriptors) }
        }
        Glibc.close(listener)
    }

    private func pump(_ from: Int32, _ to: Int32, _ descriptors: Descriptors) {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            while state.withLock({ $0.isStalled && !$0.isClosed }) { usleep(1000) }
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            if state.withLock({ $0.isFrozen }) { continue }
            var sent = 0
            while sent < count {
                let written = buffer.withUnsafeBytes {
                    send(to, $0.baseAddress.map { $0 + sent }, count - sent, Int32(MSG_NOSIGNAL))
                }
                guard written > 0 else { break }
                sent += written
            }
        }
        shutdown(to, Int32(SHUT_RDWR))
        state.withLock { $0.sockets.removeAll { $0 == from } }
        descriptors.release()
    }

    private func detach(_ body: @escaping @Sendable () -> Void) {
        // A thread of its own: these calls block.
        let box = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        pthread_detach(thread)
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Two descriptors, closed when both pumps have ended.
    private final class Descriptors: Sendable {
        private let left: Mutex<Int>
        private let first: Int32
        private let second: Int32

        init(_ first: Int32, _ second: Int32) {
            left = Mutex(2)
            self.first = first
            self.second = second
        }

        func release() {
            let isLast = left.withLock {
                $0 -= 1
                return $0 == 0
            }
            guard isLast else { return }
            Glibc.close(first)
            Glibc.close(second)
        }
    }
}
