/// What is asked of a server.
public struct HTTPRequest: Sendable, Equatable {
    public enum Method: String, Sendable { case get = "GET", post = "POST", put = "PUT", delete = "DELETE" }

    public var method: Method
    /// From the first slash on, with the query: visible ASCII only (RFC 9112 §3.2.1).
    public var path: String
    /// Name and value, in order.
    public var headers: [(name: String, value: String)]
    /// `nil` for a request without a body.
    public var body: [UInt8]?

    public init(
        _ method: Method, _ path: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }

    public static func == (left: HTTPRequest, right: HTTPRequest) -> Bool {
        left.method == right.method && left.path == right.path && left.body == right.body
            && left.headers.elementsEqual(right.headers, by: ==)
    }

    /// Throws `HTTPError` of kind `request` for what would say something else on the wire than here.
    func check() throws(HTTPError) {
        guard path.utf8.first == 0x2f, path.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x23 }) else {
            throw HTTPError(.request, reason: "A path begins with a slash and holds visible ASCII characters only.")
        }
        for header in headers {
            let isName = !header.name.isEmpty && header.name.utf8.allSatisfy { Self.isToken($0) }
            // RFC 9110 §5.5: a line end in a value would begin another header.
            let isValue = header.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
            guard isName, isValue, !header.value.isEmpty else {
                throw HTTPError(.request, reason: "A header has a name or a value that cannot be sent.")
            }
        }
    }

    /// RFC 9110 §5.6.2, of the characters that occur.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
        default: false
        }
    }
}

/// Status and headers of an answer.
public struct HTTPHead: Sendable, Equatable {
    public var status: Int
    /// Values by name in lower case; of several with one name the last.
    public var headers: [String: String]

    public init(status: Int, headers: [String: String] = [:]) {
        self.status = status
        self.headers = headers
    }

    /// The media type without parameters, in lower case.
    public var contentType: String {
        let value = headers["content-type"] ?? ""
        let type = value.split(separator: ";", omittingEmptySubsequences: false).first ?? ""
        return type.trimmingSpaces.lowercased()
    }
}

/// A whole answer.
public struct HTTPResponse: Sendable, Equatable {
    public var head: HTTPHead
    public var body: [UInt8]

    public init(head: HTTPHead, body: [UInt8]) {
        self.head = head
        self.body = body
    }

    public var status: Int { head.status }
}

/// An answer whose body comes bit by bit. Letting go of it, or cancelling the task that reads it,
/// closes the connection.
public struct HTTPStream: Sendable {
    public let head: HTTPHead
    /// Chunks as they come. The server is not read from while 256 KiB wait here. Ends when the body
    /// is whole; throws `HTTPError` when it was cut off. For one reader.
    public let body: AsyncThrowingStream<[UInt8], any Error>
}

extension Substring {
    /// Without spaces and tabs at both ends (RFC 9110 §5.6.3).
    var trimmingSpaces: Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var rest = drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }
}
