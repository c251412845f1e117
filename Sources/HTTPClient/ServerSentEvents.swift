/// One event of a stream of server-sent events (WHATWG HTML §9.2).
public struct ServerSentEvent: Sendable, Equatable {
    /// `message` when the server names none.
    public var name: String
    /// The lines of data, joined by line feeds.
    public var data: String
    /// The last id that was given, also by an earlier event.
    public var lastID: String

    public init(name: String, data: String, lastID: String) {
        self.name = name
        self.data = data
        self.lastID = lastID
    }
}

/// Reads server-sent events from chunks that may end anywhere (WHATWG HTML §9.2.6). Bounded: a line
/// or an event beyond the limit ends it with an error.
public struct ServerSentEventParser: Sendable {
    /// Bytes of one line, and of the data of one event, at most.
    public static let limit = 64 * 1024

    private var line: [UInt8] = []
    private var sawReturn = false
    private var isFirst = true
    private var name = ""
    private var data = ""
    private var lastID: String

    /// - Parameter lastID: what `Last-Event-ID` was asked with.
    public init(lastID: String = "") { self.lastID = lastID }

    /// Takes a chunk.
    ///
    /// - Returns: the events that it completes, and the number of lines (comments count: they are
    ///   heartbeats).
    /// - Throws: `HTTPError` of kind `malformed` or `tooLarge`.
    public mutating func take(_ chunk: [UInt8]) throws(HTTPError) -> (events: [ServerSentEvent], lines: Int) {
        var events: [ServerSentEvent] = []
        var lines = 0
        for byte in chunk {
            // A line ends with CR, LF or both; an LF after a CR belongs to it.
            if byte == 0x0a, sawReturn {
                sawReturn = false
                continue
            }
            sawReturn = byte == 0x0d
            guard byte == 0x0a || byte == 0x0d else {
                guard line.count < Self.limit else { throw HTTPError(.tooLarge) }
                line.append(byte)
                continue
            }
            lines += 1
            if let event = try endLine() { events.append(event) }
        }
        return (events, lines)
    }

    private mutating func endLine() throws(HTTPError) -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        var bytes = line[...]
        if isFirst, bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
        isFirst = false
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw HTTPError(.malformed, reason: "A line of the event stream is not UTF-8.")
        }
        guard !text.isEmpty else { return dispatch() }
        // A comment.
        guard !text.hasPrefix(":") else { return nil }
        let colon = text.firstIndex(of: ":")
        let field = colon.map { String(text[..<$0]) } ?? text
        var value = colon.map { text[text.index(after: $0)...] } ?? ""
        if value.first == " " { value.removeFirst() }
        switch field {
        case "event": name = String(value)
        case "data":
            guard data.utf8.count + value.utf8.count < Self.limit else { throw HTTPError(.tooLarge) }
            data += value + "\n"
        case "id": if !value.utf8.contains(0) { lastID = String(value) }
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            name = ""
            data = ""
        }
        guard !data.isEmpty else { return nil }
        return ServerSentEvent(name: name.isEmpty ? "message" : name, data: String(data.dropLast()), lastID: lastID)
    }
}
