import Foundation
import Synchronization

/// A program that a test runs. It ends when the test's process ends, however that happens.
final class ChildProcess: Sendable {
    private let arguments: [String]
    private let log: URL
    private let state = Mutex<Running?>(nil)

    private struct Running: Sendable {
        let process: Process
        let ended: Task<Int32, Never>
    }

    init(_ arguments: [String], log: URL) throws {
        self.arguments = arguments
        self.log = log
        try start()
    }

    static func path(of program: String) -> String? {
        ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin"].map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The pipe on standard input closes when we end, even when we are killed; then `cat` ends.
        // The program itself gets killed when it has not ended before.
        let script = "exec 3<&0; \"$@\" </dev/null 3<&- & p=$!; (cat <&3 >/dev/null; kill -9 $p) 2>/dev/null & exec 3<&-; wait $p"
        process.arguments = ["-c", script, "sh"] + arguments
        process.standardInput = Pipe()
        if !FileManager.default.fileExists(atPath: log.path) {
            _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        }
        let output = try FileHandle(forWritingTo: log)
        process.standardOutput = output
        process.standardError = output
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = {
            continuation.yield($0.terminationStatus)
            continuation.finish()
        }
        try process.run()
        let ended = Task { await stream.first { _ in true } ?? -1 }
        let running = Running(process: process, ended: ended)
        state.withLock { $0 = running }
    }

    var isRunning: Bool { state.withLock { $0?.process.isRunning ?? false } }

    /// Waits for the end.
    func exitStatus() async -> Int32 {
        guard let running = state.withLock({ $0 }) else { return -1 }
        return await running.ended.value
    }

    /// Ends it at once and waits until it is gone.
    func kill() async {
        guard let running = state.withLock({ $0 }) else { return }
        try? (running.process.standardInput as? Pipe)?.fileHandleForWriting.close()
        _ = await running.ended.value
    }
}
