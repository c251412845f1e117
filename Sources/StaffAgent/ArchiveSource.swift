import StaffProtocol

/// One frame of the bulk stream.
public typealias ArchiveFrame = BulkFrameReader.Frame

/// Where the agent gets the archive from: the bridge (`BridgeArchive`), or in tests a generated one.
///
/// Every method throws when the bridge cannot be reached; it is called again later. An `APIError` of
/// code `forbidden` says that this member is served no archive: then the index stays empty.
public protocol ArchiveSource: Sendable {
    /// The stored forms of roster and keyring as the bridge gives them now.
    func staffFiles() async throws -> (roster: [UInt8], keyring: [UInt8])

    /// The number of the newest event.
    func newestEvent() async throws -> Int64

    /// The items behind a position, oldest first, in batches. A batch is fetched when it is asked for,
    /// so that no more than a few wait in memory.
    ///
    /// The stream ends with a frame `end`; one that finishes without was cut off, and is gone on with
    /// behind the last item that came.
    func archive(after position: Int64) async throws -> AsyncThrowingStream<[ArchiveFrame], any Error>

    /// Events with a greater number, as they come. Throws, or finishes, when the connection is lost.
    func events(after number: Int64) async throws -> AsyncThrowingStream<StaffEvent, any Error>

    /// Whether this member is served a conversation now.
    func serves(_ conversation: Int64) async throws -> Bool

    /// Waits before the next attempt after failures: the more, the longer. Throws `CancellationError`.
    ///
    /// - Parameter failures: how many there were one after another, at least 1.
    func pause(failures: Int) async throws

    /// Waits a little for more new items: each fetch is a line in the bridge's audit log. It is cancelled
    /// as soon as somebody searches.
    func gather() async throws
}
