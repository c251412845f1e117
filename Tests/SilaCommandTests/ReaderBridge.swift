import Foundation
import Inbox
import InboxReader
import Sealing
import StaffProtocol
import Synchronization
import Testing
import UnixHTTPServer

@testable import Unsealing
@testable import sila

/// A bridge that lets everybody in, gives what a test puts there and takes every change once.
final class ReaderBridge: Sendable {
    typealias Request = UnixHTTPServer.Request
    typealias Step = UnixHTTPServer.Step

    struct State: Sendable {
        var roster: [UInt8] = []
        var keyring: [UInt8] = []
        var pages: [Int64: ConversationPage] = [:]
        /// Answers given once, before anything else: by method and path.
        var once: [String: [[Step]]] = [:]
        /// Standing answers.
        var answers: [String: [Step]] = [:]
        /// Changes in the order in which they were done.
        var changes: [Request] = []
    }

    private let state: Shared
    let server: UnixHTTPServer

    private final class Shared: Sendable {
        let value = Mutex(State())
    }

    init(_ path: String) throws {
        let state = Shared()
        self.state = state
        server = try UnixHTTPServer(path: path) { request in state.value.withLock { Self.answer(request, &$0) } }
    }

    func change(_ body: (inout State) -> Void) { state.value.withLock { body(&$0) } }
    func look<R: Sendable>(_ body: (State) -> R) -> R { state.value.withLock { body($0) } }
    func once(_ route: String, _ steps: [Step]...) { change { $0.once[route, default: []] += steps } }
    func always(_ route: String, _ steps: [Step]) { change { $0.answers[route] = steps } }

    /// The change is made, and nothing is answered; or not even made.
    static let doneWithoutAnswer: [Step] = [.send([]), .close]
    static let lost: [Step] = [.close]
    static func refusal(_ code: APIError.Code, current: String? = nil) -> [Step] {
        [.json(APIError(code, "the bridge says \(code.rawValue)", current: current), status: code.status)]
    }

    private static func answer(_ request: Request, _ state: inout State) -> [Step] {
        let route = "\(request.method) \(request.path)"
        if var queue = state.once[route], !queue.isEmpty {
            let steps = queue.removeFirst()
            state.once[route] = queue
            if case .send([])? = steps.first { _ = take(request, &state) }
            return steps
        }
        if let steps = state.answers[route] { return steps }
        switch route {
        case "GET /v1/roster": return [.answer(state.roster)]
        case "GET /v1/keyring": return [.answer(state.keyring)]
        case "POST /v1/session/challenge":
            return [.json(Challenge(challenge: Data(Randomness.system.bytes(32)), expiresAt: 1))]
        case "POST /v1/session": return [.json(SessionToken(token: "token", expiresAt: 1, role: "coordinator"))]
        case "POST /v1/suggestions": return [.json(Suggestions(variety: "nl", suggestions: []))]
        case "DELETE /v1/session", "POST /v1/audit/opened": return [.json(Done())]
        default: break
        }
        let parts = request.path.split(separator: "/")
        if request.method == "GET", parts.count == 3, parts[1] == "conversations", let id = Int64(parts[2]) {
            return state.pages[id].map { [.json($0)] } ?? refusal(.notFound)
        }
        return take(request, &state)
    }

    /// The same key again does nothing twice; with other words it is refused.
    private static func take(_ request: Request, _ state: inout State) -> [Step] {
        guard let key = request.headers["idempotency-key"] else { return refusal(.malformed) }
        let before = state.changes.firstIndex { $0.headers["idempotency-key"] == key }
        if let before, state.changes[before].body != request.body || state.changes[before].target != request.target {
            return refusal(.keyReused)
        }
        if before == nil { state.changes.append(request) }
        let number = Int64((before ?? state.changes.count - 1) + 1)
        return [.json(Created(id: number, position: number * 100))]
    }
}

/// A coordinator at her machine with the reader's backend, and a bridge.
struct ReaderDesk {
    let scene: Scene
    let bridge: ReaderBridge
    let session: BridgeSession
    let backend: InboxBackend
    private let files: TestFolder

    static let row = Sample.row()

    init() async throws {
        scene = try Scene()
        files = try TestFolder()
        bridge = try ReaderBridge(files.file("s"))
        let roster = try await scene.office.roster()
        let keyring = try await scene.office.keyring()
        bridge.change { state in
            state.roster = roster
            state.keyring = keyring
            state.pages[12] = Self.page(row: Self.row)
        }
        session = try await Self.session(scene, bridge)
        backend = InboxBackend(session, texts: try .embedded(.english))
    }

    /// As another program on the same machine, which has the files only.
    func again() async throws -> InboxBackend {
        InboxBackend(try await Self.session(scene, bridge), texts: backend.texts)
    }

    func end() { bridge.server.stop() }

    private static func session(_ scene: Scene, _ bridge: ReaderBridge) async throws -> BridgeSession {
        let machine = StaffMachine(
            folder: scene.machine.folder, member: scene.keys.id, bridge: .socket(bridge.server.path))
        var patience = StaffConnection.Patience()
        patience.pauses = []
        let work = try await InboxSession.open(
            machine.profile, in: machine.profileFolder, keys: UnlockedKeys(scene.keys), patience: patience)
        return BridgeSession(machine: machine, work: work, agent: nil)
    }

    static func page(row: InboxRow, _ items: [SealedItem] = [], _ segments: [SealedSegment] = []) -> ConversationPage {
        ConversationPage(row: row, items: items, segments: segments, older: "", olderWithheld: false, event: 3)
    }

    /// The texts of the replies that were done, oldest first.
    var replies: [ReplyRequest] {
        bridge.look(\.changes).compactMap { try? JSONDecoder().decode(ReplyRequest.self, from: Data($0.body)) }
    }

    /// What a change was refused for; `nil` when it was done.
    func apply(_ change: ReaderChange, id: String = "a-change-1", by backend: InboxBackend? = nil) async
        -> ReaderFailure.Kind?
    {
        do {
            try await (backend ?? self.backend).apply(change, to: 12, id: id)
            return nil
        } catch {
            return error.kind
        }
    }

    func draft(
        _ text: String, _ purpose: ReaderDraft.Purpose = .reply, change: String = "a-change-1"
    ) -> ReaderDraft {
        ReaderDraft(conversation: 12, purpose: purpose, text: text, change: change, at: 5)
    }
}
