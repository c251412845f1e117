/// Where to put one sealed file, and where it is found then.
public struct UploadSlot: Hashable, Sendable {
    /// `https://…`.
    public let put: String
    /// Whole header lines that go along.
    public let headers: [String]
    /// `https://…`, without a fragment.
    public let get: String

    public init(put: String, headers: [String], get: String) {
        self.put = put
        self.headers = headers
        self.get = get
    }
}

/// A channel whose server takes files.
public protocol FileLink: ChannelLink {
    /// - Parameters:
    ///   - name: what the server may know: its ending says what kind of file it is.
    ///   - size: bytes as they will be put.
    /// - Throws: `UndeliverableError`; other errors when there is no connection.
    func uploadSlot(name: String, size: Int64) async throws -> UploadSlot
}
