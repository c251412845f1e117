import Foundation
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Sealing
import StaffProtocol
import Synchronization

/// Answers every request: always with JSON, an error always as `APIError` with its status.
final class Responder: Sendable {
    let streams = StreamRegistry()
    private let door: DoorOperations
    private let gate: Gatekeeper
    private let directory: any StaffDirectory
    private let service: Mutex<(any StaffService)?>
    /// Who logged in before there was anything to write it into.
    private let early = EarlyLogIns()
    private let attached = Latch()
    private let clock: any StaffClock
    private let logger: Logger

    init(
        service: (any StaffService)?, directory: any StaffDirectory, version: String, logger: Logger,
        clock: any StaffClock
    ) {
        gate = Gatekeeper(directory: directory, clock: clock)
        door = DoorOperations(gate: gate, directory: directory, version: version)
        self.directory = directory
        self.service = Mutex(service)
        if service != nil {
            attached.open()
            _ = early.end()
        }
        self.clock = clock
        self.logger = logger
    }

    /// Returns once those who logged in before are written down.
    func attach(_ service: any StaffService) async {
        for viewer in early.end() { await service.noteLogIn(of: viewer) }
        self.service.withLock { $0 = service }
        attached.open()
    }

    /// What a log line says of a request: nothing of its path, body or answer.
    private struct Trace {
        var endpoint: Endpoint?
        var member: MemberID?
    }

    func respond(to request: Request, on channel: any Channel, _ watch: ConnectionWatch?) async -> Response {
        let began = clock.elapsed
        var trace = Trace()
        let response: Response
        do {
            response = ResponseForm.success(try await answer(request, channel, watch, &trace))
        } catch let error as RouteError {
            response = ResponseForm.failure(error.error, allowed: error.allowed)
        } catch let error as APIError {
            response = ResponseForm.failure(error)
        } catch is CancellationError {
            response = ResponseForm.failure(.ending)
        } catch {
            // The description may hold anything: only its kind is logged.
            logger.error(
                "staff request failed",
                metadata: ["operation": "\(trace.endpoint?.rawValue ?? "none")", "error": "\(type(of: error))"])
            response = ResponseForm.failure(
                APIError(.internalError, "the bridge failed at this: its log and 'sila doctor' say more"))
        }
        log(trace, response.status.code, clock.elapsed - began)
        return response
    }

    private func answer(
        _ request: Request, _ channel: any Channel, _ watch: ConnectionWatch?, _ trace: inout Trace
    ) async throws -> Answer {
        guard !streams.isEnding else { throw APIError.ending }
        let route = try Route(method: request.method.rawValue, path: request.uri.path)
        let endpoint = route.endpoint
        trace.endpoint = endpoint
        var admitted: Gatekeeper.Admitted?
        if !endpoint.isPublic {
            let found = try await admit(request, endpoint)
            trace.member = found.viewer.member
            watch?.belongs(to: found.viewer.member)
            admitted = found
        }
        let service = self.service.withLock { $0 }
        if service == nil, !endpoint.worksLocked {
            throw await directory.isLocked
                ? APIError(.locked, "the bridge waits for its working key: 'sila bridge open' gives it")
                : APIError(.locked, "the bridge has its working key and is being opened: try again in a moment")
        }
        let staffRequest = try await read(request, route, channel)
        watch?.received()
        // A body takes its time: whoever left meanwhile does nothing more.
        if admitted != nil, RequestBytes.hasBody(request) { admitted = try await admit(request, endpoint) }
        if let answer = try await atTheDoor(staffRequest, admitted, isLocked: service == nil) { return answer }
        guard let service, let admitted else { throw APIError(.internalError, "\(endpoint.rawValue) is not served") }
        guard endpoint == .addAttachment else {
            return try await work(staffRequest, admitted, service, path: request.uri.path)
        }
        // To hash a file and to write it takes long: nobody else on this thread waits for it.
        return try await withTaskExecutorPreference(globalConcurrentExecutor) {
            try await work(staffRequest, admitted, service, path: request.uri.path)
        }
    }

    /// Throws `unauthenticated`, or `forbidden` when the role may not use the operation.
    private func admit(_ request: Request, _ endpoint: Endpoint) async throws -> Gatekeeper.Admitted {
        let found = try await gate.admit(request.headers[.authorization])
        guard found.viewer.role.access(to: endpoint) != .none else {
            throw APIError(
                .forbidden, "your role (\(found.viewer.role.rawValue)) may not do this: \(endpoint.rawValue)")
        }
        return found
    }

