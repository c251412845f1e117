import Backup
import DeploymentConfiguration
import Foundation
import Logging
import Store

/// Before the store is opened: if `sila restore` has brought a backup here, a store is made of it.
enum RestoredDeployment {
    static func finish(_ configuration: SilaConfiguration, logger: Logger, now: Date = Date()) throws {
        let folder = URL(fileURLWithPath: configuration.store.path).deletingLastPathComponent().path
        let restore = StoreRestore(
            rows: folder + "/" + RestoredRows.fileName, store: configuration.store.path, now: now)
        do {
            guard let report = try restore.run() else { return }
            logger.warning(
                "restored from a backup: the daemon that made it must never run again",
                metadata: [
                    "generation": "\(report.generation)", "backup": "\(report.backupAt.formatted(.iso8601))",
                    "erased": "\(report.erased)", "under way": "\(report.underWay)",
                ])
        } catch let error as RestoreError {
            throw DaemonError(.configuration, error.description)
        }
    }
}
