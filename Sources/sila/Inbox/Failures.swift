import Inbox
import StaffAgent
import StaffProtocol

/// The exit status of what goes wrong between this program, its agent and the bridge.
extension CommandFailure {
    /// `nil` when the error is of another module.
    init?(working error: any Error) {
        switch error {
        case let error as ConnectionError:
            let code: Code =
                switch error.kind {
                case .noAccess: .permission
                case .internalFailure: .software
                case .notRunning, .late, .lost, .notABridge, .forward: .unavailable
                }
            self.init(code, Foreign.word(error.message))
        case let error as RosterRefusal:
            self.init(.data, error.description)
        case let error as AgentError:
            let code: Code =
                switch error.code {
                case .notUnlocked: .missing
                case .otherUser, .notMember: .permission
                case .system: .io
                case .internalError: .software
                case .version, .malformed, .tooLarge, .otherDeployment, .roster, .keyring: .data
                }
            self.init(code, error.message)
        case let error as DraftConflict:
            self.init(.again, error.description)
        case let error as FileError:
            self.init(error.isMissing ? .missing : .io, error.description)
        case let error as AttachmentRefusal:
            let code: Code =
                switch error.kind {
                case .notYet: .again
                case .lost: .missing
                case .altered: .data
                case .closed: .permission
                }
            self.init(code, Foreign.word(error.description))
        case let error as BulkStreamError:
            self.init(error.isCut ? .unavailable : .data, error.description)
        default:
            return nil
        }
    }
}
