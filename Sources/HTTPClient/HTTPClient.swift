import Synchronization

/// HTTP/1.1 over a Unix socket (libcurl), on a thread of its own: nothing blocks the cooperative pool.
///
/// Redirects are not followed, no proxy is used, nothing of the environment counts. Connections are
/// kept for the next request.
public final class HTTPClient: Sendable {
    /// The path of the socket.
    public let socketPath: String
    private let core: ClientCore

    public init(socketPath: String) {
        self.socketPath = socketPath
        core = ClientCore(socketPath: socketPath)
    }

    deinit { core.close() }

    /// Asks, and waits for the whole answer.
    ///
    /// - Parameters:
    ///   - deadline: for all of it.
    ///   - limit: bytes of the body at most.
    /// - Throws: `HTTPError`; `CancellationError` when the task was cancelled, the connection is then
    ///   closed. An answer of any status is no error.
    public func send(
        _ request: HTTPRequest, deadline: Duration = .seconds(30), limit: Int = 16 << 20
    ) async throws -> HTTPResponse {
        let transfer = Transfer(request: request, headDeadline: deadline, totalDeadline: deadline, idle: nil)
        let (head, body) = try await begin(transfer)
        if let length = head.headers["content-length"].flatMap({ Int($0) }), length > limit {
            throw HTTPError(.tooLarge)
        }
        var bytes: [UInt8] = []
        while let chunk = try await body.next() {
            guard chunk.count <= limit - bytes.count else { throw HTTPError(.tooLarge) }
            bytes.append(contentsOf: chunk)
        }
        return HTTPResponse(head: head, body: bytes)
    }

    /// Asks, and gives the answer as it comes.
    ///
    /// - Parameters:
    ///   - deadline: until status and headers are there.
    ///   - idle: how long may pass without a byte afterwards; time in which the reader takes nothing
    ///     does not count.
    /// - Throws: as `send`.
    public func stream(
        _ request: HTTPRequest, deadline: Duration = .seconds(30), idle: Duration
    ) async throws -> HTTPStream {
        let transfer = Transfer(request: request, headDeadline: deadline, totalDeadline: nil, idle: idle)
        let (head, body) = try await begin(transfer)
        return HTTPStream(head: head, body: AsyncThrowingStream { try await body.next() })
    }

    /// Ends all transfers with the error `closed` and takes no more.
    public func close() { core.close() }

    private func begin(_ transfer: Transfer) async throws -> (HTTPHead, TransferBody) {
        try transfer.request.check()
        try Task.checkCancellation()
        // From here on the body ends the transfer when nobody holds it any more.
        let body = TransferBody(transfer: transfer, client: self)
        try core.start(transfer)
        return (try await transfer.head(), body)
    }
}

/// The reading end of a transfer. When the last one lets go of it, the transfer ends.
final class TransferBody: Sendable {
    private let transfer: Transfer
    /// Keeps the thread while somebody reads.
    private let client: HTTPClient

    init(transfer: Transfer, client: HTTPClient) {
        self.transfer = transfer
        self.client = client
    }

    deinit { transfer.cancel() }

    func next() async throws -> [UInt8]? { try await transfer.next() }
}
