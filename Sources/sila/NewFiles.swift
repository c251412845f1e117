import Foundation
import Glibc

/// Makes folders and files that must not be there yet, on the disk for sure.
enum NewFiles {
    /// A failure of the system call that was made last, in words.
    private static func failure(_ doing: String, _ path: String) -> CommandFailure {
        let code = errno
        let kind: CommandFailure.Code =
            switch code {
            case EEXIST: .exists
            case EACCES, EPERM, EROFS: .permission
            default: .io
            }
        return CommandFailure(kind, "'\(path)' cannot be \(doing): \(String(cString: strerror(code))).")
    }

    /// Makes a folder and those above it. One that is there must belong to this user, and others
    /// may have no more access than `mode` gives.
    static func folder(_ path: String, mode: mode_t) throws(CommandFailure) {
        let parent = (path as NSString).deletingLastPathComponent
        if parent != path, !FileManager.default.fileExists(atPath: parent) {
            try folder(parent, mode: mode)
        }
        if mkdir(path, mode) == 0 {
            guard chmod(path, mode) == 0 else { throw failure("given its permissions", path) }
            return
        }
        guard errno == EEXIST else { throw failure("made", path) }
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure("read", path) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw CommandFailure(.exists, "'\(path)' is there, but is not a folder.")
        }
        guard status.st_uid == geteuid() else {
            throw CommandFailure(
                .permission, "'\(path)' belongs to another user. Run this as its owner, or name another folder.")
        }
        guard status.st_mode & 0o777 & ~mode == 0 else {
            let found = String(status.st_mode & 0o777, radix: 8)
            let wanted = String(mode, radix: 8)
            throw CommandFailure(
                .permission, "'\(path)' has mode \(found): others have access. Run: chmod \(wanted) '\(path)'")
        }
    }

    /// Writes a file that is not there yet, and waits until it is on the disk.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(CommandFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("made", path) }
        defer { close(descriptor) }
        guard fchmod(descriptor, mode) == 0 else { throw failure("given its permissions", path) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("written", path) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw failure("written to the disk", path) }
    }

    /// Waits until the names in a folder are on the disk.
    static func synchronize(folder path: String) throws(CommandFailure) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("read", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("written to the disk", path) }
    }

    /// Removes a file; one that is not there is no error.
    static func remove(_ path: String) throws(CommandFailure) {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("removed", path) }
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }
}
