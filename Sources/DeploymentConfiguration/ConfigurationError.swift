/// Everything that is wrong with a configuration file, all at once.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    public struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// Counted from 1; `nil` when the problem has no place, as with a missing key.
        public let line: Int?
        /// What is wrong and what to do.
        public let message: String

        public init(line: Int?, message: String) {
            self.line = line
            self.message = message
        }

        public var description: String { line.map { "line \($0): \(message)" } ?? message }
    }

    public let path: String
    /// In the order of the file.
    public let problems: [Problem]

    public init(path: String, problems: [Problem]) {
        self.path = path
        self.problems = problems
    }

    public var description: String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return (["\(path): \(count)"] + problems.map { "  \($0)" }).joined(separator: "\n")
    }
}
