import CCurl

/// Why a file was not moved. Holds no address and nothing of the file: it may be logged.
public struct TransferError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The server says that it does not have it, or no longer (404, 410), or not for us (401, 403).
        case gone
        /// Another status than success.
        case refused
        case tooLarge = "too-large"
        /// The server cannot be found or does not answer.
        case unreachable
        /// Its certificate is not one that is trusted.
        case certificate
        /// It stands in a private network, or on this machine.
        case privateAddress = "private-address"
        /// The connection ended before the file was whole, or was too slow.
        case cut
        /// The file of ours cannot be written or read.
        case disk
        /// The one who asked ended it.
        case cancelled
        case library
    }

    public let kind: Kind
    /// The HTTP status of `gone` and `refused`; libcurl's code otherwise.
    public let code: Int

    public init(_ kind: Kind, code: Int = 0) {
        self.kind = kind
        self.code = code
    }

    /// What it is called in the store and to staff.
    public var word: String { kind.rawValue }
    public var description: String { code == 0 ? word : "\(word) (\(code))" }

    /// The only place where libcurl's codes are read.
    init(_ result: CURLcode, status: Int) {
        switch result {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_PROXY:
            self.init(.unreachable, code: Int(result.rawValue))
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE:
            self.init(.certificate, code: Int(result.rawValue))
        case CURLE_FILESIZE_EXCEEDED: self.init(.tooLarge)
        case CURLE_OPERATION_TIMEDOUT, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING,
            CURLE_HTTP2, CURLE_HTTP2_STREAM:
            self.init(.cut, code: Int(result.rawValue))
        case CURLE_WRITE_ERROR, CURLE_READ_ERROR: self.init(.disk)
        default: self.init(.library, code: Int(result.rawValue))
        }
    }

    init(status: Int) {
        self.init([401, 403, 404, 410].contains(status) ? .gone : status == 413 ? .tooLarge : .refused, code: status)
    }
}
