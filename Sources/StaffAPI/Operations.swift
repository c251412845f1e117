import Foundation
import HummingbirdCore
import Logging
import NIOCore
import Sealing
import StaffProtocol

/// A request that was let in, with everything that an operation needs of it.
struct StaffRequest: Sendable {
    let route: Route
    let query: Query
    let body: [UInt8]
    let key: IdempotencyKey?
    let lastEventID: String?
    let channel: any Channel
    let logger: Logger

    var endpoint: Endpoint { route.endpoint }

    func decode<Value: CheckedBody>(_ type: Value.Type) throws -> Value { try StrictJSON.decode(type, from: body) }

    /// Throws `malformed` when the request has no idempotency key.
    func call(_ viewer: Viewer, path: String) throws(APIError) -> Call {
        guard let key else { throw APIError.noKey }
        return Call(viewer: viewer, endpoint: endpoint, key: key, request: hash(path: path))
    }

    /// SHA-256 over method, path and body: what an idempotency key stands for.
    private func hash(path: String) -> [UInt8] {
        RequestHash.bytes(method: endpoint.method.rawValue, path: path, body: body)
    }
}

extension APIError {
    static let noKey = APIError(
        .malformed,
        "\(IdempotencyKey.header) is missing: 8 to 64 letters, digits, hyphens, new for each intended change")
}

/// What goes back with status 200.
enum Answer: Sendable {
    case json([UInt8])
    case stream(contentType: String, ResponseBody)

    static func value(_ value: some Encodable) throws -> Answer { .json(try StrictJSON.encode(value)) }
}

/// The operations that work without the store: log-in, roster, keyring, unlocking.
struct DoorOperations: Sendable {
    let gate: Gatekeeper
    let directory: any StaffDirectory
    let version: String

    func health(isLocked: Bool) async throws -> Answer {
        let roster = await directory.roster().verified
        return try .value(
            Health(
                state: isLocked ? .locked : .ready, version: version, deployment: Data(roster.deployment),
                rosterSequence: roster.sequence))
    }

    func roster() async -> Answer { .json(await directory.roster().stored) }
    func keyring() async throws -> Answer { .json(try await directory.keyring()) }

    func challenge(_ request: StaffRequest) async throws -> Answer {
        try .value(try await gate.challenge(request.decode(ChallengeRequest.self)))
    }

    /// - Parameter note: told who came in, before they are answered.
    func logIn(_ request: StaffRequest, note: (Viewer) async -> Void) async throws -> Answer {
        let (token, viewer) = try await gate.logIn(request.decode(LoginRequest.self))
        await note(viewer)
        return try .value(token)
    }

    func logOut(_ session: SessionBook.ID) throws -> Answer {
        gate.end(session)
        return try .value(Done())
    }

    /// - Parameter isServed: whether the bridge does its work: with the key alone it is still being opened.
    func unlock(_ request: StaffRequest, by viewer: Viewer, isServed: Bool) async throws -> Answer {
        let key = try request.decode(UnlockRequest.self)
        guard await directory.isLocked else {
            guard isServed else { return try .value(Done()) }
            throw APIError(.conflict, "the bridge is open already: it has its working key")
        }
        return try .value(try await directory.unlock(workingKey: Array(key.workingKey), by: viewer))
    }
}
