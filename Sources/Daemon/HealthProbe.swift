import Foundation
import Glibc
import StaffProtocol

/// Asks a running daemon how it stands: `GET /v1/health` on its staff socket, which needs no log-in.
enum HealthProbe {
    /// Seconds that an answer may take, and its bytes.
    private static let timeout = 2
    private static let limit = 64 << 10

    /// `nil` when no daemon answers there.
    static func ask(socket path: String) -> Health? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var time = timeval(tv_sec: timeout, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        guard connect(descriptor, to: path), write(request, to: descriptor) else { return nil }
        return body(of: read(from: descriptor)).flatMap { try? JSONDecoder().decode(Health.self, from: $0) }
    }

    private static var request: [UInt8] {
        let endpoint = Endpoint.getHealth
        return Array(
            "\(endpoint.method.rawValue) \(endpoint.path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8
        )
    }

    private static func connect(_ descriptor: Int32, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes {
            unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) == $0.count
        }
    }

    private static func read(from descriptor: Int32) -> [UInt8] {
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while answer.count < limit {
            let count = chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { break }
            answer += chunk.prefix(count)
        }
        return answer
    }

    /// What stands behind the head of an answer with status 200.
    private static func body(of answer: [UInt8]) -> Data? {
        let data = Data(answer)
        guard data.starts(with: Array("HTTP/1.1 200".utf8)), let end = data.range(of: Data("\r\n\r\n".utf8)) else {
            return nil
        }
        return data[end.upperBound...]
    }
}
