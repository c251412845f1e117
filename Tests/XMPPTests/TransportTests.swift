import Foundation
import Glibc
import Testing
import XMPP

@Suite(.timeLimit(.minutes(3))) struct TransportTests {
    private func kind(_ options: TransportOptions, deadline: Duration = .seconds(10)) async -> TransportError.Kind? {
        let transport = CurlTransport(options)
        defer { Task { await transport.close() } }
        do {
            try await transport.connect(deadline: deadline)
            return nil
        } catch let error as TransportError {
            return error.kind
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    @Test func eachFailureHasItsName() async throws {
        try await Prosody.run { server in
            let pin = try TestAuthority.pin(in: server.folder)
            let wrong = "sha256//" + String(repeating: "A", count: 43) + "="
            #expect(await kind(server.options()) == nil)
            #expect(await kind(server.options(trust: .pinned(pin))) == nil)
            #expect(await kind(server.options(trust: .pinned(wrong))) == .pinMismatch)
            let ca = server.folder.appending(path: "ca.pem").path
            #expect(await kind(server.options(trust: .pinnedAndAuthority(pin: pin, file: ca))) == nil)
            #expect(await kind(server.options(trust: .pinnedAndAuthority(pin: wrong, file: ca))) == .pinMismatch)
            #expect(await kind(server.options(trust: .pinnedAndAuthority(pin: pin, file: nil))) == .certificate)
            #expect(await kind(server.options(trust: .system)) == .certificate)
            #expect(await kind(server.options(trust: .authority(file: "/nonexistent.pem"))) == .configuration)
            // By address there is no name to ask for: the server shows its certificate, for another name.
            let byAddress = TransportOptions(host: "127.0.0.1", port: server.port, trust: server.authority)
            #expect(await kind(byAddress) == .hostName)
            let unknown = TransportOptions(host: "nowhere.invalid", port: server.port, trust: server.authority)
            #expect(await kind(unknown) == .dns)
        }
    }

    @Test(arguments: [
        "", "sha256//", "sha256//short=", "/etc/passwd", "sha256//" + String(repeating: "!", count: 43) + "=",
    ])
    func aMalformedPinIsRefused(_ pin: String) async {
        #expect(await kind(TransportOptions(host: "localhost", port: 1, trust: .pinned(pin))) == .configuration)
    }

    @Test func aSilentServerMeetsTheDeadline() async throws {
        let port = try Ports.free()
        let socket = try Ports.listen(port)
        defer { close(socket) }
        #expect(await kind(TransportOptions(host: "127.0.0.1", port: port), deadline: .milliseconds(300)) == .timeout)
        let transport = CurlTransport(TransportOptions(host: "127.0.0.1", port: port))
        let attempt = Task { try await transport.connect(deadline: .seconds(600)) }
        attempt.cancel()
        await #expect(throws: CancellationError.self) { try await attempt.value }
        await transport.close()
    }

    @Test func nobodyListening() async throws {
        #expect(await kind(TransportOptions(host: "127.0.0.1", port: try Ports.free())) == .refused)
        var options = TransportOptions(host: "localhost", port: 1)
        options.proxy = .init(host: "127.0.0.1", port: try Ports.free())
        #expect(await kind(options) == .proxy)
    }

    @Test func theProxyIsGivenTheHostName() async throws {
        try #require(ChildProcess.path(of: "microsocks") != nil, "apt-get install microsocks")
        try await Prosody.run { server in
            let port = try Ports.free()
            let proxy = try ChildProcess(
                ["microsocks", "-i", "127.0.0.1", "-p", "\(port)"], log: server.folder.appending(path: "socks.log"))
            while !Ports.isOpen(port) { await Task.yield() }
            var options = server.options()
            options.proxy = .init(host: "127.0.0.1", port: port)
            #expect(await kind(options) == nil)
            // This machine cannot resolve the name either: had it tried, the error would be `dns`.
            options = TransportOptions(host: "nowhere.invalid", port: server.port, trust: server.authority)
            options.proxy = .init(host: "127.0.0.1", port: port)
            #expect(await kind(options) == .proxy)
            await proxy.kill()
        }
    }

    @Test func bytesPassInOrderAndAnEndIsSeen() async throws {
        try await Prosody.run { server in
            let transport = CurlTransport(server.options())
            try await transport.connect(deadline: .seconds(10))
            try await transport.send(Array("<?xml version='1.0'?><stream:stream xmlns='jabber:client' ".utf8))
            try await transport.send(
                Array("xmlns:stream='http://etherx.jabber.org/streams' to='example.org' version='1.0'>".utf8))
            try await transport.send(Array("</stream:stream>".utf8))
            var received = ""
            for try await chunk in transport.bytes { received += String(decoding: chunk, as: UTF8.self) }
            #expect(received.contains("SCRAM-SHA-256"))
            #expect(received.hasSuffix("</stream:stream>"))
            await transport.close()
            await #expect(throws: TransportError.self) { try await transport.send([1]) }
            await #expect(throws: TransportError.self) { try await transport.receive() }
            await #expect(throws: TransportError.self) { try await transport.connect(deadline: .seconds(1)) }
        }
    }

    @Test func closingWakesWhoWaits() async throws {
        try await Prosody.run { server in
            let transport = CurlTransport(server.options())
            try await transport.connect(deadline: .seconds(10))
            let waiting = Task { try await transport.receive() }
            await transport.close()
            await #expect(throws: TransportError.self) { try await waiting.value }
        }
    }
}
