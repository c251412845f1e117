import Foundation
import Glibc

/// Replaces a file so that a reader, and the next start after a crash, sees the old one or the new
/// one, whole.
enum AtomicFile {
    /// Writes a file beside it, waits until it is on the disk, puts it in the other's place, and waits
    /// until the folder is on the disk.
    ///
    /// - Parameter mode: permissions of the new file.
    /// - Throws: `POSIXError`.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o640) throws {
        let temporary = path + ".new"
        // One daemon a deployment: what a crash left behind under this name is ours to overwrite.
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw failure() }
        do {
            defer { close(descriptor) }
            guard fchmod(descriptor, mode) == 0 else { throw failure() }
            try write(bytes, to: descriptor)
            guard fsync(descriptor) == 0 else { throw failure() }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = failure()
            unlink(temporary)
            throw error
        }
        try synchronize(folder: (path as NSString).deletingLastPathComponent)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure() }
            rest = rest.dropFirst(count)
        }
    }

    private static func synchronize(folder: String) throws {
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure() }
    }

    private static func failure() -> POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
