import Glibc

/// Reads a file that holds a password: one line, readable for its owner only.
public enum SecretFile {
    /// The largest such file, in bytes.
    static let limit = 4096

    /// The first line without its end. Throws `ConfigurationError` that says what to do.
    public static func read(_ path: String) throws(ConfigurationError) -> String {
        func fail(_ message: String) -> ConfigurationError {
            ConfigurationError(path: path, problems: [.init(line: nil, message: message)])
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw fail("cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        // Checked on the open file: the name cannot be pointed elsewhere in between.
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw fail("is not a regular file")
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o7777, radix: 8)
            throw fail("has mode \(mode): others can read it. Run: chmod 600 '\(path)'")
        }
        guard status.st_size <= limit else { throw fail("has more than \(limit) bytes") }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw fail("cannot be read: \(String(cString: strerror(errno)))") }
        guard let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
            throw fail("is not UTF-8 text")
        }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard let line = lines.first, !line.isEmpty else {
            throw fail("is empty; write the password on its first line")
        }
        guard lines.dropFirst().allSatisfy(\.isEmpty) else {
            throw fail("has more than one line; only the password belongs in it")
        }
        return String(line)
    }
}
