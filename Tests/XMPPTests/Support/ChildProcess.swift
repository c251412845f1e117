import Foundation
import Glibc
import Synchronization

/// A program that a test runs. It ends when the test's process ends, however that happens.
final class ChildProcess: Sendable {
    private let arguments: [String]
    private let log: URL
    private let state = Mutex(State())

    private struct State: Sendable {
        /// Our end of its standard input: closing it ends the program.
        var guardEnd: Int32 = -1
        var ended: Task<Int32, Never>?
        var isRunning = false
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

    /// The pipe on standard input closes when we end, even when we are killed; then `read` returns.
    private static let script = """
        exec 3<&0; "$@" </dev/null 3<&- & p=$!
        (read -r line <&3; kill -9 $p) 2>/dev/null & guard=$!
        exec 3<&-; wait $p; status=$?; kill -9 $guard 2>/dev/null; exit $status
        """

    /// One at a time: otherwise a child could inherit another's pipe before it is marked.
    private static let starting = Mutex(())

    func start() throws { try Self.starting.withLock { _ in try startAlone() } }

    private func startAlone() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Prosody.Failure(description: "no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let readEnd = ends[0]
        let writeEnd = ends[1]
        defer { close(readEnd) }
        let process: pid_t
        do {
            process = try spawn(["/bin/sh", "-c", Self.script, "sh"] + arguments, input: readEnd)
        } catch {
            close(writeEnd)
            throw error
        }
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        state.withLock {
            $0.guardEnd = writeEnd
            $0.isRunning = true
            $0.ended = Task { await stream.first { _ in true } ?? -1 }
        }
        // A thread of its own: `waitpid` blocks.
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0 && errno == EINTR {}
            self.state.withLock { $0.isRunning = false }
            continuation.yield(status == 0 ? 0 : (status >> 8) & 0xFF | (status & 0x7F))
            continuation.finish()
        }
    }

    /// With no signal blocked: threads of Dispatch block them all, and children inherit that, so a
    /// shell would never hear that its child ended.
    private func spawn(_ arguments: [String], input: Int32) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var list = arguments.map { strdup($0) } + [nil]
        defer { for text in list { free(text) } }
        var process = pid_t()
        let code = posix_spawn(&process, arguments[0], &actions, &attributes, &list, environ)
        guard code == 0 else { throw Prosody.Failure(description: "\(arguments[0]) did not start: \(code)") }
        return process
    }

    var isRunning: Bool { state.withLock { $0.isRunning } }

    /// Waits for the end.
    func exitStatus() async -> Int32 {
        guard let ended = state.withLock({ $0.ended }) else { return -1 }
        let status = await ended.value
        closeGuard()
        return status
    }

    /// Ends it at once and waits until it is gone.
    func kill() async {
        closeGuard()
        _ = await state.withLock { $0.ended }?.value
    }

    private func closeGuard() {
        let end = state.withLock { state in
            defer { state.guardEnd = -1 }
            return state.guardEnd
        }
        if end >= 0 { close(end) }
    }
}
