import Testing

@testable import XMPP

@Suite(.timeLimit(.minutes(3))) struct BackpressureTests {
    /// Nobody takes our events, so we do not read; the server takes nothing, so we do not write. No ping
    /// would tell, and whoever sends would wait for ever.
    @Test func aServerThatTakesNothingIsNoticedWhileWeDoNotRead() async throws {
        try await Prosody.run { server in
            try await server.register("anna", "bashir")
            let link = try Link(to: server.port)
            defer { link.close() }
            var configuration = try server.configuration("anna", port: link.port)
            configuration.pingInterval = .seconds(1)
            configuration.pingDeadline = .seconds(4)
            var anna = Running(configuration)
            var bashir = Running(try server.configuration("bashir"))
            try await anna.online()
            try await bashir.online()
            try await anna.client.send(EntityIdentity().presence)
            for index in 0..<100 { try await bashir.client.send(chat(to: "anna@example.org", "\(index)")) }
            _ = try await bashir.client.iq("get", Element("ping", Namespace.ping))
            while !anna.client.events.isFull { await Task.yield() }
            link.stall()
            try await anna.client.send(chat(to: "anna@example.org", String(repeating: "x", count: 32 << 20)))
            #expect(try await anna.offline() == .silent(step: "writing"))
            await anna.stop()
            await bashir.stop()
        }
    }
}
