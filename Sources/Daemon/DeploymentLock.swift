import Foundation

/// One daemon a deployment: a file lock that the kernel gives back when the process ends,
/// however it ends.
final class DeploymentLock {
    private let descriptor: Int32

    /// - Throws: `DaemonError` naming the process that holds the deployment.
    init(path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw DaemonError(.temporary, "the lock file \(path) cannot be made: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            close(descriptor)
            let process = holder.isEmpty ? "" : " (process \(holder.trimmingCharacters(in: .whitespacesAndNewlines)))"
            throw DaemonError(
                .temporary,
                "another silad runs on this deployment\(process): stop it first; its lock is \(path)")
        }
        self.descriptor = descriptor
        ftruncate(descriptor, 0)
        let line = Array("\(getpid())\n".utf8)
        _ = line.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    }

    deinit { close(descriptor) }
}
