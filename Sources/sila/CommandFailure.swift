import ArgumentParser
import Configuration
import Sealing
import Unsealing

/// How a command ends that could not do its work. The codes are those of sysexits(3), and stand in
/// the help of `sila`.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    enum Code: Int32 {
        case data = 65
        case missing = 66
        case software = 70
        case exists = 73
        case io = 74
        case permission = 77
    }

    let code: Code
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// The failure that an error of the modules below amounts to.
    init(_ error: any Error) {
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
        case let error as ConfigurationError:
            self.init(.data, error.description)
        case let error as any CustomStringConvertible:
            self.init(.data, error.description)
        default:
            self.init(.software, "\(error)")
        }
    }

    /// Runs a command's work, and turns what it throws into a message on standard error and an
    /// exit status.
    static func reporting(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch let exit as ExitCode {
            throw exit
        } catch let usage as ValidationError {
            throw usage
        } catch {
            let failure = CommandFailure(error)
            Output.standardError("sila: \(failure.description)\n")
            throw ExitCode(failure.code.rawValue)
        }
    }
}
