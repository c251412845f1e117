/// Reads the status line and headers of an answer, line by line as libcurl gives them.
struct HeadParser {
    /// Bytes of all lines together, and their number: beyond it an answer is not taken.
    static let byteLimit = 64 * 1024
    static let lineLimit = 100

    /// The final head, once it is whole. Answers of 100 to 199 go before it (RFC 9110 §15.2).
    private(set) var head: HTTPHead?
    private var open: HTTPHead?
    private var bytes = 0
    private var lines = 0

    /// - Returns: the head when this line completes it.
    mutating func take(_ line: some Collection<UInt8>) throws(HTTPError) -> HTTPHead? {
        // Trailers after a chunked body (RFC 9112 §7.1.2) say nothing that we need.
        guard head == nil else { return nil }
        let text = String(decoding: line, as: UTF8.self)
        bytes += text.utf8.count
        lines += 1
        guard bytes <= Self.byteLimit, lines <= Self.lineLimit else {
            throw HTTPError(.malformed, reason: "The headers of the answer are longer than they may be.")
        }
        // A line end is one character in Swift: CR and LF together.
        let content = text.drop { $0.isWhitespace }.trimmingLineEnd
        if content.isEmpty { return complete() }
        if content.lowercased().hasPrefix("http/") {
            let parts = content.split(separator: " ", maxSplits: 2)
            guard parts.count >= 2, let status = Int(parts[1]), (100...599).contains(status) else {
                throw HTTPError(.malformed)
            }
            open = HTTPHead(status: status)
        } else if let colon = content.firstIndex(of: ":") {
            let name = content[..<colon].trimmingSpaces.lowercased()
            open?.headers[name] = String(content[content.index(after: colon)...].trimmingSpaces)
        }
        return nil
    }

    private mutating func complete() -> HTTPHead? {
        defer { open = nil }
        guard let open, open.status >= 200 else { return nil }
        head = open
        return open
    }
}

extension Substring {
    fileprivate var trimmingLineEnd: Substring {
        var rest = self
        while let last = rest.last, last.isNewline { rest.removeLast() }
        return rest
    }
}