    private func read(_ request: Request, _ route: Route, _ channel: any Channel) async throws -> StaffRequest {
        let endpoint = route.endpoint
        let query = try Query(request.uri.query ?? "", for: endpoint)
        let key = request.headers.value(IdempotencyKey.header).flatMap(IdempotencyKey.init(rawValue:))
        if endpoint.needsIdempotencyKey, key == nil { throw APIError.noKey }
        return StaffRequest(
            route: route, query: query, body: try await RequestBytes.read(request, for: endpoint), key: key,
            lastEventID: request.headers.value("Last-Event-ID"), channel: channel, logger: logger)
    }

    private func atTheDoor(
        _ request: StaffRequest, _ admitted: Gatekeeper.Admitted?, isLocked: Bool
    ) async throws -> Answer? {
        switch request.endpoint {
        case .getHealth: return try await door.health(isLocked: isLocked)
        case .getRoster: return await door.roster()
        case .makeChallenge: return try await door.challenge(request)
        case .logIn:
            return try await door.logIn(request) { viewer in
                if early.keep(viewer) { return }
                await service.withLock { $0 }?.noteLogIn(of: viewer)
            }
        default: break
        }
        guard let admitted else { return nil }
        return switch request.endpoint {
        case .logOut: try door.logOut(admitted.session)
        case .whoAmI: try .value(admitted.info)
        case .unlock: try await unlock(request, admitted.viewer, isLocked: isLocked)
        case .getKeyring: try await door.keyring()
        default: nil
        }
    }

    /// Whoever gives the key is answered when the bridge is open, not only the key taken.
    private func unlock(_ request: StaffRequest, _ viewer: Viewer, isLocked: Bool) async throws -> Answer {
        let answer = try await door.unlock(request, by: viewer, isServed: !isLocked)
        let (opening, over) = AsyncStream.makeStream(of: Never.self)
        let deadline = Task { [clock] in
            try? await clock.sleep(for: Limits.opening)
            over.finish()
        }
        // Not a child: a latch is waited for to its end.
        Task { [attached] in
            await attached.wait()
            over.finish()
        }
        for await _ in opening {}
        deadline.cancel()
        return answer
    }

    private func work(
        _ request: StaffRequest, _ admitted: Gatekeeper.Admitted, _ service: any StaffService, path: String
    ) async throws -> Answer {
        let stream = OpenStream(
            streams: streams, clock: clock, channel: request.channel, member: admitted.viewer.member.rawValue,
            logger: logger)
        switch request.endpoint {
        case .streamEvents:
            guard let last = Decimal.natural(request.lastEventID ?? "0") else {
                throw APIError(.malformed, "Last-Event-ID must be the number of an event")
            }
            try streams.checkRoom(for: admitted.viewer.member.rawValue)
            let events = EventStream(
                service: service, gate: gate, session: admitted.session, stream: stream, after: last, logger: logger)
            return .stream(contentType: EventStream.contentType, events.body)
        case .streamArchive:
            let after = try request.query.number("after")
            try streams.checkRoom(for: admitted.viewer.member.rawValue)
            let archive = ArchiveStream(
                service: service, gate: gate, session: admitted.session, stream: stream, after: after,
                first: try await service.archive(after: after, limit: Limits.archiveBatch, for: admitted.viewer),
                logger: logger)
            return .stream(contentType: BulkStream.contentType, archive.body)
        default: break
        }
        let operations = WorkOperations(
            service: service, directory: directory, viewer: admitted.viewer, request: request, path: path)
        if let answer = try await operations.change() { return answer }
        if let answer = try await operations.read() { return answer }
        throw APIError(.internalError, "\(request.endpoint.rawValue) is not served")
    }

    private func log(_ trace: Trace, _ status: Int, _ duration: Duration) {
        let isQuiet = status < 400 && trace.endpoint?.method == .get
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        logger.log(
            level: isQuiet ? .debug : .info, "staff request",
            metadata: [
                "operation": "\(trace.endpoint?.rawValue ?? "none")", "status": "\(status)",
                "member": "\(trace.member?.rawValue ?? "-")", "ms": "\(milliseconds)",
            ])
    }
}
