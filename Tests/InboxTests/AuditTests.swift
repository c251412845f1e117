import Foundation
import Sealing
import StaffProtocol
import Testing
import UnixHTTPServer

@testable import Inbox

@Suite struct AuditTests {
    private let route = "GET /v1/audit"

    private func lines(_ count: Int, actor: String = "amina") -> [AuditLine] {
        var chain: [UInt8] = []
        return (1...count).map { number in
            chain = AuditChain.next(
                after: chain, at: Int64(number), kind: "reply", subject: 12, actor: actor, amount: 1)
            return AuditLine(
                id: Int64(number), at: Int64(number), kind: "reply", subject: 12, actor: actor, amount: 1,
                chain: Data(chain))
        }
    }

    private func verify(_ desk: Desk, _ pages: [AuditPage]) async throws -> AuditFinding {
        try await desk.connection.logIn()
        for page in pages { desk.bridge.once(route, [.json(page)]) }
        return try await AuditVerification(desk.connection, folder: desk.deployment.folder).run()
    }

    private func verify(_ desk: Desk, _ lines: [AuditLine]) async throws -> AuditFinding {
        try await verify(desk, [AuditPage(lines: lines, next: 0)])
    }

    @Test func aLogThatHoldsHoldsOverPages() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let lines = lines(5)
        let finding = try await verify(
            desk, [AuditPage(lines: Array(lines[..<2]), next: 2), AuditPage(lines: Array(lines[2...]), next: 0)])
        #expect(finding == AuditFinding(lines: 5, last: lines[4], fault: nil))
        let asked = desk.bridge.server.requests.filter { $0.path == "/v1/audit" }
        #expect(asked.map { $0.query["after"] } == ["0", "2"])
    }

    @Test func theFirstBrokenLineIsNamed() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        var changed = lines(4)
        changed[2].actor = "noor"
        #expect(try await verify(desk, changed).fault == .broken(changed[2]))
        var missing = lines(4)
        missing.remove(at: 1)
        #expect(try await verify(desk, missing).fault == .broken(missing[1]))
        var swapped = lines(4)
        swapped.swapAt(1, 2)
        #expect(try await verify(desk, swapped).holds == false)
        var repeated = lines(2)
        repeated.append(repeated[1])
        #expect(try await verify(desk, repeated).fault == .outOfOrder(repeated[2]))
    }

    @Test func aLogThatWasShortenedOrWrittenAnewIsSeen() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let whole = lines(4)
        #expect(try await verify(desk, whole).holds)
        let mark = AuditMark(line: 4, chain: whole[3].chain)
        #expect(try await verify(desk, Array(whole[..<3])).fault == .shortened(mark))
        // Each of its lines follows from the one before.
        #expect(try await verify(desk, lines(5, actor: "noor")).fault == .rewritten(mark))
        #expect(try await verify(desk, lines(6)).holds)
        #expect(try await verify(desk, Array(lines(6)[..<5])).holds == false)
    }

    @Test func aForkByARestoreIsNamed() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        #expect(try await verify(desk, lines(6)).restored == nil)
        var forked = Array(lines(6)[..<3])
        let chain = AuditChain.next(
            after: Array(forked[2].chain), at: 9, kind: "restored-from-backup", subject: 1, actor: "", amount: 0)
        forked.append(
            AuditLine(
                id: 4, at: 9, kind: "restored-from-backup", subject: 1, actor: "", amount: 0, chain: Data(chain)))
        let finding = try await verify(desk, forked)
        #expect(finding.holds == false && finding.restored == forked[3])
    }

    @Test func pagesThatGoRoundAreNoLoop() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let error = await caught(ConnectionError.self) {
            try await verify(
                desk,
                [AuditPage(lines: lines(2), next: 2), AuditPage(lines: [], next: 2), AuditPage(lines: [], next: 2)])
        }
        #expect(error?.kind == .notABridge)
    }
}
