import Foundation
import Sealing

/// The folder with the files that belong to messages, beside the database. Each has a random name, and is sealed:
/// its key lies in the archive.
public struct AttachmentFolder: Sendable {
    /// What a file is called until it is whole.
    static let unfinished = ".part"

    public let path: String

    /// Makes the folder, for this user only, when there is none. Throws `StoreError.cannotOpen`.
    init(path: String) throws {
        self.path = path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError.cannotOpen(path: path, reason: "the folder cannot be made")
        }
    }

    /// A new name for a file.
    static func newToken() -> String {
        Randomness.system.bytes(16).map { String(format: "%02x", $0) }.joined()
    }

    func file(_ token: String) -> String { "\(path)/\(token)" }

    /// Opens a new file for what is on its way. Close it, then `keep` or `discard` it.
    ///
    /// - Returns: a descriptor. Throws `StoreError.notWritable`.
    public func begin(_ token: String) throws -> Int32 {
        let descriptor = open(file(token) + Self.unfinished, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure() }
        return descriptor
    }

    /// Gives a file that is whole its name, once it is on the disk. One of the same name is replaced.
    public func keep(_ token: String, _ descriptor: Int32) throws {
        guard fsync(descriptor) == 0, rename(file(token) + Self.unfinished, file(token)) == 0 else {
            throw Self.failure()
        }
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.failure() }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw Self.failure() }
    }

    public func discard(_ token: String) { unlink(file(token) + Self.unfinished) }

    public func remove(_ token: String) {
        discard(token)
        unlink(file(token))
    }

    /// Removes what has no row.
    ///
    /// - Parameter unfinishedToo: at the start, when nothing is on its way.
    func removeAll(but tokens: Set<String>, unfinishedToo: Bool) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            let isUnfinished = name.hasSuffix(Self.unfinished)
            if isUnfinished ? unfinishedToo : !tokens.contains(name) { unlink("\(path)/\(name)") }
        }
    }

    private static func failure() -> StoreError {
        let code = errno
        return StoreError.notWritable(code: code, reason: String(cString: strerror(code)))
    }
}

extension Writer {
    /// Removes files whose contact was erased, or that a crash left.
    public func removeForeignAttachments(unfinishedToo: Bool = false) async throws {
        let tokens = try await read { try $0.rows("SELECT token FROM attachment").map { $0[0] as String } }
        attachments.removeAll(but: Set(tokens), unfinishedToo: unfinishedToo)
    }
}
