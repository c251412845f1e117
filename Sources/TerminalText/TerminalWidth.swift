import Glibc

/// The size of the terminal that a command writes to.
public enum TerminalWidth {
    /// Larger values are an error of whoever set them; a line of a million columns is not laid out.
    private static let most = 2000

    /// The size in character cells; `nil` when nobody knows (output to a file): then lines are not cut.
    ///
    /// Asks the terminal (TIOCGWINSZ); if it has none or answers 0, the variables `COLUMNS` and `LINES`
    /// (POSIX, Base Definitions 8.3). `LINES` is taken as 24 if only `COLUMNS` is set.
    /// - Parameters:
    ///   - descriptor: an open file descriptor.
    ///   - variable: looks up an environment variable.
    public static func current(
        descriptor: Int32 = STDOUT_FILENO, variable: (String) -> String? = environmentVariable
    ) -> (columns: Int, rows: Int)? {
        var size = winsize()
        if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            return (min(Int(size.ws_col), most), size.ws_row > 0 ? min(Int(size.ws_row), most) : 24)
        }
        guard let columns = positive(variable("COLUMNS")) else { return nil }
        return (columns, positive(variable("LINES")) ?? 24)
    }

    /// A variable of this process's environment.
    public static func environmentVariable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func positive(_ text: String?) -> Int? {
        guard let text, let value = Int(text), value > 0 else { return nil }
        return min(value, most)
    }
}
