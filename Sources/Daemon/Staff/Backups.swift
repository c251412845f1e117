import Foundation
import Messaging
import StaffProtocol
import Store
import Synchronization

/// Makes backups for staff as `silad backup` does, on a thread of its own: it waits for disks.
final class Backups: BackupPort, Sendable {
    private let configurationPath: String
    private let isMaking = Mutex(false)

    init(configurationPath: String) { self.configurationPath = configurationPath }

    func makeBackup() async throws -> MadeBackup {
        let isFirst = isMaking.withLock { isMaking in
            defer { isMaking = true }
            return !isMaking
        }
        guard isFirst else { throw APIError(.conflict, "a backup is being made already: wait for its end") }
        defer { isMaking.withLock { $0 = false } }
        let path = configurationPath
        let report = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result { try BackupRun(configurationPath: path).run() }.mapError { error in
                        APIError(.unavailable, "no backup was made: \(error)")
                    })
            }
        }
        return MadeBackup(
            madeAt: Milliseconds(report.madeAt.timeIntervalSince1970 * 1000), generation: report.generation,
            data: report.data, keys: report.keys,
            bytes: report.bytes, rows: report.rows, attachments: report.attachments, removed: report.removed)
    }
}
