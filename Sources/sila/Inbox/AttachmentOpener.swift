import Foundation
import Glibc
import Inbox

/// Shows a file with another program, from a private folder that is removed after.
struct AttachmentOpener {
    let program: String

    func show(_ opened: OpenedAttachment) throws {
        let folder = try Self.makeFolder()
        let path = "\(folder)/attachment\(Self.ending(opened))"
        defer {
            unlink(path)
            rmdir(folder)
        }
        try NewFiles.write(Array(opened.content), to: path, mode: 0o600)
        try run(path)
        // xdg-open hands the file on and ends at once: the file must outlive it.
        if (program as NSString).lastPathComponent == "xdg-open", isatty(STDIN_FILENO) == 1 {
            FileHandle.standardError.write(Data("Press Enter when you are done: the file is removed then. ".utf8))
            _ = readLine()
        }
    }

    /// In memory, where the system has a folder for this user there.
    private static func makeFolder() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let base = environment["XDG_RUNTIME_DIR"] ?? environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(base)/sila-attachment.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(
                .io, "No private folder can be made in '\(base)': \(String(cString: strerror(errno))).")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The ending alone is taken from the name that came, so that the program knows what it is.
    private static func ending(_ opened: OpenedAttachment) -> String {
        let ending = opened.name.split(separator: ".").dropFirst().last ?? ""
        let isPlain =
            (1...8).contains(ending.utf8.count) && ending.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return isPlain ? "." + ending.lowercased() : ""
    }

    private func run(_ path: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["--", program, path]
        process.standardInput = FileHandle.nullDevice
        // What the program says is not what this command says.
        process.standardOutput = FileHandle.standardError
        do {
            try process.run()
        } catch {
            throw CommandFailure(.io, "'\(program)' cannot be started.")
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CommandFailure(
                .io, "'\(program)' ended with status \(process.terminationStatus). Name another one with --with.")
        }
    }
}
