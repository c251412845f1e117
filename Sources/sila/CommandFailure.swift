import ArgumentParser
import DeploymentConfiguration
import Sealing
import StaffProtocol
import Unsealing

/// How a command ends that could not do its work. The codes are those of sysexits(3), and stand in
/// the help of `sila`.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    enum Code: Int32 {
        case data = 65
        case missing = 66
        /// The bridge cannot be reached.
        case unavailable = 69
        case software = 70
        case exists = 73
        case io = 74
        /// Somebody else was faster, or the bridge cannot do it at this moment.
        case again = 75
        case permission = 77
        /// Ctrl-C: as a shell counts what SIGINT ended.
        case interrupted = 130
    }

    let code: Code
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// The failure that an error of the modules below amounts to.
    init(_ error: any Error) {
        if let failure = CommandFailure(working: error) {
            self = failure
            return
        }
        switch error {
        case let failure as CommandFailure:
            self = failure
        case let error as UnsealingError:
            if case .internalFailure = error {
                self.init(.software, error.description)
            } else {
                self.init(.data, error.description)
            }
        case let error as RosterError:
            if case .missing = error {
                self.init(.missing, error.description)
            } else {
                self.init(.data, error.description)
            }
        case let error as APIError:
            self.init(error)
        case StaffChangeError.unsealing(.internalFailure(let detail)):
            self.init(.software, UnsealingError.internalFailure(detail).description)
        case let error as StaffChangeError:
            let isRefusal: Bool
            switch error {
            case .notCoordinator, .notYou, .yourself: isRefusal = true
            default: isRefusal = false
            }
            self.init(isRefusal ? .permission : .data, error.description)
        case let error as ConfigurationError:
            self.init(.data, error.description)
        case let error as any CustomStringConvertible:
            self.init(.data, error.description)
        default:
            self.init(.software, "\(error)")
        }
    }

    /// What the bridge answered.
    private init(_ error: APIError) {
        let code: Code =
            switch error.code {
            case .unauthenticated, .forbidden, .needsSecondPerson: .permission
            case .notFound: .missing
            case .conflict, .keyReused, .locked, .tooMany, .unavailable: .again
            case .internalError: .software
            case .malformed, .methodNotAllowed, .tooLarge, .refused, .notEncrypted: .data
            }
        self.init(code, error.words)
    }

    /// Runs a command's work, and turns what it throws into a message on standard error and an
    /// exit status.
    static func reporting(_ work: () throws -> Void) throws {
        do { try work() } catch { throw report(error) }
    }

    /// The same for work that waits.
    static func reporting(_ work: () async throws -> Void) async throws {
        do { try await work() } catch { throw report(error) }
    }

    private static func report(_ error: any Error) -> any Error {
        // These say themselves how the program ends.
        if error is ExitCode || error is ValidationError { return error }
        let failure = CommandFailure(error)
        Output.standardError("sila: \(failure.description)\n")
        return ExitCode(failure.code.rawValue)
    }
}
