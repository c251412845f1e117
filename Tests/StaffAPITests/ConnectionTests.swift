import Foundation
import NIOCore
import Sealing
import StaffProtocol
import Testing

@testable import StaffAPI

/// Requests that come slowly, answers that are not read, and connections that are only held.
@Suite struct ConnectionTests {
    /// The head of a reply, of which one byte of the body is still to come.
    private func beginReply(_ server: Harness, _ token: String) async throws -> (wire: Wire, last: [UInt8]) {
        let body = try Specimen(.reply).body.orThrow()
        let wire = try Wire(server.path)
        let head = [
            "POST \(try Specimen(.reply).path) HTTP/1.1", "Host: bridge", "Authorization: Bearer \(token)",
            "\(IdempotencyKey.header): 0123-abcd", "Content-Type: application/json", "Content-Length: \(body.count)",
        ]
        try await wire.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body.dropLast())
        // Once another request of the session is answered this one was admitted: one thread reads both, in turn.
        #expect(try await server.send("GET", "/v1/session", token: token).status == 200)
        return (wire, Array(body.suffix(1)))
    }

    /// Whether what would complete a request is no longer answered.
    private func isClosed(_ wire: Wire, _ rest: String) async -> Bool {
        do {
            try await wire.send(rest)
            _ = try await wire.reply()
            return false
        } catch {
            return true
        }
    }

    @Test func whoLeavesWhileTheBodyComesDoesNothingMore() async throws {
        try await withServer { server in
            let (wire, last) = try await beginReply(server, server.logIn(.staff))
            await server.directory.set(try server.people.with(.dismiss(MemberID.named("staff"))))
            try await wire.send(last)
            #expect(try await wire.reply().error?.code == .unauthenticated)
            #expect(server.service.asked.isEmpty)
        }
    }

    @Test func whoLogsOutWhileTheBodyComesDoesNothingMore() async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            let (wire, last) = try await beginReply(server, token)
            #expect(try await server.send("DELETE", "/v1/session", token: token).status == 200)
            try await wire.send(last)
            #expect(try await wire.reply().error?.code == .unauthenticated)
            #expect(server.service.asked.isEmpty)
        }
    }

    @Test func whoStaysIsServed() async throws {
        try await withServer { server in
            let (wire, last) = try await beginReply(server, server.logIn(.staff))
            try await wire.send(last)
            #expect(try await wire.reply().status == 200)
        }
    }

    @Test func aRequestThatTakesTooLongIsCutOffThoughBytesCome() async throws {
        try await withServer(rules: ConnectionRules(patience: .milliseconds(500))) { server in
            let wire = try Wire(server.path)
            try await wire.send(
                "POST /v1/session HTTP/1.1\r\nHost: bridge\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 4000\r\n\r\n")
            // The bytes come slowly enough that not all of them are there within a minute.
            var isOpen = true
            for _ in 0..<3_000 where isOpen {
                isOpen = (try? await wire.send(" ")) != nil
                if isOpen { try await Task.sleep(for: .milliseconds(20)) }
            }
            #expect(!isOpen, "cut off")
        }
    }

    @Test func answersThatAreNotReadAreCutOff() async throws {
        try await withServer(rules: ConnectionRules(patience: .milliseconds(500))) { server in
            let wire = try Wire(server.path)
            // Far more than the buffers of both sides take: sending ends when the connection does.
            let request = "GET /v1/roster HTTP/1.1\r\nHost: bridge\r\n\r\n"
            let failure = await #expect(throws: Wire.Failure.self) {
                try await wire.send(String(repeating: request, count: 200_000))
            }
            #expect(failure?.description != "cannot send: \(EAGAIN)", "cut off, not held for ever")
        }
    }

    @Test func connectionsThatAreHeldKeepNobodyOut() async throws {
        try await withServer(rules: ConnectionRules(strangers: 4)) { server in
            let token = try await server.logIn(.staff)
            let known = try Wire(server.path)
            try await known.send("GET", "/v1/session", headers: ["Authorization": "Bearer \(token)"])
            #expect(try await known.reply().status == 200)
            var held: [Wire] = []
            for _ in 0..<8 {
                let wire = try Wire(server.path)
                try await wire.send(
                    "POST /v1/session HTTP/1.1\r\nHost: bridge\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 50\r\n\r\n{")
                held.append(wire)
            }
            #expect(try await server.send("GET", "/v1/health").status == 200)
            #expect(await isClosed(held[0], "".padding(toLength: 49, withPad: " ", startingAt: 0)))
            try await known.send("GET", "/v1/session", headers: ["Authorization": "Bearer \(token)"])
            #expect(try await known.reply().status == 200, "whoever has a session is not in their number")
        }
    }

    @Test func theOldestOfAMemberMakesRoom() async throws {
        try await withServer(rules: ConnectionRules(ofMember: 3)) { server in
            let (staff, intern) = (try await server.logIn(.staff), try await server.logIn(.intern))
            func connect(_ token: String) async throws -> Wire {
                let wire = try Wire(server.path)
                try await wire.send("GET", "/v1/session", headers: ["Authorization": "Bearer \(token)"])
                #expect(try await wire.reply().status == 200)
                return wire
            }
            let other = try await connect(intern)
            var wires: [Wire] = []
            for _ in 0..<4 { wires.append(try await connect(staff)) }
            #expect(await isClosed(wires[0], "GET /v1/health HTTP/1.1\r\nHost: bridge\r\n\r\n"))
            for wire in wires.dropFirst() + [other] {
                try await wire.send("GET", "/v1/health")
                #expect(try await wire.reply().status == 200)
            }
        }
    }

    @Test func aLongAnswerComesWhole() async throws {
        try await withServer { server in
            let stored = Array(repeating: UInt8(ascii: " "), count: 1 << 20) + Array("{}".utf8)
            await server.directory.store(keyring: stored)
            let reply = try await server.send("GET", "/v1/keyring", token: server.logIn(.staff))
            #expect(reply.body == stored)
            #expect(reply.headers["content-length"] == String(stored.count))
        }
    }
}
