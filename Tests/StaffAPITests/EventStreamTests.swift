import Foundation
import Sealing
import StaffProtocol
import Testing

@Suite struct EventStreamTests {
    @Test func eventsComeWithNumberKindAndData() async throws {
        try await withServer { server in
            let wire = try await server.openEvents(server.logIn(.staff))
            server.service.emit(.item)
            let text = try await wire.chunks(until: "\n\n")
            #expect(
                text
                    == "id: 1\nevent: item\n"
                    + #"data: {"at":1000,"conversation":12,"kind":"item","number":1,"position":1}"# + "\n\n")
            server.service.emit(.conversation)
            #expect(try await wire.chunks(until: "\n\n").hasPrefix("id: 2\nevent: conversation\n"))
        }
    }

    @Test func whoComesBackMissesNone() async throws {
        try await withServer { server in
            for _ in 0..<450 { server.service.emit() }
            let wire = try await server.openEvents(server.logIn(.staff), after: 3)
            let text = try await wire.chunks(until: "id: 450\n")
            let numbers = text.split(separator: "\n").filter { $0.hasPrefix("id: ") }.map { $0.dropFirst(4) }
            #expect(numbers.map { Int($0) } == Array(4...450))
        }
    }

    @Test func aBadLastEventIDIsRefused() async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            let reply = try await server.send("GET", "/v1/events", token: token, headers: ["Last-Event-ID": "abc"])
            #expect(reply.error?.code == .malformed)
        }
    }

    @Test func aHeartbeatShowsThatItLives() async throws {
        try await withServer { server in
            let wire = try await server.openEvents(server.logIn(.staff))
            for _ in 0..<3 {
                await server.clock.waitForSleepers(1)
                server.clock.advance(by: .seconds(StaffEvent.heartbeat))
                #expect(try await wire.chunks(until: "\n\n") == ": sila\n\n")
            }
        }
    }

    @Test func anOpenStreamKeepsTheSession() async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            let wire = try await server.openEvents(token)
            for _ in 0..<(2 * SessionToken.idleLifetime / StaffEvent.heartbeat) {
                await server.clock.waitForSleepers(1)
                server.clock.advance(by: .seconds(StaffEvent.heartbeat))
                _ = try await wire.chunks(until: "\n\n")
            }
            #expect(try await server.send("GET", "/v1/session", token: token).status == 200)
        }
    }

    @Test func endsWhenTheMemberLeaves() async throws {
        try await withServer { server in
            let wire = try await server.openEvents(server.logIn(.intern))
            await server.directory.set(try server.people.with(.dismiss(MemberID.named("intern"))))
            server.service.emit()
            #expect(try await wire.chunk() == nil, "it ends, and the event is not told")
        }
    }

    @Test func whoLeavesWhileEventsAreReadIsNotToldOfThem() async throws {
        try await withServer { server in
            let without = try server.people.with(.dismiss(MemberID.named("intern")))
            let wire = try await server.openEvents(server.logIn(.intern))
            server.service.whileReadingEvents { await server.directory.set(without) }
            server.service.emit()
            #expect(try await wire.chunk() == nil, "it ends, and the event is not told")
        }
    }

    @Test func whatConcernsOthersIsLookedAtOnce() async throws {
        try await withServer { server in
            server.service.withhold(.item)
            for _ in 0..<3 { server.service.emit(.item) }
            let wire = try await server.openEvents(server.logIn(.intern))
            server.service.emit(.channel)
            #expect(try await wire.chunks(until: "\n\n").hasPrefix("id: 4\nevent: channel\n"))
            for _ in 0..<3 { server.service.emit(.item) }
            await server.clock.waitForSleepers(1)
            // The beat may come before the news is looked at; then the next one tells the mark.
            var text = ""
            while !text.contains("id: 7\n") {
                server.clock.advance(by: .seconds(StaffEvent.heartbeat))
                text = try await wire.chunks(until: ": sila\n\n")
                #expect(!text.contains("data:"))
                await server.clock.waitForSleepers(1)
            }
            server.service.emit(.channel)
            #expect(try await wire.chunks(until: "\n\n").hasPrefix("id: 8\n"))
            let places = server.service.asked.filter { $0.operation == "events" }.map(\.number)
            #expect(places == places.sorted() && places.last == 7, "not from the same place again")
        }
    }

    @Test func endsWhenTheRoleChangesEvenIfNothingHappens() async throws {
        try await withServer { server in
            let wire = try await server.openEvents(server.logIn(.staff))
            let keys = try server.people.keys["staff"].orThrow()
            await server.directory.set(try server.people.with(.admit(keys.member(role: .auditor))))
            await server.clock.waitForSleepers(1)
            server.clock.advance(by: .seconds(StaffEvent.heartbeat))
            #expect(try await wire.chunk() == nil)
        }
    }

    @Test func endsWithTheService() async throws {
        try await withServer { server in
            let wire = try await server.openEvents(server.logIn(.staff))
            server.service.close()
            #expect(try await wire.chunk() == nil)
        }
    }

    @Test func whoDoesNotReadIsLeft() async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            // Far more than the socket's buffers take.
            for _ in 0..<60_000 { server.service.emit() }
            let wire = try await server.openEvents(token)
            func isLeft() -> Bool { server.log.all.contains { $0.contains("nobody reads it") } }
            for beat in 1...50 {
                await server.clock.waitForSleeps(beat)
                if isLeft() { break }
                // Nothing tells when the socket's buffers are full: the machine gets a moment to fill them.
                try await Task.sleep(for: .milliseconds(50))
                server.clock.advance(by: .seconds(StaffEvent.heartbeat))
            }
            #expect(isLeft())
            let text = String(decoding: try await wire.rest(), as: UTF8.self)
            #expect(!text.contains("id: 60000\n"))
        }
    }

    @Test func oneMemberHasAFewStreamsAtMost() async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            var wires: [Wire] = []
            for _ in 0..<8 { wires.append(try await server.openEvents(token)) }
            let reply = try await server.send("GET", "/v1/events", token: token)
            #expect(reply.error?.code == .tooMany)
            #expect(try await server.openEvents(server.logIn(.intern)).send("") == ())
            withExtendedLifetime(wires) {}
        }
    }

    @Test func aClosedConnectionMakesRoom() async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            for _ in 0..<20 {
                let wire = try await server.openEvents(token)
                // Its own end of the stream: the server has noticed when it closes the other half.
                wire.closeNow()
                try await server.service.waitForListeners(0)
            }
        }
    }
}
