import Glibc

/// Reading what is piped or typed in.
enum StandardInput {
    /// All of it, as UTF-8. Throws `CommandFailure` when it is longer than `limit` bytes.
    static func read(limit: Int) throws(CommandFailure) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandFailure(.io, "Standard input cannot be read: \(String(cString: strerror(errno))).")
            }
            if count == 0 { break }
            bytes.append(contentsOf: buffer.prefix(count))
            guard bytes.count <= limit else {
                throw CommandFailure(.data, "Standard input has more than \(limit) bytes.")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.data, "Standard input is not UTF-8 text.")
        }
        return text
    }
}
