import Foundation
import Glibc
import HTTPClient
import StaffProtocol
import Testing
import UnixHTTPServer

@testable import Inbox

/// Against a real `sshd` on loopback.
@Suite(.serialized) struct SSHForwardTests {
    private func health(_ sshd: SSHServer, remote: String, _ change: (inout SSHForward.Settings) -> Void = { _ in })
        async throws -> (SSHForward, StaffConnection)
    {
        let deployment = try TestDeployment()
        var settings = SSHForward.Settings(host: "bridge", remoteSocket: remote, configFile: sshd.clientConfig)
        change(&settings)
        let forward = try SSHForward(settings)
        let keys = try await deployment.unlocked(deployment.coordinator)
        var patience = StaffConnection.Patience()
        patience.pauses = []
        let connection = StaffConnection(
            client: HTTPClient(socketPath: forward.socketPath), keys: keys, trust: RosterTrust(deployment.folder),
            way: forward, patience: patience)
        return (forward, connection)
    }

    private let answer = Health(state: .ready, version: "1", deployment: Data(count: 16), rosterSequence: 3)

    @Test func theBridgeAnswersThroughSSHAndAgainAfterTheConnectionEnded() async throws {
        let sshd = try await SSHServer()
        defer { sshd.stop() }
        let answer = answer
        let server = try UnixHTTPServer(path: sshd.folder.file("staff.sock")) { _ in [.json(answer)] }
        defer { server.stop() }
        let (forward, connection) = try await health(sshd, remote: server.path)
        #expect(try await connection.health() == answer)
        let first = try #require(await forward.processID)
        // As after a suspend: ssh is gone, and the next request starts it again.
        kill(first, SIGKILL)
        while await forward.processID == first { await Task.yield() }
        #expect(try await connection.health() == answer)
        let second = try #require(await forward.processID)
        #expect(second != first)
        await forward.close()
        #expect(kill(second, 0) != 0)
        #expect(!FileManager.default.fileExists(atPath: (forward.socketPath as NSString).deletingLastPathComponent))
        let error = await caught(ConnectionError.self) { try await connection.health() }
        #expect(error?.kind == .forward)
    }

    @Test func sshEndsWithTheProcessThatIsKilled() async throws {
        let sshd = try await SSHServer()
        defer { sshd.stop() }
        let config = sshd.clientConfig
        let mark = sshd.folder.file("pid")
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [config = config as String, mark = mark as String] in
            let forward = try SSHForward(.init(host: "bridge", remoteSocket: "/none", configFile: config))
            try await forward.prepare()
            let process = await forward.processID ?? 0
            try Data("\(process) \(forward.socketPath)".utf8).write(to: URL(fileURLWithPath: mark))
            kill(getpid(), SIGKILL)
        }
        let said = try String(contentsOfFile: mark, encoding: .utf8).split(separator: " ")
        let process = try #require(said.first.flatMap { Int32($0) })
        // What a killed program leaves: an empty folder.
        defer { try? FileManager.default.removeItem(atPath: (String(said[1]) as NSString).deletingLastPathComponent) }
        // It is no child of ours: nothing tells us when it ends.
        let end = ContinuousClock.now + .seconds(20)
        while Self.runs(process), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!Self.runs(process))
    }

    /// Whether a process of any user runs: one that nobody has waited for yet has ended all the same.
    private static func runs(_ process: pid_t) -> Bool {
        guard let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        return !state.contains(") Z ")
    }

    @Test func aBridgeThatDoesNotRunThereIsNamed() async throws {
        let sshd = try await SSHServer()
        defer { sshd.stop() }
        let (forward, connection) = try await health(sshd, remote: sshd.folder.file("none.sock"))
        let error = await caught(ConnectionError.self) { try await connection.health() }
        #expect(error?.kind == .notRunning)
        #expect(error?.message.contains("none.sock") == true)
        await forward.close()
    }

    @Test func aKeyThatIsNotLetInIsNamed() async throws {
        let sshd = try await SSHServer()
        defer { sshd.stop() }
        try Data().write(to: URL(fileURLWithPath: sshd.authorizedKeys))
        let (forward, connection) = try await health(sshd, remote: "/none")
        let error = await caught(ConnectionError.self) { try await connection.health() }
        #expect(error?.kind == .forward)
        #expect(error?.message.contains("did not let you in") == true)
        await forward.close()
    }

    @Test func anotherHostKeyIsRefusedLoudly() async throws {
        let sshd = try await SSHServer()
        defer { sshd.stop() }
        try sshd.forgeKnownHost()
        let (forward, connection) = try await health(sshd, remote: "/none")
        let error = await caught(ConnectionError.self) { try await connection.health() }
        #expect(error?.kind == .forward)
        #expect(error?.message.hasPrefix("WARNING") == true)
        await forward.close()
    }

    @Test func aMachineThatIsOffIsNamed() async throws {
        let sshd = try await SSHServer()
        sshd.stop()
        let (forward, connection) = try await health(sshd, remote: "/none")
        let error = await caught(ConnectionError.self) { try await connection.health() }
        #expect(error?.kind == .forward)
        #expect(error?.message.contains("cannot be reached") == true)
        await forward.close()
    }

    @Test(arguments: [
        ("-oProxyCommand=x", "/s"), ("", "/s"), ("a b", "/s"), ("h", "relative"), ("h", "/a:b"), ("h", "/a b"),
        ("h", ""),
    ])
    func settingsThatWouldSaySomethingElseAreRefused(_ host: String, _ remote: String) {
        let error = #expect(throws: ConnectionError.self) { try SSHForward(.init(host: host, remoteSocket: remote)) }
        #expect(error?.kind == .forward)
    }
}
