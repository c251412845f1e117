import Configuration
import Sealing
import Store

/// The exit status of errors that have none of their own.
enum ErrorStatus {
    static func of(_ error: any Error) -> DaemonError.Status {
        switch error {
        case is ConfigurationError, is WorkingKeyError, is RosterError: .configuration
        case StoreError.newerVersion, StoreError.wrongWorkingKey, StoreError.notADatabase: .configuration
        default: .temporary
        }
    }
}
