import Foundation
import HTTPClient
import Inbox
import Sealing
import StaffProtocol
import Unsealing

/// How a command presents itself to the bridge.
enum StaffLogin {
    /// Not at all: for what the bridge tells anyone.
    case none
    /// With keys that were unlocked for this command.
    case keys(StaffKeys)
    /// With the keys that an agent holds; without one, the passphrase is asked for.
    case held(passphraseFile: String?)
}

/// Where the commands about people and keys get their bridge.
enum StaffConnector {
    /// Connects, logs in if asked to, does the work, and ends the connection however the work ends.
    ///
    /// - Throws: `ConnectionError` when the bridge is not reached, and what the work throws.
    static func desk<Result>(
        _ machine: StaffMachine, login: StaffLogin, _ work: (StaffDesk) async throws -> Result
    ) async throws -> Result {
        switch login {
        case .none:
            let office = try PublicOffice(machine)
            return try await closing(office.close) {
                try await work(StaffDesk(machine: machine, office: office))
            }
        case .keys(let keys):
            return try await session(machine, keys: UnlockedKeys(keys), work)
        case .held(let file):
            let holder = try BridgeSession.holder(of: machine, passphraseFile: file)
            return try await session(machine, keys: holder.keys, work)
        }
    }

    private static func session<Result>(
        _ machine: StaffMachine, keys: any KeyHolder, _ work: (StaffDesk) async throws -> Result
    ) async throws -> Result {
        let session = try await InboxSession.open(
            machine.profile, in: machine.profileFolder, keys: keys, mayAsk: Terminal.isPresent)
        return try await closing(session.close) {
            try await work(StaffDesk(machine: machine, office: ConnectedOffice(connection: session.connection)))
        }
    }

    private static func closing<Result>(
        _ close: () async -> Void, _ work: () async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await work()
            await close()
            return result
        } catch {
            await close()
            throw error
        }
    }
}

/// The bridge to a member who is logged in.
struct ConnectedOffice: StaffOffice {
    let connection: StaffConnection

    func health() async throws -> Health { try await connection.health() }
    func roster() async throws -> [UInt8] { try await connection.refreshRoster().stored }
    func keyring() async throws -> [UInt8] { try await connection.keyring() }
    func changeStaff(_ change: StaffChange) async throws { try await connection.changeStaff(change) }
    func staff() async throws -> [StaffMember] { try await connection.staff() }
    func openWork(of member: MemberID) async throws -> OpenWork { try await connection.openWork(of: member) }

    func setSettings(_ settings: MemberSettings, of member: MemberID) async throws -> MemberSettings {
        try await connection.setSettings(settings, of: member)
    }

    func unlock(workingKey: SecretBytes) async throws { try await connection.unlock(workingKey: workingKey) }
}

/// The bridge to anyone: what it says without a log-in, for a machine that does not know it yet.
struct PublicOffice: StaffOffice {
    private let client: HTTPClient
    private let way: any BridgeWay
    private let forward: SSHForward?

    /// Bytes of an answer at most.
    private static let limit = 16 << 20

    init(_ machine: StaffMachine) throws {
        switch machine.profile.place {
        case .socket(let path):
            client = HTTPClient(socketPath: path)
            forward = nil
            way = DirectWay()
        case .host(let host, let socket):
            let made = try SSHForward(.init(host: host, remoteSocket: socket, mayAsk: Terminal.isPresent))
            client = HTTPClient(socketPath: made.socketPath)
            forward = made
            way = made
        }
    }

    func close() async {
        client.close()
        await forward?.close()
    }

    func health() async throws -> Health {
        let answer = Data(try await get(.getHealth))
        guard let health = try? JSONDecoder().decode(Health.self, from: answer) else {
            throw ConnectionError(
                .notABridge, "What answers is not a Sila bridge of this version. Update bridge and sila.")
        }
        return health
    }

    func roster() async throws -> [UInt8] { try await get(.getRoster) }

    func keyring() async throws -> [UInt8] { throw Self.needsLogin }
    func changeStaff(_ change: StaffChange) async throws { throw Self.needsLogin }
    func staff() async throws -> [StaffMember] { throw Self.needsLogin }
    func openWork(of member: MemberID) async throws -> OpenWork { throw Self.needsLogin }
    func setSettings(_ settings: MemberSettings, of member: MemberID) async throws -> MemberSettings {
        throw Self.needsLogin
    }
    func unlock(workingKey: SecretBytes) async throws { throw Self.needsLogin }

    private static let needsLogin = APIError(.unauthenticated, "This needs a log-in.")

    private func get(_ endpoint: Endpoint) async throws -> [UInt8] {
        try await way.prepare()
        let response: HTTPResponse
        do {
            response = try await client.send(
                HTTPRequest(.get, endpoint.path), deadline: .seconds(30), limit: Self.limit)
        } catch let error as HTTPError {
            throw await way.explain(Self.unreached(error, client.socketPath))
        }
        guard response.status == 200 else {
            throw (try? JSONDecoder().decode(APIError.self, from: Data(response.body)))
                ?? APIError(.internalError, "The bridge answered with status \(response.status).")
        }
        return response.body
    }

    private static func unreached(_ error: HTTPError, _ socket: String) -> ConnectionError {
        switch error.kind {
        case .missing, .refused:
            ConnectionError(.notRunning, "The bridge does not run: nobody listens on '\(socket)'. Start silad.")
        case .permission:
            ConnectionError(
                .noAccess, "You may not use the socket '\(socket)'. Ask who runs the bridge to let this user in.")
        default:
            ConnectionError(.lost, "The bridge did not answer: \(error).")
        }
    }
}
