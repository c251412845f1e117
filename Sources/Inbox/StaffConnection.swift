import Foundation
import HTTPClient
import Sealing
import StaffProtocol

/// The staff API as a member uses it: logs in when needed, and again when the session has ended.
///
/// Throws `APIError` for what the bridge answers, `ConnectionError` when it does not, `RosterRefusal`
/// when its roster must not be trusted. The methods of the API are in `StaffConnection+API.swift`.
public actor StaffConnection {
    /// How long to wait for what.
    public struct Patience: Sendable {
        /// For one answer.
        public var answer: Duration = .seconds(30)
        /// For a long one: a contact's records, an erasure.
        public var longAnswer: Duration = .seconds(300)
        /// Between two bytes of the bulk stream.
        public var bulkSilence: Duration = .seconds(60)
        /// Between two lines of the event stream; heartbeats come every 15 seconds.
        public var eventSilence: Duration = .seconds(3 * StaffEvent.heartbeat)
        /// Before each further attempt after a lost connection.
        public var pauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(3)]
        public init() {}
    }

    public nonisolated let keys: any KeyHolder
    nonisolated let client: HTTPClient
    nonisolated let patience: Patience
    private let trust: RosterTrust
    private let way: any BridgeWay
    private var session: SessionToken?
    private var loggingIn: Task<SessionToken, any Error>?
    private var trusted: TrustedRoster?

    /// Bytes of an answer at most.
    static let answerLimit = 256 << 20

    public init(
        client: HTTPClient, keys: any KeyHolder, trust: RosterTrust, way: any BridgeWay = DirectWay(),
        patience: Patience = Patience()
    ) {
        self.way = way
        self.client = client
        self.keys = keys
        self.trust = trust
        self.patience = patience
    }

    public nonisolated var member: MemberID { keys.member }

    // MARK: Roster and session

    /// The roster as it was verified last; fetched if it was not yet.
    public func roster() async throws -> TrustedRoster {
        if let trusted { return trusted }
        return try await refreshRoster()
    }

    /// Fetches the roster and verifies it against the pin.
    @discardableResult
    public func refreshRoster() async throws -> TrustedRoster {
        let stored = try await send(StaffRequest(.getRoster)).body
        let accepted = try trust.accept(stored)
        trusted = accepted
        return accepted
    }

    /// Fetches roster and keyring, and gives the archive keys to the key holder. Once at the
    /// beginning, and after each event `roster`.
    @discardableResult
    public func refreshKeys() async throws -> TrustedRoster {
        let roster = try await refreshRoster()
        do {
            try await keys.use(keyring: try await send(StaffRequest(.getKeyring)).body, roster: roster)
            return roster
        } catch {
            // The one may have changed before the other was fetched: then they do not belong together.
            let newer = try await refreshRoster()
            guard newer.verified.sequence > roster.verified.sequence else { throw error }
            try await keys.use(keyring: try await send(StaffRequest(.getKeyring)).body, roster: newer)
            return newer
        }
    }

    /// The member's role in the verified roster; `nil` when they are not in it.
    public func role() async throws -> Role? { try await roster().verified.members[member]?.role }

    /// Logs in unless there is a session.
    ///
    /// Throws `APIError.unauthenticated` when the bridge does not know this member or their key.
    @discardableResult
    public func logIn() async throws -> SessionToken {
        if let session { return session }
        if let loggingIn { return try await loggingIn.value }
        let task = Task { try await makeSession() }
        loggingIn = task
        defer { loggingIn = nil }
        let session = try await task.value
        self.session = session
        return session
    }

    /// Ends the session at the bridge, if there is one.
    public func logOut() async throws {
        guard let token = session?.token else { return }
        session = nil
        let response = try await ask(StaffRequest(.logOut), token: token)
        guard response.status != 401 else { return }
        _ = try Self.checked(response, .logOut)
    }

    private func makeSession() async throws -> SessionToken {
        // The deployment's id comes from the roster that holds against the pin, not from the bridge's
        // word: a signature for one deployment is of no use at another.
        let trusted = try await refreshRoster()
        let roster = trusted.verified
        guard roster.members[member] != nil else {
            // An agent that holds this member's keys learns it here, and forgets them.
            try? await keys.use(keyring: [], roster: trusted)
            throw APIError(
                .unauthenticated,
                "'\(member)' does not belong to this deployment, or does so no longer. A coordinator can admit you: "
                    + "sila join")
        }
        let asked = try StaffRequest(.makeChallenge, [:], ChallengeRequest(member: member.rawValue))
        let challenge: Challenge = try await answer(asked)
        guard challenge.challenge.count == 32 else { throw ConnectionError.unexpected("makeChallenge", status: 200) }
        let signature = try await keys.signLogin(
            deployment: roster.deployment, challenge: Array(challenge.challenge))
        return try await answer(
            StaffRequest(
                .logIn, [:],
                LoginRequest(member: member.rawValue, challenge: challenge.challenge, signature: Data(signature))))
    }

    // MARK: Asking

    /// Asks and decodes the answer.
    func answer<Answer: Decodable>(_ request: StaffRequest, deadline: Duration? = nil) async throws -> Answer {
        let response = try await send(request, deadline: deadline)
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(response.body))
        } catch {
            throw ConnectionError.unexpected(request.endpoint.rawValue, status: response.status)
        }
    }

    /// Asks until there is an answer: with a new session when the old one has ended, and again after a
    /// lost connection if that changes nothing more.
    func send(_ request: StaffRequest, deadline: Duration? = nil) async throws -> HTTPResponse {
        // An earlier try may have arrived, also when the last one surely did not.
        var mayHaveArrived = false
        do {
            return try await send(request, deadline: deadline, &mayHaveArrived)
        } catch let error as ConnectionError where mayHaveArrived {
            throw ConnectionError(error.kind, error.message, isUncertain: true)
        }
    }

    private func send(
        _ request: StaffRequest, deadline: Duration?, _ mayHaveArrived: inout Bool
    ) async throws -> HTTPResponse {
        var pauses = patience.pauses[...]
        var wasRenewed = false
        while true {
            let token = request.endpoint.isPublic ? nil : try await logIn().token
            do {
                let response = try await ask(request, token: token, deadline: deadline)
                if response.status == 401, let token, !wasRenewed {
                    wasRenewed = true
                    forget(token)
                    continue
                }
                return try Self.checked(response, request.endpoint)
            } catch let error as ConnectionError where error.kind == .lost && request.isRepeatable {
                if error.isUncertain { mayHaveArrived = true }
                guard let pause = pauses.popFirst() else { throw error }
                try await Task.sleep(for: pause)
            }
        }
    }

    /// Opens a stream, with a new session when the old one has ended.
    func open(_ request: StaffRequest, silence: Duration, type: String) async throws -> HTTPStream {
        var wasRenewed = false
        while true {
            let token = try await logIn().token
            let stream: HTTPStream
            try await way.prepare()
            var body: [UInt8] = []
            do {
                stream = try await client.stream(request.http(token: token), deadline: patience.answer, idle: silence)
                // What is no stream is an error, and short.
                if stream.head.status != 200 {
                    for try await chunk in stream.body {
                        body += chunk
                        if body.count > 64 * 1024 { break }
                    }
                }
            } catch let error as HTTPError {
                throw await way.explain(ConnectionError(error, socket: client.socketPath))
            }
            if stream.head.status == 200 {
                guard stream.head.contentType == type else {
                    throw ConnectionError.unexpected(request.endpoint.rawValue, status: 200)
                }
                return stream
            }
            if stream.head.status == 401, !wasRenewed {
                wasRenewed = true
                forget(token)
                continue
            }
            _ = try Self.checked(HTTPResponse(head: stream.head, body: body), request.endpoint)
            throw ConnectionError.unexpected(request.endpoint.rawValue, status: stream.head.status)
        }
    }

    /// Only the one that was refused: another call may have logged in meanwhile.
    private func forget(_ token: String) {
        if session?.token == token { session = nil }
    }

    private func ask(_ request: StaffRequest, token: String?, deadline: Duration? = nil) async throws -> HTTPResponse {
        try await way.prepare()
        do {
            return try await client.send(
                request.http(token: token), deadline: deadline ?? patience.answer, limit: Self.answerLimit)
        } catch let error as HTTPError {
            throw await way.explain(ConnectionError(error, socket: client.socketPath))
        }
    }

    private static func checked(_ response: HTTPResponse, _ endpoint: Endpoint) throws -> HTTPResponse {
        guard !(200..<300).contains(response.status) else { return response }
        guard let error = try? JSONDecoder().decode(APIError.self, from: Data(response.body)) else {
            throw ConnectionError.unexpected(endpoint.rawValue, status: response.status)
        }
        throw error
    }
}
