import Crypto
import Foundation
import HTTPClient
import Sealing
import StaffProtocol
import Synchronization
import UnixHTTPServer

@testable import Inbox
@testable import Unsealing

/// A bridge that answers from what the test puts in, and misbehaves when told.
final class FakeBridge: Sendable {
    typealias Request = UnixHTTPServer.Request
    typealias Step = UnixHTTPServer.Step

    struct State: Sendable {
        var roster: [UInt8] = []
        var keyring: [UInt8] = []
        var members: [String: [UInt8]] = [:]
        var deployment: [UInt8] = []
        var challenges: Set<Data> = []
        var tokens: Set<String> = []
        var logIns = 0
        var pages: [Int64: ConversationPage] = [:]
        /// Answers given once, before anything else: by method and path.
        var once: [String: [[Step]]] = [:]
        /// Standing answers.
        var answers: [String: [Step]] = [:]
        /// Changes that were done, by idempotency key.
        var done: [String: Request] = [:]
        /// In the order in which they were done.
        var changes: [Request] = []
        var opened: [OpenedReport] = []
    }

    private let state = Mutex(State())
    let server: UnixHTTPServer

    init(_ deployment: TestDeployment) throws {
        let holder = Mutex<FakeBridge?>(nil)
        let box = Box(holder)
        server = try UnixHTTPServer(path: deployment.files.file("s")) { request in
            box.value.withLock { $0 }?.answer(request) ?? [.close]
        }
        let roster = try deployment.roster.encoded()
        let keyring = try deployment.keyring.encoded()
        state.withLock { state in
            state.roster = roster
            state.keyring = keyring
            state.deployment = deployment.verified.deployment
            for (id, member) in deployment.verified.members { state.members[id.rawValue] = member.signingKey }
        }
        box.value.withLock { $0 = self }
    }

    private final class Box: Sendable {
        let value: Mutex<FakeBridge?>
        init(_ value: consuming Mutex<FakeBridge?>) { self.value = value }
    }

    func stop() { server.stop() }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    func look<R: Sendable>(_ body: (State) -> R) -> R { state.withLock { body($0) } }

    /// The next answers to a request, one after another.
    func once(_ route: String, _ steps: [Step]...) { change { $0.once[route, default: []] += steps } }
    func always(_ route: String, _ steps: [Step]) { change { $0.answers[route] = steps } }

    /// Ends all sessions.
    func forgetSessions() { change { $0.tokens = [] } }

    // MARK: Answers

    private func answer(_ request: Request) -> [Step] {
        state.withLock { state in
            let route = "\(request.method) \(request.path)"
            if var queue = state.once[route], !queue.isEmpty {
                let steps = queue.removeFirst()
                state.once[route] = queue
                // A fault after the change was made, when it says so.
                if request.headers["idempotency-key"] != nil, steps.isAfterChange {
                    _ = Self.change(request, &state)
                }
                return steps
            }
            switch route {
            case "GET /v1/roster": return [.answer(state.roster)]
            case "POST /v1/session/challenge": return Self.challenge(&state)
            case "POST /v1/session": return Self.logIn(request, &state)
            default: break
            }
            let token = request.headers["authorization"].map { String($0.dropFirst("Bearer ".count)) }
            guard let token, state.tokens.contains(token) else {
                return [.json(APIError(.unauthenticated, "no session"), status: 401)]
            }
            if let steps = state.answers[route] { return steps }
            return Self.answer(request, route, &state)
        }
    }

    private static func answer(_ request: Request, _ route: String, _ state: inout State) -> [Step] {
        switch route {
        case "GET /v1/keyring": return [.answer(state.keyring)]
        case "DELETE /v1/session":
            state.tokens = []
            return [.json(Done())]
        case "POST /v1/audit/opened":
            if let report = try? JSONDecoder().decode(OpenedReport.self, from: Data(request.body)) {
                state.opened.append(report)
            }
            return [.json(Done())]
        default: break
        }
        let parts = request.path.split(separator: "/")
        if request.method == "GET", parts.count == 3, parts[1] == "conversations", let id = Int64(parts[2]) {
            guard let page = state.pages[id] else { return [.json(APIError(.notFound, "no such"), status: 404)] }
            return [.json(page)]
        }
        guard request.headers["idempotency-key"] != nil else {
            return [.json(APIError(.malformed, "no key"), status: 400)]
        }
        return change(request, &state)
    }

    private static func change(_ request: Request, _ state: inout State) -> [Step] {
        let key = request.headers["idempotency-key"] ?? ""
        if let before = state.done[key] {
            guard before.body == request.body, before.target == request.target else {
                return [.json(APIError(.keyReused, "another request"), status: 409)]
            }
        } else {
            state.done[key] = request
            state.changes.append(request)
        }
        let number = Int64(state.changes.firstIndex { $0.headers["idempotency-key"] == key } ?? 0) + 1
        return [.json(Created(id: number, position: number * 100))]
    }

    private static func challenge(_ state: inout State) -> [Step] {
        let challenge = Data(Randomness.system.bytes(32))
        state.challenges.insert(challenge)
        return [.json(Challenge(challenge: challenge, expiresAt: 1))]
    }

    private static func logIn(_ request: Request, _ state: inout State) -> [Step] {
        let refusal: [Step] = [.json(APIError(.unauthenticated, "not you"), status: 401)]
        guard let login = try? JSONDecoder().decode(LoginRequest.self, from: Data(request.body)),
            state.challenges.remove(login.challenge) != nil, let member = MemberID(rawValue: login.member),
            let key = state.members[login.member].flatMap({
                try? Curve25519.Signing.PublicKey(rawRepresentation: $0)
            })
        else { return refusal }
        let signed = LoginTranscript.bytes(
            deployment: state.deployment, member: member, challenge: Array(login.challenge))
        guard key.isValidSignature(login.signature, for: signed) else { return refusal }
        state.logIns += 1
        let token = "token-\(state.logIns)"
        state.tokens.insert(token)
        return [.json(SessionToken(token: token, expiresAt: 1, role: "coordinator"))]
    }
}

extension [UnixHTTPServer.Step] {
    /// The change is made, and nothing is answered.
    static var doneWithoutAnswer: Self { [.send([]), .close] }
    /// Nothing is made, nothing is answered.
    static var lost: Self { [.close] }

    fileprivate var isAfterChange: Bool {
        if case .send([])? = first { true } else { false }
    }
}

/// A deployment, its bridge, and a member's connection to it.
struct Desk {
    let deployment: TestDeployment
    let bridge: FakeBridge
    let connection: StaffConnection
    let keys: UnlockedKeys
    let sealer: StaffSealer

    init(asIntern: Bool = false, _ change: (inout StaffConnection.Patience) -> Void = { _ in }) async throws {
        deployment = try TestDeployment()
        bridge = try FakeBridge(deployment)
        keys = try await deployment.unlocked(asIntern ? deployment.intern : deployment.coordinator)
        var patience = StaffConnection.Patience()
        patience.pauses = []
        change(&patience)
        connection = StaffConnection(
            client: HTTPClient(socketPath: bridge.server.path), keys: keys, trust: RosterTrust(deployment.folder),
            patience: patience)
        sealer = StaffSealer(roster: deployment.verified, now: { TestDeployment.date })
    }

    var drafts: DraftStore { DraftStore(deployment.folder, keys: keys) }
    var replies: ReplyFlow { ReplyFlow(connection, drafts: drafts, sealer: sealer, now: { TestDeployment.date }) }

    func end() { bridge.stop() }
}
