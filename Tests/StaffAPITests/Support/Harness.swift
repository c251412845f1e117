import Foundation
import Logging
import Sealing
@testable import StaffAPI
import StaffProtocol
import Synchronization
import Unsealing

/// A running server on a socket in a temporary folder, with members who can log in.
struct Harness: Sendable {
    let path: String
    let people: People
    let directory: MemoryDirectory
    let service: MemoryService
    let server: StaffServer
    let clock: ManualClock
    let log: LogRecorder

    /// One request on a connection of its own.
    func send(
        _ method: String, _ path: String, token: String? = nil, headers: [String: String] = [:], body: [UInt8]? = nil
    ) async throws -> Reply {
        let wire = try Wire(self.path)
        var headers = headers
        headers["Connection"] = "close"
        if let token { headers["Authorization"] = "Bearer \(token)" }
        if body != nil, headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
        try await wire.send(method, path, headers: headers, body: body)
        return try await wire.reply()
    }

    func send(_ specimen: Specimen, token: String? = nil) async throws -> Reply {
        try await send(
            specimen.endpoint.method.rawValue, specimen.path, token: token,
            headers: (specimen.endpoint.needsIdempotencyKey ? [IdempotencyKey.header: "0123-abcd"] : [:])
                .merging(specimen.endpoint == .addAttachment ? ["Content-Type": AttachmentFile.contentType] : [:]) {
                    $1
                },
            body: specimen.body)
    }

    func post(_ path: String, _ value: some Encodable, token: String? = nil) async throws -> Reply {
        try await send("POST", path, token: token, body: Array(JSONEncoder().encode(value)))
    }

    func challenge(for member: String) async throws -> Data {
        try await post("/v1/session/challenge", ChallengeRequest(member: member)).json(Challenge.self).challenge
    }

    /// The answer to a challenge, signed with the keys of `signer`.
    func answer(
        _ challenge: Data, as member: String, signedBy signer: String? = nil, deployment: [UInt8]? = nil
    ) async throws -> LoginRequest {
        let roster = await directory.roster().verified
        let bytes = LoginTranscript.bytes(
            deployment: deployment ?? roster.deployment, member: try MemberID.named(member),
            challenge: Array(challenge))
        let signature = try people.keys[signer ?? member].orThrow().sign(bytes)
        return LoginRequest(member: member, challenge: challenge, signature: Data(signature))
    }

    /// Logs in and gives the token.
    func logIn(_ role: Role) async throws -> String {
        let request = try await answer(challenge(for: role.rawValue), as: role.rawValue)
        return try await post("/v1/session", request).json(SessionToken.self).token
    }

    /// A connection on which an event stream was begun; its first comment was read.
    func openEvents(_ token: String, after last: Int64? = nil) async throws -> Wire {
        let wire = try Wire(path)
        var headers = ["Authorization": "Bearer \(token)"]
        headers["Last-Event-ID"] = last.map(String.init)
        try await wire.send("GET", "/v1/events", headers: headers)
        let head = try await wire.head()
        guard head.status == 200 else { throw Wire.Failure(description: "status \(head.status)") }
        guard head.headers["content-type"] == "text/event-stream" else {
            throw Wire.Failure(description: "not an event stream")
        }
        _ = try await wire.chunks(until: ": sila\n\n")
        return wire
    }
}

/// Runs a server for as long as `body` takes; then ends it and takes its folder away.
func withServer(
    isLocked: Bool = false, rules: ConnectionRules = ConnectionRules(), _ body: (Harness) async throws -> Void
) async throws {
    try await withServer(isLocked: isLocked, rules: rules) { harness, _ in try await body(harness) }
}

/// - Parameter body: also gets what ends the server and waits for that.
func withServer(
    isLocked: Bool = false, rules: ConnectionRules = ConnectionRules(),
    _ body: (Harness, @escaping @Sendable () async throws -> Void) async throws -> Void
) async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let people = try People()
    let directory = MemoryDirectory(people.roster, isLocked: isLocked)
    let service = MemoryService()
    let clock = ManualClock()
    let log = LogRecorder()
    let path = folder.path + "/run/staff.sock"
    let server = StaffServer(
        socketPath: path, service: isLocked ? nil : service, directory: directory, version: "1.2.3",
        logger: log.logger, clock: clock, rules: rules)
    let running = try await RunningServer(server)
    let harness = Harness(
        path: path, people: people, directory: directory, service: service, server: server, clock: clock, log: log)
    do {
        try await body(harness) { try await running.end() }
    } catch {
        try? await running.end()
        throw error
    }
    try await running.end()
}

/// A server in a task of its own, which listens already.
struct RunningServer: Sendable {
    private let task: Task<Void, any Error>

    init(_ server: StaffServer) async throws {
        let (listening, continuation) = AsyncStream<Void>.makeStream()
        let task = Task {
            defer { continuation.finish() }
            try await server.run { continuation.yield() }
        }
        self.task = task
        for await _ in listening { return }
        // It ended before it listened: say why.
        try await task.value
    }

    func cancel() { task.cancel() }

    func end() async throws {
        task.cancel()
        try await task.value
    }
}

struct TemporaryFolder: Sendable {
    let path: String

    init() throws {
        // Short: a socket's path has at most 107 bytes.
        path = "/tmp/sila-\(UUID().uuidString.prefix(13))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Everything that is logged, at every level.
final class LogRecorder: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(recorder: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var logLevel: Logger.Level = .trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            let line = "\(event.level) \(event.message) " + all.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            recorder.lines.withLock { $0.append(line) }
        }
    }
}
