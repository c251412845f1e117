import Foundation
import Glibc

/// The bridge's socket on another machine, brought here by `ssh -N -L`.
///
/// `ssh` is a child of this process and ends with it, however that happens. It uses the person's own
/// settings and keys (`~/.ssh/config`), but shares no connection with others (`ControlMaster`). When it
/// ended, as after a suspend, the next request starts it again.
public actor SSHForward: BridgeWay {
    /// What is connected to what.
    public struct Settings: Sendable, Equatable {
        /// A name that `ssh` knows.
        public var host: String
        /// The absolute path of the socket there.
        public var remoteSocket: String
        /// Another file than `~/.ssh/config`.
        public var configFile: String?
        /// Whether `ssh` may ask for a passphrase on the terminal.
        public var mayAsk: Bool
        /// Until the connection stands; with `mayAsk` a person types in this time.
        public var deadline: Duration

        public init(
            host: String, remoteSocket: String, configFile: String? = nil, mayAsk: Bool = false,
            deadline: Duration = .seconds(60)
        ) {
            self.host = host
            self.remoteSocket = remoteSocket
            self.configFile = configFile
            self.mayAsk = mayAsk
            self.deadline = deadline
        }
    }

    /// The socket on this machine.
    public nonisolated let socketPath: String
    private nonisolated let folder: String
    private let settings: Settings
    private var process: ForwardProcess?
    private var starting: Task<ForwardProcess, any Error>?
    private var isClosed = false

    /// Starts nothing yet: `prepare` does. Throws `ConnectionError` when the settings cannot be used.
    public init(_ settings: Settings) throws {
        try settings.check()
        self.settings = settings
        folder = try Self.makeFolder()
        socketPath = folder + "/bridge"
    }

    deinit {
        process?.terminate()
        unlink(socketPath)
        rmdir(folder)
    }

    /// The process id of `ssh`, while it runs.
    public var processID: Int32? { process?.runningID }

    /// Starts `ssh` unless it runs, and waits until the connection stands.
    public func prepare() async throws {
        guard !isClosed else { throw ConnectionError(.forward, "The connection to '\(settings.host)' was closed.") }
        if process?.runningID != nil { return }
        if let starting {
            _ = try await starting.value
            return
        }
        let task = Task { try await start() }
        starting = task
        defer { starting = nil }
        let started = try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
        process = started
        // Closed while it started.
        if isClosed { await close() }
    }

    public func explain(_ error: ConnectionError) -> ConnectionError {
        guard let process else { return error }
        if process.runningID == nil { return SSHWords.error(process.words, host: settings.host) }
        // The way stands, and nobody is at its end.
        if error.kind == .lost || error.kind == .notRunning, process.words.contains("open failed") {
            return ConnectionError(
                .notRunning,
                "The bridge does not run on '\(settings.host)': nobody listens on '\(settings.remoteSocket)' there, or "
                    + "you may not use it. Start silad, or correct 'remoteSocket' in the profile.")
        }
        return error
    }

    /// Ends `ssh` and waits until it is gone.
    public func close() async {
        isClosed = true
        starting?.cancel()
        let process = process
        self.process = nil
        process?.terminate()
        await process?.waitUntilGone()
        unlink(socketPath)
        rmdir(folder)
    }

    private func start() async throws -> ForwardProcess {
        guard let program = ForwardProcess.path(of: "ssh") else {
            throw ConnectionError(.forward, "There is no 'ssh' on this machine. Install openssh-client.")
        }
        unlink(socketPath)
        let process = try ForwardProcess([program] + settings.arguments(localSocket: socketPath))
        let end = ContinuousClock.now + settings.deadline
        do {
            while !ForwardProcess.listens(socketPath) {
                guard process.runningID != nil else {
                    await process.waitUntilGone()
                    throw SSHWords.error(process.words, host: settings.host)
                }
                guard ContinuousClock.now < end else {
                    throw ConnectionError(
                        .forward,
                        "The connection to '\(settings.host)' did not stand in time. Try: ssh \(settings.host)")
                }
                try await Task.sleep(for: .milliseconds(25))
            }
        } catch {
            process.terminate()
            await process.waitUntilGone()
            throw error
        }
        return process
    }

    /// A folder for this user only, and a short path: that of a socket has 107 bytes at most.
    private static func makeFolder() throws -> String {
        let runtime = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"] ?? ""
        for parent in [runtime, "/tmp"] where parent.hasPrefix("/") && parent.utf8.count < 60 {
            var template = Array("\(parent)/sila-XXXXXX".utf8CString)
            if mkdtemp(&template) != nil {
                return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
        throw ConnectionError(.forward, "No folder for the connection's socket could be made in /tmp.")
    }
}

extension SSHForward.Settings {
    func check() throws {
        // A name that begins with a hyphen would be an option of ssh.
        guard !host.isEmpty, !host.hasPrefix("-"), host.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw ConnectionError(.forward, "'host' must be a name that ssh knows, without spaces.")
        }
        // ssh takes a colon for the end of the path.
        guard remoteSocket.hasPrefix("/"), remoteSocket.utf8.count < 108,
            remoteSocket.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f && $0 != 0x3a && $0 != 0x5c })
        else {
            throw ConnectionError(
                .forward, "'remoteSocket' must be an absolute path, without spaces, colons and backslashes.")
        }
    }

    func arguments(localSocket: String) -> [String] {
        var arguments = configFile.map { ["-F", $0] } ?? []
        arguments += ["-N", "-T", "-a", "-x"]
        let options = [
            "ControlMaster=no", "ControlPath=none", "ControlPersist=no", "ExitOnForwardFailure=yes",
            "StreamLocalBindUnlink=yes", "StreamLocalBindMask=0177", "ClearAllForwardings=no", "GatewayPorts=no",
            "ForkAfterAuthentication=no", "PermitLocalCommand=no", "RemoteCommand=none", "SessionType=none",
            "ServerAliveInterval=15", "ServerAliveCountMax=3", "ConnectTimeout=15", "LogLevel=INFO",
            "BatchMode=\(mayAsk ? "no" : "yes")",
        ]
        for option in options { arguments += ["-o", option] }
        return arguments + ["-L", "\(localSocket):\(remoteSocket)", "--", host]
    }
}

/// What `ssh` says, as something that a person can act on.
enum SSHWords {
    static func error(_ words: String, host: String) -> ConnectionError {
        let said = words.split(whereSeparator: \.isNewline).last.map { " (ssh: \($0.prefix(200)))" } ?? ""
        let message: String
        if words.contains("IDENTIFICATION HAS CHANGED") || words.contains("Host key verification failed") {
            message =
                "WARNING: '\(host)' did not prove that it is the machine that you know. Somebody may be in between. "
                + "Compare its host key with whoever runs it before you go on; for a new machine run: ssh \(host)"
        } else if words.contains("Permission denied") || words.contains("Too many authentication failures") {
            message = "'\(host)' did not let you in. Check your SSH key: ssh \(host) must work without a password."
        } else if words.contains("Could not resolve hostname") {
            message = "The name '\(host)' is not known. Correct 'host' in the profile, or add it to ~/.ssh/config."
        } else if ["Connection refused", "timed out", "No route to host", "unreachable"].contains(where: words.contains)
        {
            message = "'\(host)' cannot be reached. Check the network, the VPN, and whether the machine is on."
        } else {
            message = "The SSH connection to '\(host)' ended. Try: ssh \(host)"
        }
        return ConnectionError(.forward, message + said)
    }
}
