import Foundation
import Glibc
import Synchronization
import UnixHTTPServer

/// An `sshd` of the test's own on loopback: own host key, own user key, gone with the test.
final class SSHServer: Sendable {
    let folder: TestFolder
    let port: UInt16
    private let process: pid_t
    private let isStopped = Mutex(false)

    var clientConfig: String { folder.file("config") }
    var authorizedKeys: String { folder.file("authorized") }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init() async throws {
        let places: [String] = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"]
        guard let sshd = places.first(where: { access($0, X_OK) == 0 }),
            access("/usr/bin/ssh", X_OK) == 0, access("/usr/bin/ssh-keygen", X_OK) == 0
        else {
            throw Failure(description: "sshd is missing: apt install openssh-server openssh-client")
        }
        let folder = try TestFolder()
        self.folder = folder
        for name in ["host", "user", "other"] {
            try Self.run(["/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder.file(name)])
        }
        // Started by root, sshd insists on this folder.
        if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
        try FileManager.default.copyItem(atPath: folder.file("user.pub"), toPath: folder.file("authorized"))
        port = try Self.freePort()
        try Self.write(
            """
            ListenAddress 127.0.0.1:\(port)
            HostKey \(folder.file("host"))
            PidFile none
            AuthorizedKeysFile \(folder.file("authorized"))
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            AllowStreamLocalForwarding local

            """, to: folder.file("sshd"))
        let user = String(cString: getpwuid(geteuid()).pointee.pw_name)
        try Self.write(
            """
            Host bridge
                HostName 127.0.0.1
                Port \(port)
                User \(user)
                IdentityFile \(folder.file("user"))
                IdentitiesOnly yes
                IdentityAgent none
                UserKnownHostsFile \(folder.file("known"))
                GlobalKnownHostsFile /dev/null
                StrictHostKeyChecking yes

            """, to: folder.file("config"))
        let key = try String(contentsOfFile: folder.file("host.pub"), encoding: .utf8)
        try Self.write("[127.0.0.1]:\(port) \(key)", to: folder.file("known"))
        process = try Self.spawn([sshd, "-D", "-e", "-f", folder.file("sshd")], log: folder.file("log"))
        try await waitUntilItListens()
    }

    deinit { stop() }

    func stop() {
        let isFirst = isStopped.withLock { isStopped in
            defer { isStopped = true }
            return !isStopped
        }
        guard isFirst else { return }
        kill(process, SIGTERM)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    }

    /// The client expects another key of the host than it has.
    func forgeKnownHost() throws {
        let key = try String(contentsOfFile: folder.file("other.pub"), encoding: .utf8)
        try Self.write("[127.0.0.1]:\(port) \(key)", to: folder.file("known"))
    }

    private func waitUntilItListens() async throws {
        let end = ContinuousClock.now + .seconds(20)
        while !Self.connects(port) {
            var status: Int32 = 0
            guard waitpid(process, &status, WNOHANG) == 0, ContinuousClock.now < end else {
                isStopped.withLock { $0 = true }
                let log = (try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? ""
                throw Failure(description: "sshd does not listen: \(log)")
            }
            // Nothing tells when it listens.
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private static func run(_ arguments: [String]) throws {
        let process = try spawn(arguments, log: "/dev/null")
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        guard status == 0 else { throw Failure(description: "\(arguments[0]) failed") }
    }

    private static func spawn(_ arguments: [String], log: String) throws -> pid_t {
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
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var list = arguments.map { strdup($0) } + [nil]
        defer { for text in list { free(text) } }
        var process = pid_t()
        let code = posix_spawn(&process, arguments[0], &actions, &attributes, &list, environ)
        guard code == 0 else { throw Failure(description: "\(arguments[0]) did not start: \(code)") }
        return process
    }

    private static func freePort() throws -> UInt16 {
        guard let port = (UInt16(15_390)...15_394).first(where: { !connects($0) && canBind($0) }) else {
            throw Failure(description: "no port from 15390 to 15394 is free")
        }
        return port
    }

    private static func canBind(_ port: UInt16) -> Bool {
        with(port) { descriptor, address, length in
            var yes: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            return bind(descriptor, address, length) == 0
        }
    }

    private static func connects(_ port: UInt16) -> Bool { with(port) { connect($0, $1, $2) == 0 } }

    private static func with(_ port: UInt16, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
