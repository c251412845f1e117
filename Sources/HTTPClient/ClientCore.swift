import CCurl
import Glibc
import Synchronization

/// libcurl's process-wide state.
enum CurlLibrary {
    /// Initialised once, on first use. `false` when the library cannot be used.
    static let isReady = sila_curl_global_init() == CURLE_OK
}

/// What the callers of a client and its thread share.
final class ClientCore: Sendable {
    let socketPath: String

    private struct State: Sendable {
        /// Address of the `CURLM` while the thread is alive: as a number, since a pointer is not
        /// `Sendable`. It is used for `curl_multi_wakeup` only, and only under the lock.
        var multi: UInt?
        var starting: [Transfer] = []
        var isRunning = false
        var isClosed = false

        func wake() {
            guard let multi, let handle = UnsafeMutableRawPointer(bitPattern: multi) else { return }
            curl_multi_wakeup(handle)
        }
    }

    private let state = Mutex(State())

    init(socketPath: String) { self.socketPath = socketPath }

    // MARK: Called by the client

    func start(_ transfer: Transfer) throws(HTTPError) {
        let (isClosed, needsThread) = state.withLock { state in
            guard !state.isClosed else { return (true, false) }
            state.starting.append(transfer)
            state.wake()
            defer { state.isRunning = true }
            return (false, !state.isRunning)
        }
        guard !isClosed else { throw HTTPError(.closed) }
        guard needsThread, let failure = CurlThread.start(self) else { return }
        state.withLock { state in
            state.starting = []
            state.isRunning = false
        }
        throw failure
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.wake()
        }
    }

    func wake() { state.withLock { $0.wake() } }

    // MARK: Called by the thread

    func attach(_ multi: UnsafeMutableRawPointer?) {
        let address = multi.map { UInt(bitPattern: $0) }
        state.withLock { $0.multi = address }
    }

    /// - Returns: transfers to start, and whether the client was closed.
    func take() -> (starting: [Transfer], isClosed: Bool) {
        state.withLock { state in
            defer { state.starting = [] }
            return (state.starting, state.isClosed)
        }
    }

    /// The thread cannot go on.
    func failed(_ error: HTTPError) {
        let left = state.withLock { state in
            state.isClosed = true
            defer { state.starting = [] }
            return state.starting
        }
        for transfer in left { transfer.finish(.failure(error)) }
    }
}

/// The thread of one client.
enum CurlThread {
    /// Starts the thread. A thread rather than a queue: it sleeps in `poll` for as long as the
    /// client lives, which neither the cooperative pool nor Dispatch's pool is for.
    static func start(_ core: ClientCore) -> HTTPError? {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 512 * 1024)
        var thread = pthread_t()
        let box = Unmanaged.passRetained(core)
        let code = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                CurlThread.run(Unmanaged<ClientCore>.fromOpaque(context).takeRetainedValue())
                return nil
            }, box.toOpaque())
        guard code != 0 else { return nil }
        box.release()
        return HTTPError(.library, reason: "No thread could be started. Check the limits of the process.")
    }

    private static func run(_ core: ClientCore) {
        // A write to a connection that the other side closed raises SIGPIPE in this thread.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        guard CurlLibrary.isReady, let multi = curl_multi_init() else {
            core.failed(HTTPError(.library))
            return
        }
        core.attach(multi)
        CurlLoop(core: core, multi: multi).run()
        core.attach(nil)
        curl_multi_cleanup(multi)
    }
}
