import Foundation
import Glibc
import Synchronization

/// A child process that ends with this one.
final class ForwardProcess: Sendable {
    private struct State: Sendable {
        var id: pid_t = 0
        var isRunning = false
        /// The end from which its words are read; -1 once it has said its last.
        var pipe: Int32 = -1
        var words: [UInt8] = []
        var isGone = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Bytes of its messages that are kept, the last ones.
    private static let wordLimit = 8 * 1024

    private let state = Mutex(State())

    /// Starts it. Throws `ConnectionError`.
    init(_ arguments: [String]) throws {
        var arguments = arguments
        // The kernel ends it when the thread that started it ends: also when we are killed.
        if let helper = Self.path(of: "setpriv") { arguments = [helper, "--pdeathsig", "TERM", "--"] + arguments }
        let started = DispatchSemaphore(value: 0)
        let code = Mutex<Int32>(0)
        // This thread lives as long as the child: the kernel looks at the thread, not the process.
        Thread.detachNewThread { [arguments] in
            let result = self.spawn(arguments)
            code.withLock { $0 = result }
            started.signal()
            if result == 0 { self.waitForEnd() }
        }
        // A few milliseconds.
        started.wait()
        let failure = code.withLock { $0 }
        guard failure == 0 else {
            throw ConnectionError(.forward, "'ssh' could not be started: \(String(cString: strerror(failure))).")
        }
    }

    static func path(of program: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return (folders + ["/usr/bin", "/bin"]).lazy.map { "\($0)/\(program)" }
            .first { $0.hasPrefix("/") && access($0, X_OK) == 0 }
    }

    /// Whether somebody takes connections on a socket.
    static func listens(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { Glibc.close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// Its id while it runs.
    var runningID: Int32? { state.withLock { $0.isRunning ? $0.id : nil } }

    /// What it has said on standard error until now: printable ASCII and line ends only.
    var words: String {
        let bytes = state.withLock { state in
            // ssh says why before it closes a connection: whoever sees that end must see the reason too.
            _ = Self.takeWords(&state)
            return state.words
        }
        return String(decoding: bytes.filter { $0 == 0x0a || (0x20...0x7e).contains($0) }, as: UTF8.self)
    }

    func terminate() {
        // Under the lock in which its end is noted: its id cannot have become another process's.
        state.withLock { state in
            if state.isRunning { _ = kill(state.id, SIGTERM) }
        }
    }

    func waitUntilGone() async {
        await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
            let isGone = state.withLock { state in
                if !state.isGone { state.waiters.append(waiter) }
                return state.isGone
            }
            if isGone { waiter.resume() }
        }
    }

    // MARK: Threads

    /// - Returns: 0, or the error's number.
    private func spawn(_ arguments: [String]) -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return errno }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (readEnd, writeEnd) = (ends[0], ends[1])
        defer { Glibc.close(writeEnd) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // With no signal blocked: threads of Dispatch block them all, and children inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, writeEnd, 2)
        var list = arguments.map { strdup($0) } + [nil]
        defer { for text in list { free(text) } }
        var process = pid_t()
        let code = posix_spawn(&process, arguments[0], &actions, &attributes, &list, environ)
        guard code == 0 else {
            Glibc.close(readEnd)
            return code
        }
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
        state.withLock { state in
            state.id = process
            state.isRunning = true
            state.pipe = readEnd
        }
        // Of its own: a helper of ssh may hold the pipe open after ssh has ended.
        Thread.detachNewThread { self.readWords(readEnd) }
        return 0
    }

    private func readWords(_ descriptor: Int32) {
        var isOver = false
        while !isOver {
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&watched, 1, -1) < 0 && errno != EINTR { break }
            isOver = state.withLock { Self.takeWords(&$0) }
        }
        state.withLock { $0.pipe = -1 }
        Glibc.close(descriptor)
    }

    /// Takes what lies in the pipe, without waiting. Returns whether there will be no more.
    private static func takeWords(_ state: inout State) -> Bool {
        guard state.pipe >= 0 else { return true }
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(state.pipe, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return false }
            guard count > 0 else { return true }
            state.words = Array((state.words + chunk[..<count]).suffix(wordLimit))
        }
    }

    private func waitForEnd() {
        let id = state.withLock { $0.id }
        var information = siginfo_t()
        // Leaves it a zombie, so that its id is nobody else's until the end is noted.
        while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        let waiters = state.withLock { state in
            var status: Int32 = 0
            waitpid(id, &status, 0)
            state.isRunning = false
            state.isGone = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
