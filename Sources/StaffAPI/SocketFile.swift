import Foundation
import NIOCore
import NIOPosix

/// The Unix socket as a file: who may reach it, and what is done with one that a crash left behind.
struct SocketFile: Sendable {
    /// Bytes of a path at most: what every system's `sun_path` takes (NIOCore, `SocketAddress`).
    static let pathLimit = 103
    static let folderMode: mode_t = 0o750
    static let socketMode: mode_t = 0o660

    let path: String

    /// Makes the folder, or checks that nobody else can enter it, and takes a dead socket away. The caller
    /// holds the lock of the deployment. Throws `StaffServerError`.
    init(preparing path: String, on group: any EventLoopGroup) async throws(StaffServerError) {
        guard path.utf8.count <= Self.pathLimit else {
            throw .pathTooLong(path: path, bytes: path.utf8.count)
        }
        guard !path.isEmpty, !path.utf8.contains(0), !path.hasSuffix("/") else { throw .notAPath(path: path) }
        self.path = path
        try Self.prepareFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        try await removeDead(on: group)
    }

    private static func prepareFolder(_ folder: String) throws(StaffServerError) {
        var status = stat()
        if stat(folder, &status) != 0 {
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            } catch {
                throw .folder(path: folder, reason: "it cannot be made: \(error.localizedDescription)")
            }
            // Not by the call that makes it: that one is subject to the umask.
            guard chmod(folder, folderMode) == 0 else {
                throw .folder(path: folder, reason: "its mode cannot be set: \(systemError())")
            }
            return
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .folder(path: folder, reason: "it is not a folder") }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw .folder(path: folder, reason: "it belongs to another user, who could put a socket of their own there")
        }
        // Of a group, to enter; nothing of others, and nobody else may put a socket there.
        guard status.st_mode & 0o027 == 0 else {
            throw .folder(path: folder, reason: "others can enter or change it: chmod 750 \(folder)")
        }
    }

    private func removeDead(on group: any EventLoopGroup) async throws(StaffServerError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .inTheWay(path: path) }
        do {
            let channel = try await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get()
            try? await channel.close()
            throw StaffServerError.inUse(path: path)
        } catch let error as StaffServerError {
            throw error
        } catch let error as IOError where error.errnoCode == ECONNREFUSED {
            // Nobody listens: a daemon that was killed left it.
            guard unlink(path) == 0 || errno == ENOENT else {
                throw .bind(path: path, reason: "the old socket cannot be removed: \(Self.systemError())")
            }
        } catch {
            throw .bind(path: path, reason: "whether the old socket is in use cannot be found out: \(error)")
        }
    }

    /// After it was bound: for the user and the group only.
    func protect() throws(StaffServerError) {
        guard chmod(path, Self.socketMode) == 0 else {
            throw .bind(path: path, reason: "its mode cannot be set: \(Self.systemError())")
        }
    }

    func remove() { unlink(path) }

    private static func systemError() -> String { unsafe String(cString: strerror(errno)) }
}
