/// A byte stream to a server: one connection, used once.
///
/// The stream's state machines sit above it and know nothing of sockets or TLS. An implementation
/// never blocks the cooperative thread pool, and holds back: it stops reading from the network
/// while nobody takes what was received.
public protocol Transport: Sendable {
    /// Resolves, connects, and finishes the TLS handshake.
    /// - Parameter deadline: the time allowed for all of it.
    /// - Throws: `TransportError`.
    func connect(deadline: Duration) async throws
    /// Gives bytes to the connection, in the order of the calls. Returns when all of them are with
    /// the operating system, which says nothing about whether the server has them.
    /// - Throws: `TransportError` when the connection is or becomes unusable.
    func send(_ bytes: [UInt8]) async throws
    /// The next bytes received, at least one; `nil` once the server has closed the stream in order.
    /// One caller at a time.
    /// - Throws: `TransportError`; `CancellationError` when the calling task is cancelled.
    func receive() async throws -> [UInt8]?
    /// Ends the connection: waiting calls throw `TransportError.closed`. Bytes accepted by `send`
    /// are still written if that takes no more than a second. Returns when nothing is left of it.
    func close() async
}

extension Transport {
    /// What is received, as a sequence. It asks for bytes only when they are wanted.
    public var bytes: TransportBytes { TransportBytes(transport: self) }
}

/// The received chunks of a transport.
public struct TransportBytes: AsyncSequence, Sendable {
    let transport: any Transport

    public struct AsyncIterator: AsyncIteratorProtocol {
        let transport: any Transport
        public mutating func next() async throws -> [UInt8]? { try await transport.receive() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(transport: transport) }
}
