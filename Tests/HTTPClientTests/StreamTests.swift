import HTTPClient
import Testing
import UnixHTTPServer

@Suite struct StreamTests {
    private let get = HTTPRequest(.get, "/")

    @Test func chunksComeBeforeTheEnd() async throws {
        let gate = Gate()
        let pair = try Pair { _ in
            [.chunkedHead(), .chunk(Array("a".utf8)), .wait(gate), .chunk(Array("b".utf8)), .chunk([])]
        }
        defer { pair.end() }
        let stream = try await pair.client.stream(get, idle: .seconds(60))
        #expect(stream.head.contentType == "text/event-stream")
        var iterator = stream.body.makeAsyncIterator()
        #expect(try await iterator.next() == Array("a".utf8))
        gate.open()
        #expect(try await iterator.next() == Array("b".utf8))
        #expect(try await iterator.next() == nil)
    }

    @Test func aStreamThatIsCutSaysSo() async throws {
        let pair = try Pair { _ in [.chunkedHead(), .chunk(Array("a".utf8)), .close] }
        defer { pair.end() }
        let stream = try await pair.client.stream(get, idle: .seconds(60))
        var iterator = stream.body.makeAsyncIterator()
        #expect(try await iterator.next() == Array("a".utf8))
        #expect(await kind { try await iterator.next() } == .cut)
    }

    @Test func aStreamThatFallsSilentIsLate() async throws {
        let pair = try Pair { _ in [.chunkedHead(), .chunk(Array("a".utf8)), .hang] }
        defer { pair.end() }
        let stream = try await pair.client.stream(get, idle: .milliseconds(50))
        #expect(await kind { for try await _ in stream.body {} } == .timeout)
        await pair.server.closings(1)
    }

    @Test func aSlowReaderHoldsTheServerBack() async throws {
        // Far more than is read ahead and than a socket holds.
        let sent = 24 << 20
        let part = [UInt8](repeating: 0x61, count: 1 << 20)
        let pair = try Pair { _ in
            [.chunkedHead()] + (0..<24).map { _ in .chunk(part) } + [.chunk([])]
        }
        defer { pair.end() }
        // The reader takes nothing for longer than the server may be silent.
        let stream = try await pair.client.stream(get, idle: .milliseconds(200))
        var iterator = stream.body.makeAsyncIterator()
        var received = try await iterator.next()?.count ?? 0
        // Another transfer goes on meanwhile, on the same thread, and outlasts that time.
        let other = try Pair { _ in [.hang] }
        defer { other.end() }
        #expect(await kind { try await other.client.send(get, deadline: .milliseconds(400)) } == .timeout)
        #expect(pair.server.bytesSent < 8 << 20)
        while let chunk = try await iterator.next() { received += chunk.count }
        #expect(received == sent)
    }

    @Test func cancellingTheReaderCloses() async throws {
        let pair = try Pair { _ in [.chunkedHead(), .chunk(Array("a".utf8)), .hang] }
        defer { pair.end() }
        let client = pair.client
        let (started, start) = AsyncStream<Void>.makeStream()
        let task = Task {
            let stream = try await client.stream(HTTPRequest(.get, "/"), idle: .seconds(60))
            for try await _ in stream.body { start.yield() }
        }
        for await _ in started { break }
        task.cancel()
        await pair.server.closings(1)
        _ = await task.result
    }

    @Test func lettingGoOfAStreamCloses() async throws {
        let pair = try Pair { _ in [.chunkedHead(), .hang] }
        defer { pair.end() }
        _ = try await pair.client.stream(get, idle: .seconds(60))
        await pair.server.closings(1)
    }

    @Test func cancellingARequestCloses() async throws {
        let pair = try Pair { _ in [.hang] }
        defer { pair.end() }
        let client = pair.client
        let task = Task { try await client.send(HTTPRequest(.get, "/")) }
        await pair.server.requests(1)
        task.cancel()
        await pair.server.closings(1)
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func closingTheClientEndsItsStreams() async throws {
        let pair = try Pair { _ in [.chunkedHead(), .hang] }
        defer { pair.end() }
        let stream = try await pair.client.stream(get, idle: .seconds(60))
        pair.client.close()
        #expect(await kind { for try await _ in stream.body {} } == .closed)
        await pair.server.closings(1)
    }
}
