import CCurl
import Glibc

/// Direct TLS over libcurl (`CURLOPT_CONNECT_ONLY`), on a thread of its own.
///
/// libcurl resolves, goes through the proxy, does the TLS handshake and checks certificate and
/// pin; then the thread moves bytes with `curl_easy_send` and `curl_easy_recv`, asleep in
/// `curl_multi_poll` while there is nothing to do. Callers wake it.
public final class CurlTransport: Transport {
    private let options: TransportOptions
    private let shared = CurlShared()

    public init(_ options: TransportOptions) { self.options = options }

    deinit { shared.requestClose() }

    public func connect(deadline: Duration) async throws {
        let worker = CurlWorker(options: options, deadline: deadline, shared: shared)
        do {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<Void, any Error>) in
                    let canStart = shared.state.withLock { state in
                        guard case .idle = state.phase, !state.isClosing else { return false }
                        state.phase = .connecting
                        state.connecting = waiter
                        return true
                    }
                    guard canStart else {
                        waiter.resume(throwing: TransportError(.closed, reason: "A transport connects only once."))
                        return
                    }
                    if let failure = worker.start() {
                        shared.ended(failure)
                        shared.gone()
                    }
                }
            } onCancel: {
                shared.requestClose()
            }
        } catch {
            try Task.checkCancellation()
            throw error
        }
    }

    public func send(_ bytes: [UInt8]) async throws { try await shared.send(bytes) }

    public func receive() async throws -> [UInt8]? { try await shared.receive() }

    public func close() async {
        shared.requestClose()
        await shared.waitUntilGone()
    }
}

extension CurlWorker {
    /// Starts the thread. A thread rather than a queue: it sleeps in `poll` for as long as the
    /// connection lives, which neither the cooperative pool nor Dispatch's pool is for.
    func start() -> TransportError? {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // OpenSSL's handshake and certificate checks need far less; the default is 8 MiB.
        pthread_attr_setstacksize(&attributes, 512 * 1024)
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                Unmanaged<CurlWorker>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard code != 0 else { return nil }
        box.release()
        return TransportError(
            .library, code: Int(code), reason: "No thread could be started. Check the limits of the process.")
    }
}
