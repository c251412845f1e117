import Foundation
import XMPP

/// A real Prosody on loopback, in a folder of its own, for as long as a test needs it.
final class Prosody: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Settings: Sendable {
        /// The hash in which passwords are kept: it decides which SCRAM mechanism is offered.
        var passwordHash = "SHA-256"
        var modules = ["saslauth", "tls", "disco", "roster", "pep", "mam", "smacks", "blocklist", "ping", "posix"]
    }

    static let domain = "example.org"
    let port: UInt16
    let folder: URL
    private let process: ChildProcess

    private init(port: UInt16, folder: URL, process: ChildProcess) {
        self.port = port
        self.folder = folder
        self.process = process
    }

    /// Starts a server and gives it to `body`; it is gone afterwards, also after an error.
    static func run<R>(
        _ settings: Settings = Settings(), _ body: (Prosody) async throws -> R
    ) async throws -> R {
        let server = try await start(settings)
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    private static func start(_ settings: Settings) async throws -> Prosody {
        try requirePrograms()
        let folder = FileManager.default.temporaryDirectory.appending(path: "sila-prosody-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "data"), withIntermediateDirectories: true)
        try await TestAuthority.write(to: folder, host: domain)
        let port = try Ports.free()
        try configuration(settings, folder, port).write(
            to: folder.appending(path: "prosody.cfg.lua"), atomically: true, encoding: .utf8)
        let process = try ChildProcess(
            ["prosody", "-F", "--config", folder.appending(path: "prosody.cfg.lua").path],
            log: folder.appending(path: "out.log"))
        let server = Prosody(port: port, folder: folder, process: process)
        try await server.waitUntilReady()
        return server
    }

    private static func requirePrograms() throws {
        for program in ["prosody", "prosodyctl", "openssl"] where ChildProcess.path(of: program) == nil {
            throw Failure(description: "\(program) is missing: apt-get install prosody lua-dbi-sqlite3 openssl")
        }
    }

    private static func configuration(_ settings: Settings, _ folder: URL, _ port: UInt16) -> String {
        let modules = settings.modules.map { "\"\($0)\"" }.joined(separator: ", ")
        return """
            pidfile = "\(folder.path)/prosody.pid"
            data_path = "\(folder.path)/data"
            run_as_root = true
            interfaces = { "127.0.0.1" }
            c2s_ports = {}
            c2s_direct_tls_ports = { \(port) }
            s2s_ports = {}
            http_ports = {}
            https_ports = {}
            authentication = "internal_hashed"
            password_hash = "\(settings.passwordHash)"
            modules_enabled = { \(modules) }
            modules_disabled = { "s2s" }
            storage = "sql"
            sql = { driver = "SQLite3", database = "prosody.sqlite" }
            default_archive_policy = true
            ssl = { key = "\(folder.path)/server.key", certificate = "\(folder.path)/server.pem" }
            certificates = "\(folder.path)"
            log = { { levels = { min = "warn" }, to = "file", filename = "\(folder.path)/prosody.log" } }
            VirtualHost "\(domain)"
            """
    }

    /// Makes an account; its password is `password-<name>`.
    func register(_ names: String...) async throws {
        for name in names {
            // The running server may hold its database at that moment: prosodyctl does not wait.
            var status: Int32 = -1
            for _ in 0..<5 where status != 0 { status = try await register(name) }
            let log = try? String(contentsOf: folder.appending(path: "register.log"), encoding: .utf8)
            guard status == 0 else {
                throw Failure(description: "prosodyctl register ended with \(status): \(log ?? "no log")")
            }
        }
    }

    private func register(_ name: String) async throws -> Int32 {
        try await ChildProcess(
            [
                "prosodyctl", "--config", folder.appending(path: "prosody.cfg.lua").path, "register", name,
                Self.domain, Self.password(name),
            ], log: folder.appending(path: "register.log")
        ).exitStatus()
    }

    static func password(_ name: String) -> String { "password-\(name)" }

    /// As a crash: nothing is said to anybody.
    func kill() async { await process.kill() }

    /// Starts it again on the same port with the same data.
    func restart() async throws {
        await process.kill()
        try process.start()
        try await waitUntilReady()
    }

    private func stop() async {
        await process.kill()
        try? FileManager.default.removeItem(at: folder)
    }

    private func waitUntilReady() async throws {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if Ports.isOpen(port) { return try requireOwnPort() }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        let log = try? String(contentsOf: folder.appending(path: "prosody.log"), encoding: .utf8)
        throw Failure(description: "Prosody did not start: \(log ?? "no log")")
    }

    /// Prosody goes on without a port that somebody else has; then that one would be tested.
    private func requireOwnPort() throws {
        let log = try? String(contentsOf: folder.appending(path: "prosody.log"), encoding: .utf8)
        if let log, log.contains("Failed to open") { throw Failure(description: "Port \(port) is taken.") }
    }

    // MARK: Settings for clients

    var authority: TransportOptions.Trust { .authority(file: folder.appending(path: "ca.pem").path) }

    /// How to reach it, or something in front of it.
    func options(port: UInt16? = nil, trust: TransportOptions.Trust? = nil) -> TransportOptions {
        TransportOptions(
            host: Self.domain, port: self.port, connectTo: .init(host: "127.0.0.1", port: port ?? self.port),
            trust: trust ?? authority)
    }

    func configuration(_ name: String, port: UInt16? = nil, resource: String = "sila") throws -> ClientConfiguration {
        var configuration = ClientConfiguration(
            account: try JID(local: name, domain: Self.domain), password: Self.password(name), resource: resource,
            transport: options(port: port))
        configuration.backoff = Backoff(first: .milliseconds(50), limit: .milliseconds(500))
        return configuration
    }
}
