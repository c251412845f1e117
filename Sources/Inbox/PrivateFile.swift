import Foundation
import Glibc

/// Why a file on the staff machine cannot be used.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    public let path: String
    public let reason: String
    /// Whether it is not there at all.
    public let isMissing: Bool

    init(_ path: String, _ reason: String, isMissing: Bool = false) {
        self.path = path
        self.reason = reason
        self.isMissing = isMissing
    }

    static func system(_ path: String, _ doing: String) -> FileError {
        let code = errno
        return FileError(path, "it cannot be \(doing): \(String(cString: strerror(code)))", isMissing: code == ENOENT)
    }

    public var description: String { "'\(path)': \(reason)." }
}

/// Files of one member on the staff machine: for this user only, and replaced as a whole, so that
/// whoever reads finds the old one or the new one.
enum PrivateFile {
    /// Reads a file of at most `limit` bytes.
    static func read(_ path: String, limit: Int = 4 << 20) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path, "read") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .system(path, "read") }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else { throw FileError(path, "it has more than \(limit) bytes") }
        }
    }

    /// The same; `nil` for a file that is not there.
    static func readIfThere(_ path: String) throws(FileError) -> [UInt8]? {
        do throws(FileError) {
            return try read(path)
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }

    /// Writes a file and puts it in the place of the old one, once it is on the disk.
    static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
        var template = Array("\(path).XXXXXX".utf8CString)
        // Made with mode 0600.
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw .system(path, "written") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do throws(FileError) {
            defer { close(descriptor) }
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw FileError.system(path, "written") }
                rest = rest.dropFirst(count)
            }
            guard fsync(descriptor) == 0 else { throw FileError.system(path, "written to the disk") }
            guard rename(temporary, path) == 0 else { throw FileError.system(path, "replaced") }
        } catch {
            unlink(temporary)
            throw error
        }
        try synchronize((path as NSString).deletingLastPathComponent, for: path)
    }

    /// Removes a file; one that is not there is no error.
    static func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw .system(path, "removed") }
        try synchronize((path as NSString).deletingLastPathComponent, for: path)
    }

    /// Makes a folder for this user only; one that is there is no error.
    static func folder(_ path: String) throws(FileError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system(path, "made") }
    }

    /// Runs `body` while no other program of ours does the same with this path.
    static func locked<R>(_ path: String, _ body: () throws -> R) throws -> R {
        let descriptor = open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError.system("\(path).lock", "opened") }
        // Closing it gives the lock back.
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw FileError.system("\(path).lock", "locked") }
        }
        return try body()
    }

    private static func synchronize(_ folder: String, for path: String) throws(FileError) {
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path, "written to the disk") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(path, "written to the disk") }
    }
}
