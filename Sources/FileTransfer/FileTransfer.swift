import Foundation
import Synchronization

/// Moves files over HTTPS (libcurl), each on a thread of its own: nothing blocks the cooperative pool.
public struct FileTransfer: Sendable {
    public struct Settings: Sendable {
        /// A PEM file with an authority that is trusted beside those of the system.
        public var authority: String?
        /// `host:port` of a SOCKS5 proxy that looks names up itself.
        public var proxy: String?
        /// Also asks servers in private networks and on this machine.
        public var allowsPrivate: Bool
        /// Seconds for a whole file.
        public var patience: Int

        public init(authority: String? = nil, proxy: String? = nil, allowsPrivate: Bool = false, patience: Int = 900) {
            self.authority = authority
            self.proxy = proxy
            self.allowsPrivate = allowsPrivate
            self.patience = patience
        }
    }

    let settings: Settings

    public init(_ settings: Settings) { self.settings = settings }

    /// Fetches a file. Redirects are followed three times, each to `https:`.
    ///
    /// - Parameters:
    ///   - url: `https://…`.
    ///   - descriptor: open for writing; stays open.
    ///   - limit: bytes at most.
    /// - Returns: bytes written. Throws `TransferError`, also when the task is cancelled.
    public func download(_ url: String, to descriptor: Int32, limit: Int64) async throws(TransferError) -> Int64 {
        try await run(CurlFile(.download(limit: limit), url: url, descriptor: descriptor, settings: settings))
    }

    /// Puts a file at an address (XEP-0363 §5). Redirects are not followed.
    ///
    /// - Parameters:
    ///   - descriptor: open for reading, at its begin; stays open.
    ///   - size: bytes of the file.
    ///   - headers: whole lines that go along.
    public func upload(
        _ descriptor: Int32, size: Int64, to url: String, headers: [String]
    ) async throws(TransferError) {
        _ = try await run(
            CurlFile(.upload(size: size, headers: headers), url: url, descriptor: descriptor, settings: settings))
    }

    private func run(_ file: CurlFile) async throws(TransferError) -> Int64 {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread { continuation.resume(returning: file.perform()) }
            }
        } onCancel: {
            file.cancel()
        }
        return try result.get()
    }
}
