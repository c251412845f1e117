import HTTPClient
import Testing
import UnixHTTPServer

/// A server, a client, and the folder of their socket.
struct Pair {
    let folder: TestFolder
    let server: UnixHTTPServer
    let client: HTTPClient

    init(_ handler: @escaping UnixHTTPServer.Handler) throws {
        folder = try TestFolder()
        server = try UnixHTTPServer(path: folder.file("s"), handler: handler)
        client = HTTPClient(socketPath: folder.file("s"))
    }

    func end() {
        client.close()
        server.stop()
    }
}

/// The kind of the `HTTPError` that this throws.
func kind(_ body: () async throws -> some Sendable) async -> HTTPError.Kind? {
    do {
        _ = try await body()
        return nil
    } catch let error as HTTPError {
        return error.kind
    } catch {
        return nil
    }
}

@Suite struct AnswerTests {
    @Test func aRequestArrivesAsItWasMade() async throws {
        let pair = try Pair { _ in [.answer(201, headers: ["X-Number": "7"], Array("{}".utf8))] }
        defer { pair.end() }
        let response = try await pair.client.send(
            HTTPRequest(
                .post, "/v1/things?after=1%202", headers: [("Idempotency-Key", "abc"), ("Content-Type", "a/b")],
                body: Array("héllo".utf8)))
        #expect(response.status == 201)
        #expect(response.head.contentType == "application/json")
        #expect(response.head.headers["x-number"] == "7")
        #expect(response.body == Array("{}".utf8))
        let request = try #require(pair.server.requests.first)
        #expect(request.method == "POST")
        #expect(request.target == "/v1/things?after=1%202")
        #expect(request.body == Array("héllo".utf8))
        #expect(request.headers["idempotency-key"] == "abc")
        #expect(request.headers["content-type"] == "a/b")
        #expect(request.headers["host"] == "localhost")
        #expect(request.headers["expect"] == nil)
        #expect(request.headers["accept-encoding"] == nil)
    }

    @Test(arguments: [HTTPRequest.Method.get, .post, .put, .delete])
    func everyMethodWorksWithoutABody(_ method: HTTPRequest.Method) async throws {
        let pair = try Pair { [.answer(Array($0.method.utf8))] }
        defer { pair.end() }
        let response = try await pair.client.send(HTTPRequest(method, "/"))
        #expect(response.body == Array(method.rawValue.utf8))
        let length = pair.server.requests.first?.headers["content-length"]
        #expect(length == (method == .post || method == .put ? "0" : nil))
    }

    @Test func aLongBodyArrivesWhole() async throws {
        let pair = try Pair { [.answer($0.body)] }
        defer { pair.end() }
        let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let response = try await pair.client.send(HTTPRequest(.put, "/", body: body))
        #expect(response.body == body)
    }

    @Test func theConnectionIsKept() async throws {
        let pair = try Pair { _ in [.answer(Array("a".utf8))] }
        defer { pair.end() }
        for _ in 0..<3 { _ = try await pair.client.send(HTTPRequest(.get, "/")) }
        #expect(pair.server.requests.map(\.connection) == [1, 1, 1])
    }

    @Test func manyAskAtOnce() async throws {
        let pair = try Pair { [.answer(Array($0.target.utf8))] }
        defer { pair.end() }
        let client = pair.client
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let response = try await client.send(HTTPRequest(.get, "/\(number)"))
                    return response.body == Array("/\(number)".utf8)
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test func chunksAreJoined() async throws {
        let pair = try Pair { _ in
            [.chunkedHead(), .chunk(Array("ab".utf8)), .chunk(Array("cde".utf8)), .chunk([])]
        }
        defer { pair.end() }
        #expect(try await pair.client.send(HTTPRequest(.get, "/")).body == Array("abcde".utf8))
    }

    @Test func anAnswerBeforeTheAnswerIsPassedOver() async throws {
        let pair = try Pair { _ in [.text("HTTP/1.1 103 Early\r\nX-A: 1\r\n\r\n"), .answer(Array("a".utf8))] }
        defer { pair.end() }
        let response = try await pair.client.send(HTTPRequest(.get, "/"))
        #expect(response.status == 200)
        #expect(response.head.headers["x-a"] == nil)
    }

    @Test func redirectsAreNotFollowed() async throws {
        let pair = try Pair { _ in [.answer(302, headers: ["Location": "http://localhost/elsewhere"])] }
        defer { pair.end() }
        #expect(try await pair.client.send(HTTPRequest(.get, "/")).status == 302)
        #expect(pair.server.requests.count == 1)
    }

    @Test(arguments: [
        HTTPRequest(.get, "no-slash"), HTTPRequest(.get, "/a b"), HTTPRequest(.get, "/a\r\nX: y"),
        HTTPRequest(.get, "/a#b"), HTTPRequest(.get, "/", headers: [("X", "a\r\nY: b")]),
        HTTPRequest(.get, "/", headers: [("X: y\r\nZ", "b")]), HTTPRequest(.get, "/", headers: [("X", "")]),
    ])
    func whatWouldSaySomethingElseIsNotSent(_ request: HTTPRequest) async throws {
        let pair = try Pair { _ in [.answer()] }
        defer { pair.end() }
        #expect(await kind { try await pair.client.send(request) } == .request)
        #expect(pair.server.accepted == 0)
    }
}
