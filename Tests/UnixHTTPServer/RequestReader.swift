import Glibc

/// Reads requests from a connection, with bodies of a given length.
struct RequestReader {
    let connection: Int32
    let number: Int
    private var buffer: [UInt8] = []

    init(connection: Int32, number: Int) {
        self.connection = connection
        self.number = number
    }

    /// `nil` when the client closed.
    mutating func next() -> UnixHTTPServer.Request? {
        var head: [String] = []
        while let line = line() {
            if line.isEmpty { break }
            head.append(line)
        }
        guard let first = head.first?.split(separator: " "), first.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in head.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while buffer.count < length { guard fill() else { return nil } }
        let body = Array(buffer.prefix(length))
        buffer.removeFirst(length)
        return UnixHTTPServer.Request(
            method: String(first[0]), target: String(first[1]), headers: headers, body: body, connection: number)
    }

    mutating func waitForEnd() { while fill() {} }

    private mutating func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0a) {
                let line = buffer[..<end].filter { $0 != 0x0d }
                buffer.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            guard fill() else { return nil }
        }
    }

    private mutating func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = recv(connection, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            buffer.append(contentsOf: chunk[..<count])
            return true
        }
    }
}
