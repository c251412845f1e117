import CCurl
import Glibc

/// The thread of one `CurlTransport`: connects, then moves bytes until either side ends it.
///
/// `Sendable`, as all it holds is constant; the curl handles are local to `run`.
final class CurlWorker: Sendable {
    private let options: TransportOptions
    private let deadline: Duration
    private let shared: CurlShared

    init(options: TransportOptions, deadline: Duration, shared: CurlShared) {
        self.options = options
        self.deadline = deadline
        self.shared = shared
    }

    func run() {
        // A write to a connection that the other side reset raises SIGPIPE in this thread.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        let outcome: TransportError?
        do {
            outcome = try CurlSession.open(options, deadline: deadline, shared: shared).run()
        } catch {
            outcome = error
        }
        // `run` has set this already where handles existed; for those that never came to be.
        shared.ended(outcome)
        shared.gone()
    }
}

/// The curl handles of one connection. Confined to the worker's thread.
final class CurlSession {
    private let easy: UnsafeMutableRawPointer
    private let multi: UnsafeMutableRawPointer
    private let lists: [UnsafeMutablePointer<curl_slist>]
    private let shared: CurlShared
    private let hasProxy: Bool
    private let deadline: ContinuousClock.Instant
    private var current: CurlShared.Outgoing?
    private var written = 0

    private init(
        easy: UnsafeMutableRawPointer, multi: UnsafeMutableRawPointer, lists: [UnsafeMutablePointer<curl_slist>],
        shared: CurlShared, hasProxy: Bool, deadline: ContinuousClock.Instant
    ) {
        self.easy = easy
        self.multi = multi
        self.lists = lists
        self.shared = shared
        self.hasProxy = hasProxy
        self.deadline = deadline
    }

    static func open(
        _ options: TransportOptions, deadline: Duration, shared: CurlShared
    ) throws(TransportError) -> CurlSession {
        guard CurlLibrary.isReady, let easy = curl_easy_init() else { throw TransportError(.library) }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            throw TransportError(.library)
        }
        do {
            let lists = try options.apply(to: easy, deadline: deadline)
            curl_multi_add_handle(multi, easy)
            shared.attach(multi)
            return CurlSession(
                easy: easy, multi: multi, lists: lists, shared: shared, hasProxy: options.proxy != nil,
                deadline: .now + deadline)
        } catch {
            curl_multi_cleanup(multi)
            curl_easy_cleanup(easy)
            throw error
        }
    }

    deinit {
        // The easy handle first: it closes the connection, which is in the multi handle's cache.
        curl_multi_remove_handle(multi, easy)
        curl_easy_cleanup(easy)
        curl_multi_cleanup(multi)
        for list in lists { curl_slist_free_all(list) }
    }

    /// - Returns: why it ended; `nil` when the server closed the connection in order.
    func run() -> TransportError? {
        var outcome: TransportError?
        do {
            try connect()
            shared.opened()
            try pump()
        } catch {
            outcome = error
        }
        shared.ended(outcome)
        current?.done.resume(throwing: outcome ?? TransportError(.closed))
        current = nil
        return outcome
    }

    private func connect() throws(TransportError) {
        while true {
            if isClosing { throw TransportError(.closed) }
            var running: Int32 = 0
            let code = curl_multi_perform(multi, &running)
            guard code == CURLM_OK else { throw TransportError(.library, code: Int(code.rawValue)) }
            if let result = finished() {
                if result == CURLE_OK { return }
                throw TransportError(connecting: result, easy: easy, hasProxy: hasProxy)
            }
            // libcurl has this deadline too; it stands here as well because nothing must hang.
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw TransportError(.timeout) }
            curl_multi_poll(multi, nil, 0, Int32(min(left / .milliseconds(1), 1000)) + 1, nil)
        }
    }

    private func finished() -> CURLcode? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            let result = sila_curl_done_result(message)
            if result >= 0 { return CURLcode(rawValue: UInt32(result)) }
        }
        return nil
    }

    private var isClosing: Bool { shared.state.withLock { $0.isClosing } }

    /// Moves bytes until the connection ends. Returns when the server closed it in order.
    private func pump() throws(TransportError) {
        var socket = sila_curl_bad_socket()
        guard sila_curl_get_socket(easy, &socket) == CURLE_OK, socket != sila_curl_bad_socket() else {
            throw TransportError(.closed)
        }
        var graceEnd: ContinuousClock.Instant?
        while true {
            let isBlocked = try writeAll()
            let (isClosing, wantsBytes, hasOutgoing) = shared.state.withLock {
                ($0.isClosing, $0.incomingCount < CurlShared.readAhead, !$0.outgoing.isEmpty)
            }
            if isClosing {
                let end = graceEnd ?? .now + .seconds(1)
                graceEnd = end
                if (current == nil && !hasOutgoing) || ContinuousClock.now >= end { throw TransportError(.closed) }
            }
            // OpenSSL may hold decrypted bytes that `poll` cannot see: read until it has none.
            if wantsBytes, !isClosing, try readSome() { continue }
            if ended { return }
            if hasOutgoing && !isBlocked { continue }
            wait(socket, reading: wantsBytes && !isClosing, writing: isBlocked, isClosing: isClosing)
        }
    }

    private var ended = false

    private func wait(_ socket: curl_socket_t, reading: Bool, writing: Bool, isClosing: Bool) {
        let events = (reading ? CURL_WAIT_POLLIN : 0) | (writing ? CURL_WAIT_POLLOUT : 0)
        var descriptor = curl_waitfd(fd: socket, events: Int16(events), revents: 0)
        let milliseconds: Int32 = isClosing ? 50 : 60_000
        curl_multi_poll(multi, &descriptor, events == 0 ? 0 : 1, milliseconds, nil)
    }

    /// - Returns: whether bytes are left that the socket does not take now.
    private func writeAll() throws(TransportError) -> Bool {
        while true {
            if current == nil {
                current = shared.state.withLock { $0.outgoing.isEmpty ? nil : $0.outgoing.removeFirst() }
                written = 0
            }
            guard let item = current else { return false }
            var sent = 0
            // After "try again" OpenSSL wants the same bytes at the same address: `current` keeps
            // the array alive and unchanged until all of it is written.
            let code = item.bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...].prefix(16 * 1024))
                return curl_easy_send(easy, rest.baseAddress, rest.count, &sent)
            }
            switch code {
            case CURLE_OK:
                written += sent
                if written == item.bytes.count {
                    current = nil
                    item.done.resume()
                }
            case CURLE_AGAIN: return true
            default: throw TransportError(.closed, code: Int(code.rawValue))
            }
        }
    }

    /// - Returns: whether there may be more to read.
    private func readSome() throws(TransportError) -> Bool {
        var code = CURLE_OK
        let chunk = [UInt8](unsafeUninitializedCapacity: 16 * 1024) { buffer, count in
            code = curl_easy_recv(easy, buffer.baseAddress, buffer.count, &count)
            if code != CURLE_OK { count = 0 }
        }
        switch code {
        case CURLE_OK where chunk.isEmpty:
            ended = true
            return false
        case CURLE_OK:
            shared.received(chunk)
            return true
        case CURLE_AGAIN: return false
        default: throw TransportError(.closed, code: Int(code.rawValue))
        }
    }
}
