import Foundation
import Glibc
import Unsealing

/// Starts the agent in the background, as a process of its own that outlives this one.
public enum AgentLauncher {
    /// Starts this very program with other arguments, hands the keys over through a pipe, and waits
    /// until the agent stands.
    ///
    /// - Parameters:
    ///   - arguments: those of the command that calls `AgentProcess.runDetached`.
    ///   - executable: the program; this one, unless a test says otherwise.
    /// - Throws: `AgentError`, also the one that the agent ended with.
    public static func start(
        _ keys: StaffKeys, _ start: AgentStart, arguments: [String], executable: String = "/proc/self/exe"
    ) throws(AgentError) {
        var input = try Pipe()
        var output = try Pipe()
        try spawn(executable, arguments, input: input, output: output)
        input.closeReading()
        output.closeWriting()
        // An agent that ended early is heard on the other pipe.
        let before = signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, before) }
        try send(keys, start, to: input.writing)
        let payload: [UInt8]
        do {
            payload = try FrameStream.read(from: output.reading)
        } catch {
            throw AgentError(.system, "The agent could not be started: it ended at once.")
        }
        if case .failed(let error) = try AgentFrame.decode(AgentAnswer.self, from: payload) { throw error }
    }

    private static func send(_ keys: StaffKeys, _ start: AgentStart, to descriptor: Int32) throws(AgentError) {
        var secret = keys.handover.withUnsafeBytes { Array($0) }
        defer { secret.wipe() }
        var frame = try AgentFrame.wrap(secret)
        defer { frame.wipe() }
        do {
            try FrameStream.write(AgentFrame.encode(start), to: descriptor)
            try FrameStream.write(frame, to: descriptor)
        } catch  where error.code == .notUnlocked {
            // It ended before it read all; why, it says on its output.
        }
    }

    private static func openDescriptors() -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], input: borrowing Pipe, output: borrowing Pipe
    ) throws(AgentError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.reading, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output.writing, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        // Nothing else goes along: an open pipe would keep whoever reads it waiting for ten hours.
        for descriptor in openDescriptors() where descriptor > STDERR_FILENO {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var words: [UnsafeMutablePointer<CChar>?] = (["sila"] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, executable, &actions, nil, words, environ)
        guard code == 0 else {
            throw AgentError(.system, "The agent could not be started: \(String(cString: strerror(code))).")
        }
    }
}

/// A pipe whose ends are not inherited, and closed when it goes.
private struct Pipe: ~Copyable {
    let reading: Int32
    let writing: Int32
    private var isReadingOpen = true
    private var isWritingOpen = true

    init() throws(AgentError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw AgentSocket.failure("The agent could not be started") }
        reading = ends[0]
        writing = ends[1]
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    mutating func closeReading() {
        if isReadingOpen { close(reading) }
        isReadingOpen = false
    }

    mutating func closeWriting() {
        if isWritingOpen { close(writing) }
        isWritingOpen = false
    }

    deinit {
        if isReadingOpen { close(reading) }
        if isWritingOpen { close(writing) }
    }
}
