import Foundation
import Glibc

/// Writing to the two standard streams, with the failure of a write noticed.
enum Output {
    /// Throws `CommandFailure` (74) when not all was written: a full disk, a closed pipe.
    static func standardOutput(_ text: String) throws(CommandFailure) {
        guard write(text, to: STDOUT_FILENO) else {
            throw CommandFailure(.io, "standard output could not be written: \(String(cString: strerror(errno)))")
        }
    }

    /// Messages beside the result. If they cannot be written there is nobody to tell.
    static func standardError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// A value as JSON with sorted keys.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
