import Crypto
import Foundation
import Glibc

/// Where the agent of a profile listens: a Unix socket that only its owner can reach.
public struct AgentSocket: Sendable, Equatable {
    /// The absolute path.
    public let path: String

    /// The bytes a path of a Unix socket has at most (`sockaddr_un`, without the zero behind it).
    static let pathLimit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    public init(path: String) { self.path = path }

    /// `$XDG_RUNTIME_DIR/sila/agent-….sock`, named after the profile's folder; the profile's folder
    /// itself when that is not a folder of this user's own. Throws `AgentError` when both are too long.
    public static func forProfile(
        _ folder: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(AgentError) -> AgentSocket {
        let name = SHA256.hash(data: Array(folder.utf8)).prefix(6).map {
            String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
        }
        .joined()
        if let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/"), isPrivate(runtime) {
            let path = "\(runtime)/sila/agent-\(name).sock"
            if path.utf8.count <= pathLimit { return AgentSocket(path: path) }
        }
        let path = "\(folder)/agent.sock"
        guard path.utf8.count <= pathLimit else {
            throw AgentError(
                .system,
                "The path '\(path)' is too long for a socket (\(path.utf8.count) bytes, at most \(pathLimit)). "
                    + "Set XDG_RUNTIME_DIR to a folder of your own, or move the folder of private keys.")
        }
        return AgentSocket(path: path)
    }

    private var folder: String { (path as NSString).deletingLastPathComponent }
    private var lockPath: String { path + ".lock" }

    private static func isPrivate(_ folder: String) -> Bool {
        var status = stat()
        return lstat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
            && status.st_mode & 0o077 == 0
    }

    /// Binds and listens; only one agent of a profile at a time. Throws `AgentError`.
    func listen() throws(AgentError) -> Listener {
        try makeFolder()
        // The lock is held as long as the agent lives, so a socket without one is left over.
        let lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw Self.failure("The agent's lock '\(lockPath)' cannot be made") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw AgentError(.system, "Another agent of this profile is running already.")
        }
        unlink(path)
        do {
            return Listener(descriptor: try bound(), lock: lock, path: path)
        } catch {
            close(lock)
            throw error
        }
    }

    /// Which file stands at the path; `nil` when there is none.
    var place: Place? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return Place(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    struct Place: Equatable {
        let device: UInt64
        let inode: UInt64
    }

    private func bound() throws(AgentError) -> Int32 {
        let descriptor = try Self.descriptor()
        // The file that `bind` makes takes its mode from the descriptor (Linux): it is never there with more
        // permissions, not even for a moment. Not the umask: that is the whole process's, and others make files.
        guard fchmod(descriptor, 0o600) == 0,
            withAddress({ bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 16) == 0
        else {
            let failure = Self.failure("The agent's socket '\(path)' cannot be made")
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// Connects to the agent. Throws `AgentError`: `notUnlocked` when none runs.
    func connect() throws(AgentError) -> Int32 {
        let descriptor = try Self.descriptor()
        guard withAddress({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
            let code = errno
            let failure = Self.failure("The agent cannot be reached at '\(path)'")
            close(descriptor)
            throw [ENOENT, ECONNREFUSED].contains(code) ? AgentSession.notUnlocked : failure
        }
        guard Self.peer(of: descriptor) == geteuid() else {
            close(descriptor)
            throw AgentError(.otherUser, "The socket '\(path)' belongs to another user's program. Nothing was sent.")
        }
        return descriptor
    }

    /// The user at the other end of a connection; `nil` when the system does not say.
    static func peer(of descriptor: Int32) -> uid_t? { credentials(of: descriptor)?.user }

    private static func credentials(of descriptor: Int32) -> (process: pid_t, user: uid_t)? {
        // unix(7): struct ucred is process, user and group, 4 bytes each.
        var credentials: [UInt32] = [0, 0, 0]
        var length = socklen_t(credentials.count * 4)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0, length == 12 else {
            return nil
        }
        return (pid_t(bitPattern: credentials[0]), credentials[1])
    }

    /// Ends an agent that cannot be spoken to, such as one of another version: SIGTERM has it forget
    /// everything. Throws `AgentError`: `notUnlocked` when none runs.
    public func terminate() throws(AgentError) {
        let descriptor = try connect()
        defer { close(descriptor) }
        guard let process = Self.credentials(of: descriptor)?.process, process > 1, kill(process, SIGTERM) == 0 else {
            throw Self.failure("The agent cannot be ended")
        }
    }

    private func makeFolder() throws(AgentError) {
        if mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw Self.failure("The folder '\(folder)' of the agent's socket cannot be made")
        }
        guard Self.isPrivate(folder) else {
            throw AgentError(
                .system,
                "The folder '\(folder)' must be a folder of yours to which nobody else has access. "
                    + "Run: chmod 700 '\(folder)'")
        }
    }

    private static func descriptor() throws(AgentError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("A socket cannot be made") }
        return descriptor
    }

    private func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
        return withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// The failure of the system call that was made last.
    static func failure(_ what: String) -> AgentError {
        AgentError(.system, "\(what): \(String(cString: strerror(errno))).")
    }
}

/// A socket on which the agent listens, and the lock that says so.
struct Listener: ~Copyable {
    let descriptor: Int32
    private let lock: Int32
    private let path: String
    private var isGone = false

    init(descriptor: Int32, lock: Int32, path: String) {
        self.descriptor = descriptor
        self.lock = lock
        self.path = path
    }

    /// Takes the socket away: from now on nobody connects, and another agent may start.
    mutating func end() {
        if isGone { return }
        isGone = true
        unlink(path)
        close(descriptor)
        close(lock)
    }

    deinit {
        if !isGone {
            unlink(path)
            close(descriptor)
            close(lock)
        }
    }
}
