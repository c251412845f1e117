import Foundation
import Glibc

/// A locked file that lists what a run is about to make. Left behind by a run that was cut off, it
/// tells the next one exactly which files it may remove: no others, however they are named.
struct UnfinishedMark: ~Copyable {
    private let path: String
    private let descriptor: Int32

    /// Makes and locks the mark, and removes the files that a run before listed and did not finish.
    init(_ path: String) throws(CommandFailure) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(.io, "'\(path)' cannot be made: \(String(cString: strerror(errno))).")
        }
        let busy = CommandFailure(.exists, "Another 'sila init' is at work on this deployment. Wait until it ends.")
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw busy }
        var status = stat()
        // The other run may have ended, and removed the mark, between our opening and locking it.
        guard fstat(descriptor, &status) == 0, status.st_nlink > 0 else { throw busy }
        for leftOver in try Self.read(descriptor, path) { try NewFiles.remove(leftOver) }
        guard ftruncate(descriptor, 0) == 0 else {
            throw CommandFailure(.io, "'\(path)' cannot be written: \(String(cString: strerror(errno))).")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static func read(_ descriptor: Int32, _ path: String) throws(CommandFailure) -> [String] {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0, let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
            throw CommandFailure(.io, "'\(path)' cannot be read.")
        }
        // The last line may be cut off: then nothing had been made yet.
        guard text.hasSuffix("\n\n") else { return [] }
        return text.split(separator: "\n").map(String.init)
    }

    /// Notes what will be made, on the disk for sure. None of the files may be there.
    func list(_ paths: [String]) throws(CommandFailure) {
        let bytes = Array((paths.joined(separator: "\n") + "\n\n").utf8)
        let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        guard count == bytes.count, fsync(descriptor) == 0 else {
            throw CommandFailure(.io, "'\(path)' cannot be written: \(String(cString: strerror(errno))).")
        }
    }

    /// The work is done, or taken back.
    func remove() throws(CommandFailure) { try NewFiles.remove(path) }
}
