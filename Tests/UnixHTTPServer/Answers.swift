import Foundation

extension UnixHTTPServer.Step {
    /// A whole answer with its length.
    public static func answer(
        _ status: Int = 200, type: String = "application/json", headers: [String: String] = [:], _ body: [UInt8] = []
    ) -> Self {
        var head = "HTTP/1.1 \(status) Answer\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        return .send(Array((head + "\r\n").utf8) + body)
    }

    /// A whole answer of status 200.
    public static func answer(_ body: [UInt8]) -> Self { answer(200, body) }

    /// A whole answer in JSON.
    public static func json(_ value: some Encodable, status: Int = 200) -> Self {
        answer(status, (try? JSONEncoder().encode(value)).map { Array($0) } ?? [])
    }

    /// Text as it stands.
    public static func text(_ text: String) -> Self { .send(Array(text.utf8)) }

    /// The head of an answer whose body follows in chunks.
    public static func chunkedHead(type: String = "text/event-stream") -> Self {
        .text("HTTP/1.1 200 Answer\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n")
    }

    /// One chunk (RFC 9112 §7.1); an empty one is the last.
    public static func chunk(_ bytes: [UInt8]) -> Self {
        .send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8))
    }
}

/// A folder of its own for a test, gone when it is let go of.
public final class TestFolder: Sendable {
    public let path: String

    public init() throws {
        // Short: the path of a socket has 107 bytes at most.
        var template = Array("/tmp/sila-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw UnixHTTPServer.Failure(description: "no folder") }
        path = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    public func file(_ name: String) -> String { "\(path)/\(name)" }
}
