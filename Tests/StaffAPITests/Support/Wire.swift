import Dispatch
import Foundation
import StaffProtocol
import Synchronization

/// One HTTP/1.1 connection over a Unix socket, written out by hand: the tests see the bytes themselves.
/// A read that waits longer than two minutes fails: so long as a loaded machine may take, and no test waits for it.
final class Wire: Sendable {
    struct Failure: Error, CustomStringConvertible { let description: String }
    struct Closed: Error {}

    private let descriptor: Int32
    private let unread = Mutex<[UInt8]>([])
    private let queue = DispatchQueue(label: "wire")

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "no socket: \(errno)") }
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes.prefix($0.count - 1)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "cannot connect: \(errno)") }
    }

    deinit { close(descriptor) }

    /// Ends both halves at once, as a client does that is ended.
    func closeNow() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    func send(_ bytes: [UInt8]) async throws {
        try await onQueue { [descriptor] in
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw Failure(description: "cannot send: \(errno)") }
                sent += count
            }
        }
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Sends one request with a body of known length.
    func send(_ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8]? = nil) async throws {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: bridge"]
        lines += headers.map { "\($0.key): \($0.value)" }
        if let body { lines.append("Content-Length: \(body.count)") }
        try await send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? []))
    }

    /// Status and headers, the names in lower case.
    func head() async throws -> (status: Int, headers: [String: String]) {
        let lines = String(decoding: try await read(through: Array("\r\n\r\n".utf8)), as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: true)
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Failure(description: "no status line: \(lines)")
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw Failure(description: "no header: \(line)") }
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        return (status, headers)
    }

    /// The whole answer.
    func reply() async throws -> Reply {
        let (status, headers) = try await head()
        if let length = headers["content-length"].flatMap({ Int($0) }) {
            return Reply(status: status, headers: headers, body: try await read(length))
        }
        var body: [UInt8] = []
        while let chunk = try await chunk() { body += chunk }
        return Reply(status: status, headers: headers, body: body)
    }

    /// The next chunk of a chunked body (RFC 9112 §7.1); `nil` after the last.
    func chunk() async throws -> [UInt8]? {
        let line = String(decoding: try await read(through: Array("\r\n".utf8)).dropLast(2), as: UTF8.self)
        guard let length = Int(line, radix: 16) else { throw Failure(description: "no chunk length: \(line)") }
        let bytes = try await read(length + 2)
        return length == 0 ? nil : Array(bytes.dropLast(2))
    }

    /// Chunks until their text holds `text`, which must come whole at the end of one; what came so far.
    func chunks(until text: String) async throws -> String {
        var all: [UInt8] = []
        while !String(decoding: all, as: UTF8.self).contains(text) {
            guard let chunk = try await chunk() else {
                throw Failure(description: "ended before '\(text)': \(String(decoding: all, as: UTF8.self))")
            }
            all += chunk
        }
        return String(decoding: all, as: UTF8.self)
    }

    /// Everything that comes until the other side closes.
    func rest() async throws -> [UInt8] {
        while true {
            do { try await receive() } catch is Closed { break }
        }
        return unread.withLock { buffer in
            defer { buffer = [] }
            return buffer
        }
    }

    func read(_ count: Int) async throws -> [UInt8] {
        while unread.withLock({ $0.count < count }) { try await receive() }
        return unread.withLock { take(count, of: &$0) }
    }

    private func read(through end: [UInt8]) async throws -> [UInt8] {
        while true {
            let found: [UInt8]? = unread.withLock { buffer in
                guard let range = buffer.firstRange(of: end) else { return nil }
                return take(range.upperBound, of: &buffer)
            }
            if let found { return found }
            try await receive()
        }
    }

    private func receive() async throws {
        let bytes: [UInt8] = try await onQueue { [descriptor] in
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count == 0 || (count < 0 && (errno == ECONNRESET || errno == EPIPE)) { throw Closed() }
            guard count > 0 else { throw Failure(description: "nothing came: \(errno)") }
            return Array(buffer.prefix(count))
        }
        unread.withLock { $0 += bytes }
    }

    /// The calls block: they have a thread of their own, so that the server's tasks go on.
    private func onQueue<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}

private func take(_ count: Int, of buffer: inout [UInt8]) -> [UInt8] {
    let bytes = Array(buffer.prefix(count))
    buffer.removeFirst(count)
    return bytes
}

struct Reply: Sendable {
    let status: Int
    let headers: [String: String]
    let body: [UInt8]

    func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body))
    }

    /// The error that it holds: code and status belong together.
    var error: APIError? {
        guard let error = try? json(APIError.self), error.code.status == status else { return nil }
        return error
    }
}
