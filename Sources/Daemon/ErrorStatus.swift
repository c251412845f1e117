import Backup
import BotContent
import DeploymentConfiguration
import Sealing
import Store
import XMPP

/// The exit status of errors that have none of their own.
enum ErrorStatus {
    static func of(_ error: any Error) -> DaemonError.Status {
        switch error {
        case is ConfigurationError, is WorkingKeyError, is RosterError, is ContentError: .configuration
        case BackupError.cannotWrite: .temporary
        case StoreError.newerVersion, StoreError.wrongWorkingKey, StoreError.notADatabase: .configuration
        case let failure as StreamFailure where failure.isFatal: .refused
        default: .temporary
        }
    }
}
