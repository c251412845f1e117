import Foundation
import HTTPClient
import Sealing
import StaffProtocol
import Testing
import UnixHTTPServer

@testable import Inbox
@testable import Unsealing

@Suite struct ConnectionTests {
    private func row() -> InboxPage { InboxPage(rows: [.test(12)], waiting: 1, danger: 0, next: "", event: 9) }

    @Test func itLogsInByItselfOnce() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.always("GET /v1/inbox", [.json(row())])
        let connection = desk.connection
        try await withThrowingTaskGroup(of: Int64?.self) { group in
            for _ in 0..<8 { group.addTask { try await connection.inbox(.waiting).rows.first?.conversation } }
            for try await conversation in group { #expect(conversation == 12) }
        }
        #expect(desk.bridge.look(\.logIns) == 1)
        let request = try #require(desk.bridge.server.requests.last)
        #expect(request.query == ["filter": "waiting", "limit": "50"])
        #expect(request.headers["authorization"] == "Bearer token-1")
    }

    @Test func itLogsInAgainWhenTheSessionHasEnded() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.always("GET /v1/inbox", [.json(row())])
        _ = try await desk.connection.inbox(.all)
        desk.bridge.forgetSessions()
        _ = try await desk.connection.inbox(.all)
        #expect(desk.bridge.look(\.logIns) == 2)
    }

    @Test func aSessionThatIsAlwaysRefusedIsNoLoop() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.always("GET /v1/inbox", [.json(APIError(.unauthenticated, "never"), status: 401)])
        let error = await caught(APIError.self) { try await desk.connection.inbox(.all) }
        #expect(error?.code == .unauthenticated)
        #expect(desk.bridge.look(\.logIns) == 2)
    }

    @Test func nobodyLogsInToASubstitutedBridge() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let other = try TestDeployment().roster.encoded()
        desk.bridge.change { $0.roster = other }
        let refusal = await caught(RosterRefusal.self) { try await desk.connection.logIn() }
        #expect(refusal?.isSubstituted == true)
        // No signature was given away.
        #expect(!desk.bridge.server.requests.contains { $0.path == "/v1/session" })
    }

    @Test func aMemberWhoIsNotInTheRosterIsToldSo() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let stranger = StaffKeys(id: try #require(MemberID(rawValue: "stranger")))
        let connection = StaffConnection(
            client: HTTPClient(socketPath: desk.bridge.server.path), keys: UnlockedKeys(stranger),
            trust: RosterTrust(desk.deployment.folder))
        let error = await caught(APIError.self) { try await connection.logIn() }
        #expect(error?.code == .unauthenticated)
        #expect(error?.message.contains("stranger") == true)
    }

    @Test func aLostAnswerIsAskedForAgainWithTheSameKey() async throws {
        let desk = try await Desk { $0.pauses = [.zero, .zero] }
        defer { desk.end() }
        desk.bridge.once("PUT /v1/conversations/12/takeover", .lost, .lost)
        desk.bridge.always("PUT /v1/conversations/12/takeover", [.json(InboxRow.test(12))])
        _ = try await desk.connection.takeOver(12, TakeoverRequest(taken: true))
        let sent = desk.bridge.server.requests.filter { $0.method == "PUT" }
        #expect(sent.count >= 3)
        #expect(Set(sent.map { $0.headers["idempotency-key"] }).count == 1)
    }

    @Test func whatHasNoKeyIsNotRepeated() async throws {
        let desk = try await Desk { $0.pauses = [.zero, .zero] }
        defer { desk.end() }
        try await desk.connection.logIn()
        desk.bridge.always("POST /v1/suggestions", [.text("HTTP/1.1 200 OK\r\n"), .close])
        let error = await caught(ConnectionError.self) { try await desk.connection.suggest("?") }
        #expect(error?.kind == .lost)
        #expect(error?.isUncertain == true)
        #expect(desk.bridge.server.requests.count { $0.path == "/v1/suggestions" } == 1)
    }

    @Test func aBridgeThatDoesNotRunIsNamed() async throws {
        let desk = try await Desk()
        desk.end()
        let error = await caught(ConnectionError.self) { try await desk.connection.health() }
        #expect(error?.kind == .notRunning)
        #expect(error?.isUncertain == false)
        #expect(error?.message.contains(desk.bridge.server.path) == true)
    }

    @Test(arguments: [
        [UnixHTTPServer.Step.answer(200, type: "text/html", Array("<html>".utf8))],
        [.answer(502, type: "text/html", Array("bad gateway".utf8))],
        [.text("SSH-2.0-x\r\n"), .close],
    ])
    func whatIsNoBridgeIsNamed(_ steps: [UnixHTTPServer.Step]) async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.once("GET /v1/health", steps)
        let error = await caught(ConnectionError.self) { try await desk.connection.health() }
        #expect(error?.kind == .notABridge)
    }

    @Test func whatTheBridgeSaysComesThrough() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let said = APIError(.conflict, "Somebody else has it.", current: "noor")
        desk.bridge.always("PUT /v1/conversations/12/assignment", [.json(said, status: 409)])
        let error = await caught(APIError.self) {
            try await desk.connection.assign(12, AssignmentRequest(member: "amina", from: ""))
        }
        #expect(error == said)
    }

    @Test func loggingOutEndsTheSession() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        try await desk.connection.logIn()
        try await desk.connection.logOut()
        #expect(desk.bridge.look(\.tokens).isEmpty)
        #expect(desk.bridge.server.requests.last?.method == "DELETE")
    }

    @Test func cursorsAreWrittenSoThatTheyArriveWhole() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.always("GET /v1/inbox", [.json(row())])
        _ = try await desk.connection.inbox(.mine, limit: 5, after: "1&filter=all #+%/é")
        #expect(desk.bridge.server.requests.last?.query["after"] == "1&filter=all #+%/é")
        #expect(desk.bridge.server.requests.last?.query["filter"] == "mine")
    }

    @Test func pagesOfTheInboxAreJoined() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        try await desk.connection.logIn()
        desk.bridge.once(
            "GET /v1/inbox",
            [.json(InboxPage(rows: [.test(1)], waiting: 3, danger: 1, next: "a", event: 9))],
            [.json(InboxPage(rows: [.test(2)], waiting: 3, danger: 1, next: "a", event: 9))])
        let listing = try await InboxReading(desk.connection).all(.all, limit: 10)
        #expect(listing.entries.map(\.id.description) == ["c1"])
        #expect(listing.entries.first?.label == "contact-7")
        #expect(listing.waiting == 3)
    }
}
