import Foundation
import Glibc
import HTTPClient
import Testing
import UnixHTTPServer

/// What a broken or hostile server does.
@Suite struct BadServerTests {
    private let get = HTTPRequest(.get, "/")

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "",
    ])
    func halfAnswersAreCut(_ text: String) async throws {
        let pair = try Pair { _ in [.text(text), .close] }
        defer { pair.end() }
        let found = await kind { try await pair.client.send(get) }
        #expect(found == .cut)
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    ])
    func whatIsNotHTTPIsRefused(_ text: String) async throws {
        let pair = try Pair { _ in [.text(text), .close] }
        defer { pair.end() }
        let found = await kind { try await pair.client.send(get) }
        #expect(found != nil)
        #expect(found == .malformed || found == .cut || found == .library)
    }

    @Test func bytesBeyondTheLengthDoNotReachTheNextAnswer() async throws {
        let pair = try Pair { request in
            request.target == "/first"
                ? [
                    .text(
                        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
                    )
                ]
                : [.answer(Array("good".utf8))]
        }
        defer { pair.end() }
        #expect(try await pair.client.send(HTTPRequest(.get, "/first")).body == Array("ab".utf8))
        #expect(try await pair.client.send(HTTPRequest(.get, "/second")).body == Array("good".utf8))
    }

    @Test func anAnswerThatIsTooLongIsRefused() async throws {
        let body = [UInt8](repeating: 0x61, count: 5000)
        let pair = try Pair { request in
            request.target == "/announced"
                ? [.answer(body)] : [.chunkedHead(), .chunk(body), .chunk(body), .hang]
        }
        defer { pair.end() }
        #expect(await kind { try await pair.client.send(HTTPRequest(.get, "/announced"), limit: 4999) } == .tooLarge)
        #expect(await kind { try await pair.client.send(HTTPRequest(.get, "/chunks"), limit: 9999) } == .tooLarge)
        #expect(try await pair.client.send(HTTPRequest(.get, "/announced"), limit: 5000).body == body)
    }

    @Test func endlessHeadersAreRefused() async throws {
        let line = "X-A: " + String(repeating: "a", count: 1000) + "\r\n"
        let pair = try Pair { _ in [.text("HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 90)), .hang] }
        defer { pair.end() }
        #expect(await kind { try await pair.client.send(get) } == .malformed)
    }

    @Test func aServerThatSaysNothingIsLate() async throws {
        let pair = try Pair { _ in [.hang] }
        defer { pair.end() }
        #expect(await kind { try await pair.client.send(get, deadline: .milliseconds(50)) } == .timeout)
        await pair.server.closings(1)
    }

    @Test func aServerThatStallsInTheBodyIsLate() async throws {
        let pair = try Pair { _ in [.text("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), .hang] }
        defer { pair.end() }
        #expect(await kind { try await pair.client.send(get, deadline: .milliseconds(50)) } == .timeout)
        await pair.server.closings(1)
    }

    @Test func aMissingSocketIsNamedAsSuch() async throws {
        let folder = try TestFolder()
        let client = HTTPClient(socketPath: folder.file("none"))
        defer { client.close() }
        #expect(await kind { try await client.send(get) } == .missing)
        let far = HTTPClient(socketPath: folder.file(String(repeating: "a", count: 200)))
        defer { far.close() }
        #expect(await kind { try await far.send(get) } == .missing)
    }

    @Test func aSocketWithNobodyBehindIsRefused() async throws {
        let folder = try TestFolder()
        let path = folder.file("s")
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        close(descriptor)
        try #require(bound == 0)
        let client = HTTPClient(socketPath: path)
        defer { client.close() }
        #expect(await kind { try await client.send(get) } == .refused)
    }

    @Test func aServerThatComesBackIsUsedAgain() async throws {
        let folder = try TestFolder()
        let client = HTTPClient(socketPath: folder.file("s"))
        defer { client.close() }
        let first = try UnixHTTPServer(path: folder.file("s")) { _ in [.answer(Array("1".utf8))] }
        #expect(try await client.send(get).body == Array("1".utf8))
        first.stop()
        #expect(await kind { try await client.send(get) } == .missing)
        let second = try UnixHTTPServer(path: folder.file("s")) { _ in [.answer(Array("2".utf8))] }
        defer { second.stop() }
        #expect(try await client.send(get).body == Array("2".utf8))
    }

    @Test func aClosedClientAsksNothing() async throws {
        let pair = try Pair { _ in [.answer()] }
        defer { pair.end() }
        pair.client.close()
        #expect(await kind { try await pair.client.send(get) } == .closed)
    }
}
