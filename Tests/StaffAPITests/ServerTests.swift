import Foundation
import StaffAPI
import StaffProtocol
import Testing

@Suite struct SocketTests {
    private func server(_ path: String) throws -> StaffServer {
        StaffServer(
            socketPath: path, service: MemoryService(),
            directory: MemoryDirectory(try People().roster, isLocked: false),
            version: "1", logger: LogRecorder().logger)
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func fails(_ path: String, _ isExpected: (StaffServerError) -> Bool) async throws {
        do {
            try await RunningServer(server(path)).end()
            Issue.record("it was served")
        } catch let error as StaffServerError {
            #expect(isExpected(error), "\(error)")
            #expect(error.description.contains(path.prefix(60)) || error.description.contains("chmod 750"))
        }
    }

    @Test func folderAndSocketAreForTheGroupOnly() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let running = try await RunningServer(server(folder.path + "/a/run/staff.sock"))
        #expect(try mode(folder.path + "/a/run") == 0o750)
        #expect(try mode(folder.path + "/a/run/staff.sock") == 0o660)
        try await running.end()
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/a/run/staff.sock"), "taken away at the end")
    }

    @Test func aSocketThatACrashLeftIsReplaced() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/staff.sock"
        try DeadSocket.leave(at: path)
        let running = try await RunningServer(server(path))
        let wire = try Wire(path)
        try await wire.send("GET", "/v1/health")
        #expect(try await wire.reply().status == 200)
        try await running.end()
    }

    @Test func aSocketInUseIsLeftAlone() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/staff.sock"
        let running = try await RunningServer(server(path))
        try await fails(path) { $0 == .inUse(path: path) }
        let wire = try Wire(path)
        try await wire.send("GET", "/v1/health")
        #expect(try await wire.reply().status == 200)
        try await running.end()
    }

    @Test func aFileInTheWayIsLeftAlone() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/staff.sock"
        try Data([1]).write(to: URL(fileURLWithPath: path))
        try await fails(path) { $0 == .inTheWay(path: path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1]))
    }

    @Test func aPathThatIsTooLongIsNamedBeforeAnythingIsMade() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/" + String(repeating: "x", count: 104 - folder.path.utf8.count - 1)
        #expect(path.utf8.count == 104)
        try await fails(path) { $0 == .pathTooLong(path: path, bytes: 104) }
        let longest = String(path.dropLast())
        try await RunningServer(server(longest)).end()
    }

    @Test(arguments: [0o755, 0o770, 0o701]) func aFolderThatOthersEnterIsRefused(mode: Int) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.path)
        try await fails(folder.path + "/staff.sock") {
            if case .folder(folder.path, _) = $0 { true } else { false }
        }
    }
}

@Suite struct ShutdownTests {
    @Test func openStreamsAreEnded() async throws {
        try await withServer { server, end in
            let wire = try await server.openEvents(server.logIn(.staff))
            try await end()
            #expect(try await wire.chunk() == nil, "ended, not cut off")
            #expect(try await wire.rest().isEmpty)
            #expect(throws: Wire.Failure.self) { try Wire(server.path) }
        }
    }

    @Test func aRequestInProgressIsFinished() async throws {
        try await withServer { server, end in
            let token = try await server.logIn(.staff)
            let (reached, open) = server.service.holdReplies()
            async let reply = server.send(Specimen(.reply), token: token)
            for await _ in reached { break }
            async let ended: Void = end()
            // The deadline sleeps only once ending has begun.
            await server.clock.waitForSleepers(1)
            open.yield()
            #expect(try await reply.json(Created.self) == Created(id: 5, position: 6))
            try await ended
        }
    }

    @Test func aRequestThatDoesNotEndIsCutOff() async throws {
        try await withServer { server, end in
            let token = try await server.logIn(.staff)
            let (reached, _) = server.service.holdReplies()
            let wire = try Wire(server.path)
            let specimen = try Specimen(.reply)
            try await wire.send(
                "POST", specimen.path,
                headers: [
                    "Authorization": "Bearer \(token)", IdempotencyKey.header: "0123-abcd",
                    "Content-Type": "application/json",
                ], body: specimen.body)
            for await _ in reached { break }
            async let ended: Void = end()
            await server.clock.waitForSleepers(1)
            server.clock.advance(by: .seconds(10))
            try await ended
            _ = try await wire.rest()
            #expect(server.log.all.contains { $0.contains("cut off") })
        }
    }

    @Test func aRequestHalfSentDoesNotHoldItUpForever() async throws {
        try await withServer { server, end in
            let wire = try Wire(server.path)
            try await wire.send(
                "POST /v1/session HTTP/1.1\r\nHost: bridge\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
            )
            // Answered on another connection: the first has arrived too.
            _ = try await server.send("GET", "/v1/health")
            async let ended: Void = end()
            await server.clock.waitForSleepers(1)
            server.clock.advance(by: .seconds(10))
            try await ended
        }
    }

    @Test func aReaderThatDoesNotReadDoesNotHoldItUpForever() async throws {
        try await withServer { server, end in
            server.service.put(
                items: (1...20_000).map { ArchiveStreamTests.item($0, segment: 1, sealed: 1_000) },
                segments: [ArchiveStreamTests.segment(1)])
            let token = try await server.logIn(.staff)
            let wire = try Wire(server.path)
            try await wire.send("GET", "/v1/archive", headers: ["Authorization": "Bearer \(token)"])
            #expect(try await wire.head().status == 200)
            // The deadline, not the watch over the reader. Whether the stream is stuck by then or still filling the
            // line, its end is not held up.
            server.clock.letPass(upTo: .seconds(10))
            try await end()
            withExtendedLifetime(wire) {}
        }
    }

    @Test func anIdleConnectionIsClosed() async throws {
        try await withServer { server, end in
            let wire = try Wire(server.path)
            try await wire.send("GET", "/v1/health")
            #expect(try await wire.reply().status == 200)
            try await end()
            #expect(try await wire.rest().isEmpty)
        }
    }

    @Test func beingCancelledBeforeItListensIsNoFault() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        for _ in 0..<20 {
            let server = StaffServer(
                socketPath: folder.path + "/staff.sock", service: nil,
                directory: MemoryDirectory(try People().roster, isLocked: true), version: "1",
                logger: LogRecorder().logger)
            let task = Task { try await server.run() }
            task.cancel()
            try await task.value
        }
    }
}
