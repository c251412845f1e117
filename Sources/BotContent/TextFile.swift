import Foundation

/// Reads files whole and as strict UTF-8.
package enum TextFile {
    /// Files above this are no content: they would only fill memory.
    static let limit = 4_000_000

    /// The text of a file, or what is wrong with it.
    package static func read(_ path: String) -> Result<String, Failure> {
        guard let data = FileManager.default.contents(atPath: path) else {
            return .failure(Failure(Problem(file: path, "cannot be read; check that it exists and who may read it")))
        }
        guard data.count <= limit else {
            return .failure(Failure(Problem(file: path, "is \(data.count) bytes long; the limit is \(limit)")))
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            let line = firstInvalidLine(data)
            return .failure(
                Failure(Problem(file: path, line: line, "is not UTF-8 from here on; save the file as UTF-8")))
        }
        if text.unicodeScalars.first == "\u{FEFF}" {
            return .failure(
                Failure(Problem(file: path, line: 1, "begins with a byte order mark; save it as UTF-8 without one")))
        }
        return .success(text)
    }

    /// A problem as an error.
    package struct Failure: Error {
        package let problem: Problem
        init(_ problem: Problem) { self.problem = problem }
    }

    private static func firstInvalidLine(_ data: Data) -> Int {
        var line = 1
        for bytes in data.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if String(validating: bytes, as: UTF8.self) == nil { return line }
            line += 1
        }
        return line
    }

    /// Lines with their numbers from 1; `\r\n` ends a line too.
    static func lines(_ text: String) -> [(number: Int, text: Substring)] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
            (index + 1, line.last == "\r" ? line.dropLast() : line)
        }.flatMap { number, line in
            // A Swift character may be "\r\n" as one: split those too.
            line.split(separator: "\r\n", omittingEmptySubsequences: false).enumerated().map { (number + $0, $1) }
        }
    }

    /// The names in a folder, sorted; hidden files and backups are left out. `nil` when the folder
    /// cannot be read.
    package static func names(in folder: String) -> [String]? {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return nil }
        return names.filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") }.sorted()
    }
}
