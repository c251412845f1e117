/// Why no whole answer came. Holds no path and nothing of what was sent: it may be logged.
public struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// There is no socket at that path.
        case missing
        /// There is a socket, and nobody listens.
        case refused
        /// This user may not use the socket.
        case permission
        /// The deadline passed first.
        case timeout
        /// The connection ended before the answer was whole.
        case cut
        /// The answer is longer than the one who asked would take.
        case tooLarge = "too-large"
        /// What came is not HTTP/1.1.
        case malformed
        /// The request cannot be put on the wire.
        case request
        /// This client was closed.
        case closed
        /// The library failed in a way that has no name of its own.
        case library
    }

    public let kind: Kind
    /// The library's own code, where there is one (libcurl's `CURLcode`).
    public let code: Int?
    /// What went wrong.
    public let reason: String

    public init(_ kind: Kind, code: Int? = nil, reason: String? = nil) {
        self.kind = kind
        self.code = code
        self.reason = reason ?? Self.words(kind)
    }

    /// Whether the server surely saw nothing of the request.
    public var isSurelyUnsent: Bool {
        switch kind {
        case .missing, .refused, .permission, .request: true
        case .timeout, .cut, .tooLarge, .malformed, .closed, .library: false
        }
    }

    public var description: String { code.map { "\(reason) (libcurl \($0))" } ?? reason }

    private static func words(_ kind: Kind) -> String {
        switch kind {
        case .missing: "There is no socket at that path."
        case .refused: "Nobody listens on the socket."
        case .permission: "This user may not use the socket."
        case .timeout: "No answer came in time."
        case .cut: "The connection ended before the answer was whole."
        case .tooLarge: "The answer is longer than it may be."
        case .malformed: "The answer is not HTTP."
        case .request: "The request cannot be sent."
        case .closed: "The client was closed."
        case .library: "The network library failed."
        }
    }
}
