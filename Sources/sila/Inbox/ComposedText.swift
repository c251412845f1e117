import Foundation
import Glibc

/// Text that was written, and the editor's file, which lies there until the words are kept or used.
struct Composed {
    let text: String
    /// The folder of the editor's file; `nil` without one.
    var folder: String?
    /// The editor ended with an error: nothing is to be done with the words but to keep them.
    var failure: CommandFailure?

    init(text: String, folder: String? = nil, failure: CommandFailure? = nil) {
        self.text = ComposedText.trimmed(text)
        self.folder = folder
        self.failure = failure
    }

    func removeFile() {
        guard let folder else { return }
        // What an editor left beside it when it was killed is not ours to throw away.
        if failure != nil, (try? FileManager.default.contentsOfDirectory(atPath: folder))?.count ?? 0 > 1 { return }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Keeps the words before anything is done with them, and removes the editor's file. When they cannot be
    /// kept, the file stays, and is named.
    ///
    /// - Parameter kept: where they are then, for a person.
    func keeping<Result>(_ kept: String, _ keep: (String) async throws -> Result) async throws -> Result {
        let result: Result
        do {
            result = try await keep(text)
        } catch {
            guard let folder else { throw error }
            let failure = CommandFailure(error)
            throw CommandFailure(
                failure.code,
                "\(failure.description) What you wrote could not be kept as a draft. It lies in "
                    + "'\(folder)/text.txt'.")
        }
        removeFile()
        if let failure { throw CommandFailure(failure.code, "\(failure.description) \(kept)") }
        return result
    }
}

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
    func read(_ argument: String?, start: String = "", hint: [String] = []) throws -> Composed {
        let composed: Composed
        switch argument {
        case "-"?: composed = Composed(text: try StandardInput.read(limit: Self.limit))
        case let argument?: composed = Composed(text: argument)
        case nil: composed = try edit(start, hint: hint)
        }
        guard !composed.text.isEmpty else {
            composed.removeFile()
            throw composed.failure ?? CommandFailure(.data, "There is no text. Nothing was done.")
        }
        return composed
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

    private func edit(_ start: String, hint: [String]) throws -> Composed {
        guard Terminal.isPresent, isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure(
                .missing,
                "There is no terminal for an editor. Give the text as an argument, or '-' and the text on "
                    + "standard input.")
        }
        let folder = try makeFolder()
        let path = folder + "/text.txt"
        let page = Array(Self.page(start: start, hint: hint).utf8)
        let editor = [environment["VISUAL"], environment["EDITOR"]].compactMap { $0 }.first { !$0.isEmpty } ?? "nano"
        let status: Int32
        do {
            try NewFiles.write(page, to: path, mode: 0o600)
            // As git and crontab do: the variable is a command line, the file its last argument.
            status = try Self.run(["/bin/sh", "-c", "\(editor) \"$1\"", "sila", path])
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        return try Self.collect(folder, page, status, editor)
    }

    /// What stands in the editor's file after it ended. Words that were written are given back also when the
    /// editor ended with an error, with the failure to be thrown once they are kept; the file lies there until
    /// then.
    static func collect(_ folder: String, _ page: [UInt8], _ status: Int32, _ editor: String) throws -> Composed {
        let path = folder + "/text.txt"
        let failure =
            status == 0 ? nil : CommandFailure(.data, "The editor '\(editor)' ended with an error. Nothing was done.")
        let bytes = FileManager.default.contents(atPath: path).map { Array($0) }
        if let failure, bytes == nil || bytes == page {
            try? FileManager.default.removeItem(atPath: folder)
            throw failure
        }
        guard let bytes, bytes.count <= Self.limit, let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(
                .data,
                "What was written cannot be read as text of at most \(Self.limit) bytes. Nothing was done. It lies in "
                    + "'\(path)'.")
        }
        return Composed(text: Self.trimmed(Self.text(of: text)), folder: folder, failure: failure)
    }

    /// A folder for this user only, in memory: what is written is never on the disk in the clear.
    private func makeFolder() throws -> String {
        let runtime = environment["XDG_RUNTIME_DIR"] ?? ""
        for parent in [runtime, "/dev/shm"] where parent.hasPrefix("/") {
            var template = Array("\(parent)/sila-XXXXXX".utf8CString)
            if mkdtemp(&template) != nil {
                return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
        throw CommandFailure(
            .io, "No folder in memory for the editor's file could be made. Give the text as an argument, or '-'.")
    }

    /// Runs a program on this terminal, and waits. Returns its exit status.
    private static func run(_ arguments: [String]) throws -> Int32 {
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        // Ctrl-C is for the editor. When the terminal goes, the editor ends, and its words are kept here.
        let ignored = [SIGINT, SIGQUIT, SIGHUP, SIGTERM]
        let before = ignored.map { signal($0, SIG_IGN) }
        defer { for (number, handler) in zip(ignored, before) { signal(number, handler) } }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for number in ignored { sigaddset(&defaults, number) }
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
