import Foundation
import Inbox
import InboxReader
import StaffAgent
import StaffProtocol

extension ReaderFailure {
    /// What the reader makes of an error of the use cases.
    ///
    /// - Parameter member: who sits here: their own name is no colleague's.
    init(_ error: any Error, texts: StaffTexts) {
        switch error {
        case let failure as ReaderFailure: self = failure
        case let error as APIError: self.init(error, texts)
        case let error as ConnectionError:
            switch error.kind {
            case .notRunning, .late, .lost, .forward: self.init(.offline, error.message)
            case .noAccess, .notABridge, .internalFailure: self.init(.other, error.message)
            }
        case let error as AgentError where error.code == .notUnlocked:
            self.init(.locked, texts.session(.locked))
        // Loud, and nothing goes on: it may be an attack.
        case let error as RosterRefusal: self.init(.locked, error.description)
        case is CancellationError: self.init(.offline)
        default: self.init(.other, CommandFailure(error).description)
        }
    }

    private init(_ error: APIError, _ texts: StaffTexts) {
        switch error.code {
        case .unauthenticated: self.init(.locked, texts.session(.notMember))
        case .forbidden: self.init(.notAllowed, error.message)
        case .needsSecondPerson: self.init(.needsSecondPerson, error.message)
        case .notEncrypted: self.init(.notEncrypted, error.message)
        case .notFound: self.init(.gone, error.message)
        // Who it was, where the bridge says so; a place in the conversation is looked up by the one who asks.
        case .conflict:
            let holder = error.current ?? ""
            self.init(.conflict(by: holder.isShortName && Int64(holder) == nil ? holder : ""), error.message)
        // Asked again it may be done: nothing that was typed is lost.
        case .locked, .tooMany, .unavailable, .internalError: self.init(.offline, error.message)
        case .malformed, .methodNotAllowed, .keyReused, .tooLarge, .refused: self.init(.other, error.message)
        }
    }
}
