import ArgumentParser

/// Why the daemon does not start or go on, with the exit status a service manager acts on
/// (sysexits: 75 may pass, 77 refused, 78 configuration).
public struct DaemonError: Error, CustomStringConvertible {
    public enum Status: Int32, Sendable {
        case temporary = 75
        case refused = 77
        case configuration = 78
    }

    public let status: Status
    public let reason: String

    public init(_ status: Status, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    public var description: String { reason }
    var exitCode: ExitCode { ExitCode(status.rawValue) }
}
