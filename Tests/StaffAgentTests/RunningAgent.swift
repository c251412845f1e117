import Foundation
import Glibc
import Synchronization

@testable import StaffAgent

/// An agent that serves at a socket of its own, on a thread of its own, as the process does.
final class RunningAgent: Sendable {
    let session: AgentSession
    let server: AgentServer
    let socket: AgentSocket
    private let outcome = AsyncStream.makeStream(of: Result<AgentEnd, AgentError>.self)

    /// Returns when clients can connect.
    init(
        _ session: AgentSession, at socket: AgentSocket,
        mayConnect: @escaping @Sendable (uid_t?) -> Bool = { _ in true }
    ) async throws {
        self.session = session
        self.socket = socket
        server = try AgentServer(session, at: socket, mayConnect: mayConnect)
        let (server, outcome) = (server, outcome.continuation)
        let isReady = await withCheckedContinuation { ready in
            Thread.detachNewThread {
                var waiting: CheckedContinuation<Bool, Never>? = ready
                let result = Result { () throws(AgentError) in
                    try server.run {
                        waiting?.resume(returning: true)
                        waiting = nil
                    }
                }
                waiting?.resume(returning: false)
                outcome.yield(result)
                outcome.finish()
            }
        }
        if !isReady { _ = try await ended() }
    }

    /// Waits until it has ended: why. Throws `AgentError` when it could not listen.
    func ended() async throws -> AgentEnd {
        for await result in outcome.stream { return try result.get() }
        throw AgentError(.internalError, "asked twice")
    }

    func stop() async throws {
        server.stop()
        _ = try await ended()
    }
}

/// A folder of its own, gone with the test.
struct TemporaryFolder: ~Copyable {
    let path: String

    init() throws {
        var template = Array("/tmp/sila-agent-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw AgentError(.system, "no temporary folder") }
        path = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var socket: AgentSocket { AgentSocket(path: path + "/run/agent.sock") }
}

func mode(_ path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o777 : nil
}
