import Foundation
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import StaffProtocol
import Synchronization

/// The staff API on a Unix socket: HTTP/1.1, JSON, server-sent events and the bulk stream, as
/// `Documentation/openapi.yaml` describes them.
///
/// Only the holder of the deployment's lock may run one: a socket that nobody listens on is taken away.
public final class StaffServer: Sendable {
    private let path: String
    private let responder: Responder
    private let logger: Logger
    private let clock: any StaffClock
    private let connections: ConnectionBook

    /// - Parameters:
    ///   - socketPath: at most 103 bytes. Its folder is made with mode 0750; one that is there must let
    ///     in no others. The socket gets mode 0660.
    ///   - service: what is served; `nil` while the bridge waits for its working key: until `attach(_:)`
    ///     everything else than log-in, roster, keyring and unlocking is answered with `locked`.
    ///   - directory: the roster says who may log in and in which role, at each request.
    ///   - version: of the program, as `GET /v1/health` shows it.
    ///   - logger: gets operation, status, member and duration; nothing of contacts.
    public convenience init(
        socketPath: String, service: (any StaffService)?, directory: any StaffDirectory, version: String,
        logger: Logger, clock: any StaffClock = SystemStaffClock()
    ) {
        self.init(
            socketPath: socketPath, service: service, directory: directory, version: version, logger: logger,
            clock: clock, rules: ConnectionRules())
    }

    init(
        socketPath: String, service: (any StaffService)?, directory: any StaffDirectory, version: String,
        logger: Logger, clock: any StaffClock, rules: ConnectionRules
    ) {
        path = socketPath
        self.logger = logger
        self.clock = clock
        connections = ConnectionBook(rules)
        responder = Responder(
            service: service, directory: directory, version: version, logger: logger, clock: clock)
    }

    /// Serves from now on what was locked until now. Returns once it is written down who logged in before.
    public func attach(_ service: any StaffService) async { await responder.attach(service) }

    /// Serves until the task is cancelled. Then open streams are ended, requests in progress are finished
    /// within 10 seconds, and the socket is removed. To be run once.
    ///
    /// - Parameter onListening: called once clients can connect.
    /// - Throws: `StaffServerError` when the socket cannot be opened.
    public func run(onListening: @escaping @Sendable () async -> Void = {}) async throws {
        // One thread: it moves bytes and answers what is short (`LoopExecutor`); the rest is done elsewhere.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result: Result<Void, any Error>
        do {
            let socket = try await SocketFile(preparing: path, on: group)
            result = await serve(socket, group, onListening)
        } catch {
            result = .failure(error)
        }
        try? await group.shutdownGracefully()
        try result.get()
    }

    private func serve(
        _ socket: SocketFile, _ group: MultiThreadedEventLoopGroup,
        _ onListening: @escaping @Sendable () async -> Void
    ) async -> Result<Void, any Error> {
        let started = Latch()
        let mustEnd = Latch()
        let problem = Mutex<StaffServerError?>(nil)
        let server = makeServer(on: group) {
            do throws(StaffServerError) {
                try socket.protect()
                await onListening()
            } catch {
                problem.withLock { $0 = error }
                mustEnd.open()
            }
            started.open()
        }
        // Not a child of this task: cancelling this one must not cut off requests in progress.
        let serving = Task {
            defer {
                started.open()
                mustEnd.open()
            }
            try await withTaskExecutorPreference(LoopExecutor(group.any())) { try await server.run() }
        }
        await withTaskCancellationHandler {
            await mustEnd.wait()
        } onCancel: {
            mustEnd.open()
        }
        await started.wait()
        // This task is cancelled by now: its deadline would be over at once.
        await Task { await end(server, serving) }.value
        socket.remove()
        if let problem = problem.withLock({ $0 }) { return .failure(problem) }
        return await serving.result.mapError { StaffServerError.bind(path: path, reason: "\($0)") }
    }

    private func makeServer(
        on group: MultiThreadedEventLoopGroup, _ onRunning: @escaping @Sendable () async -> Void
    ) -> Server<HTTP1Channel> {
        let channel = HTTP1Channel(
            responder: { [responder, connections] request, writer, channel in
                let watch = connections.watch(of: channel)
                let response = await responder.respond(to: request, on: channel, watch)
                try await writer.write(response: response.head, body: response.body)
                watch?.answered()
            },
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [self.connections.makeWatch()],
                idleTimeout: .seconds(Limits.idleConnection),
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: Limits.header, maxHeaderListSize: Limits.header, maxHeaderFieldCount: 100)))
        var quiet = logger
        // What the server library says of a connection may hold parts of a request.
        quiet.logLevel = .critical
        return Server(
            childChannelSetup: channel,
            configuration: ServerConfiguration(
                address: .unixDomainSocket(path: path),
                availableConnectionsDelegate: .maximum(Limits.connections, logger: quiet)),
            onServerRunning: { _ in await onRunning() }, eventLoopGroup: group, logger: quiet)
    }

    /// Ends streams, lets requests in progress finish, and after the deadline cuts off what is left.
    private func end(_ server: Server<HTTP1Channel>, _ serving: Task<Void, any Error>) async {
        responder.streams.endAll()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await server.shutdownGracefully() }
            group.addTask { [clock, logger] in
                guard (try? await clock.sleep(for: Limits.shutdown)) != nil else { return }
                logger.notice("staff requests in progress were cut off: the daemon ends")
                serving.cancel()
            }
            await group.next()
            _ = await serving.result
            group.cancelAll()
        }
    }
}
