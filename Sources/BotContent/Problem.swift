/// Something in the content that needs mending.
public struct Problem: Sendable, Hashable, CustomStringConvertible {
    public enum Severity: String, Sendable {
        /// The content cannot be used like this.
        case error
        /// It can, but someone should look.
        case warning
    }

    public let severity: Severity
    /// The path of the file, or of the folder in which something is missing.
    public let file: String
    /// Counted from 1.
    public let line: Int?
    /// What is wrong and what to do.
    public let message: String

    public init(_ severity: Severity = .error, file: String, line: Int? = nil, _ message: String) {
        self.severity = severity
        self.file = file
        self.line = line
        self.message = message
    }

    /// `file:line: error: message`, as compilers write it, so that editors jump there.
    public var description: String {
        "\(file)\(line.map { ":\($0)" } ?? ""): \(severity.rawValue): \(message)"
    }
}

/// The content has errors; nothing of it is used.
public struct ContentError: Error, Sendable, CustomStringConvertible {
    public let problems: [Problem]

    public init(problems: [Problem]) { self.problems = problems }

    public var description: String {
        let shown = problems.prefix(20).map(\.description).joined(separator: "\n")
        return problems.count > 20 ? shown + "\n… and \(problems.count - 20) more" : shown
    }
}
