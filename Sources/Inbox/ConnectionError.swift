import HTTPClient

/// The bridge could not be asked, or did not answer. What it answers itself is an `APIError`.
public struct ConnectionError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        /// Nobody listens.
        case notRunning
        /// This user may not use the socket.
        case noAccess
        /// No answer in time.
        case late
        /// The connection ended before the answer was whole.
        case lost
        /// What answers is not a bridge of this version.
        case notABridge
        /// The connection to the other machine could not be made, or ended.
        case forward
        /// A failure of this program or its libraries.
        case internalFailure
    }

    public let kind: Kind
    /// What went wrong, and what to do.
    public let message: String
    /// The bridge may have done what was asked. Asking again with the same idempotency key is safe.
    public let isUncertain: Bool

    public init(_ kind: Kind, _ message: String, isUncertain: Bool = false) {
        self.kind = kind
        self.message = message
        self.isUncertain = isUncertain
    }

    public var description: String { message }

    /// Whether a stream that broke off may be gone on with at once.
    var isInterruption: Bool { kind == .late || kind == .lost }

    init(_ error: HTTPError, socket: String) {
        let isUncertain = !error.isSurelyUnsent
        switch error.kind {
        case .missing:
            self.init(
                .notRunning,
                "The bridge does not run: there is no socket '\(socket)'. Start silad, or correct the path.")
        case .refused:
            self.init(.notRunning, "The bridge does not run: nobody listens on '\(socket)'. Start silad.")
        case .permission:
            self.init(
                .noAccess, "You may not use the socket '\(socket)'. Ask who runs the bridge to let this user in.")
        case .timeout:
            self.init(.late, "The bridge did not answer in time. Try again.", isUncertain: isUncertain)
        case .cut:
            self.init(
                .lost, "The connection to the bridge was lost before it had answered. Try again.",
                isUncertain: isUncertain)
        case .malformed, .tooLarge:
            self.init(
                .notABridge, "What answers on '\(socket)' is not a Sila bridge of this version: \(error.reason)",
                isUncertain: isUncertain)
        case .request, .closed, .library:
            self.init(.internalFailure, "The request failed: \(error).", isUncertain: isUncertain)
        }
    }

    /// An answer that is not of the documented form.
    static func unexpected(_ endpoint: String, status: Int) -> ConnectionError {
        ConnectionError(
            .notABridge,
            "The bridge's answer to '\(endpoint)' (\(status)) is not of the documented form. "
                + "Bridge and sila may be of different versions: update both.",
            isUncertain: true)
    }
}
