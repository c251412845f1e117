import Foundation
import Glibc

/// Text that a person writes for a command: as an argument, on standard input (`-`), or in their editor.
struct ComposedText {
    /// Bytes of a text at most.
    static let limit = 1 << 16

    var environment = ProcessInfo.processInfo.environment

    /// - Parameters:
    ///   - argument: the words of the command line; `-` for standard input, `nil` for the editor.
    ///   - start: what the editor shows at first.
    ///   - hint: lines of ours above it, which do not become part of the text.
    /// - Throws: `CommandFailure` (65) when there is no text, (66) when there is no terminal to edit on.
    func read(_ argument: String?, start: String = "", hint: [String] = []) throws -> String {
        let text: String
        switch argument {
        case "-"?: text = try StandardInput.read(limit: Self.limit)
        case let argument?: text = argument
        case nil: text = try edit(start, hint: hint)
        }
        let trimmed = Self.trimmed(text)
        guard !trimmed.isEmpty else { throw CommandFailure(.data, "There is no text. Nothing was done.") }
        return trimmed
    }

    /// Without blank lines around it and without the line end that every editor adds.
    static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The line below which a text begins in the editor.
    static let mark = "------ write below this line ------"

    static func page(start: String, hint: [String]) -> String {
        hint.isEmpty ? start : (hint + [mark, ""]).joined(separator: "\n") + start
    }

    /// What was written below the mark; all of it when the mark was removed.
    static func text(of page: String) -> String {
        guard let range = page.range(of: mark) else { return page }
        return String(page[range.upperBound...])
    }

    private func edit(_ start: String, hint: [String]) throws -> String {
        guard Terminal.isPresent, isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure(
                .missing,
                "There is no terminal for an editor. Give the text as an argument, or '-' and the text on "
                    + "standard input.")
        }
        let folder = try makeFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/text.txt"
        try NewFiles.write(Array(Self.page(start: start, hint: hint).utf8), to: path, mode: 0o600)
        let editor = [environment["VISUAL"], environment["EDITOR"]].compactMap { $0 }.first { !$0.isEmpty } ?? "nano"
        // As git and crontab do: the variable is a command line, the file its last argument.
        let status = try Self.run(["/bin/sh", "-c", "\(editor) \"$1\"", "sila", path])
        guard status == 0 else {
            throw CommandFailure(.data, "The editor '\(editor)' ended with an error. Nothing was done.")
        }
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= Self.limit,
            let text = String(validating: bytes, as: UTF8.self)
        else { throw CommandFailure(.data, "What was written cannot be read as text. Nothing was done.") }
        return Self.text(of: text)
    }

    /// A folder for this user only; in memory where the system has one.
    private func makeFolder() throws -> String {
        let runtime = environment["XDG_RUNTIME_DIR"] ?? ""
        for parent in [runtime, "/dev/shm", "/tmp"] where parent.hasPrefix("/") {
            var template = Array("\(parent)/sila-XXXXXX".utf8CString)
            if mkdtemp(&template) != nil {
                return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
        throw CommandFailure(.io, "No folder for the editor's file could be made.")
    }

    /// Runs a program on this terminal, and waits. Returns its exit status.
    private static func run(_ arguments: [String]) throws -> Int32 {
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        // Ctrl-C is for the editor.
        let before = signal(SIGINT, SIG_IGN)
        defer { signal(SIGINT, before) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGINT)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var process: pid_t = 0
        let code = posix_spawn(&process, arguments[0], nil, &attributes, words, environ)
        guard code == 0 else {
            throw CommandFailure(.io, "The editor cannot be started: \(String(cString: strerror(code))).")
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { return -1 } }
        return status
    }
}
