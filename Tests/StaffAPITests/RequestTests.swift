import Crypto
import Foundation
import Sealing
import StaffProtocol
import Testing

@Suite struct RouteTests {
    @Test(arguments: [
        "/", "/v1", "/v1/", "/v2/health", "/v1/health/", "/v1//health", "/v1/conversations//replies", "/v1/%zz",
    ])
    func otherPathsAreNotFound(path: String) async throws {
        try await withServer { server in
            let reply = try await server.send("GET", path)
            #expect(reply.error?.code == .notFound)
            #expect(reply.headers["content-type"] == "application/json")
        }
    }

    @Test func anotherMethodIsToldWhatThePathTakes() async throws {
        try await withServer { server in
            let reply = try await server.send("PATCH", "/v1/session")
            #expect(reply.error?.code == .methodNotAllowed)
            #expect(reply.headers["allow"] == "DELETE, GET, POST")
            #expect(try await server.send("GET", "/v1/staff/changes").headers["allow"] == "POST")
        }
    }

    @Test(arguments: ["abc", "0", "-1", "1.5", "99999999999999999999", "١٢"])
    func aNumberInThePathMustBeOne(number: String) async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            let escaped = try number.addingPercentEncoding(withAllowedCharacters: .alphanumerics).orThrow()
            let reply = try await server.send("GET", "/v1/conversations/\(escaped)", token: token)
            #expect(reply.error?.code == .malformed)
        }
    }

    @Test func escapesInThePathAreRead() async throws {
        try await withServer { server in
            let token = try await server.logIn(.coordinator)
            #expect(try await server.send("GET", "/v1/staff/%69ntern/open", token: token).status == 200)
            #expect(server.service.asked.last?.text == "intern")
            #expect(try await server.send("GET", "/v1/staff/Intern/open", token: token).error?.code == .malformed)
        }
    }
}

@Suite struct QueryTests {
    @Test func isPassedOn() async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            _ = try await server.send("GET", "/v1/inbox?filter=mine&limit=7&after=a%2Fb+c", token: token)
            #expect(server.service.asked.last?.text == "mine a/b+c")
            #expect(server.service.asked.last?.limit == 7)
            _ = try await server.send("GET", "/v1/inbox", token: token)
            #expect(server.service.asked.last?.text == "waiting ")
            _ = try await server.send("GET", "/v1/conversations/12?before=x&limit=500", token: token)
            #expect(server.service.asked.last?.number == 12)
            #expect(server.service.asked.last?.limit == 500)
            let coordinator = try await server.logIn(.coordinator)
            _ = try await server.send("GET", "/v1/audit?after=40&limit=1000", token: coordinator)
            #expect(server.service.asked.last?.number == 40)
        }
    }

    @Test(arguments: [
        "/v1/inbox?limit=0", "/v1/inbox?limit=201", "/v1/inbox?limit=x", "/v1/inbox?filter=yours",
        "/v1/inbox?fliter=mine", "/v1/inbox?limit=1&limit=2", "/v1/conversations/12?limit=501", "/v1/status?x=1",
        "/v1/archive?after=-1", "/v1/inbox?after=%zz", "/v1/conversations/12?filter=mine",
    ])
    func refusesWhatItDoesNotKnow(path: String) async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            #expect(try await server.send("GET", path, token: token).error?.code == .malformed)
            #expect(server.service.asked.isEmpty)
        }
    }
}

@Suite struct BodyTests {
    private func reply(
        _ endpoint: Endpoint, _ body: String, _ server: Harness, headers: [String: String] = [:]
    ) async throws -> Reply {
        let token = try await server.logIn(.coordinator)
        var headers = headers
        headers[IdempotencyKey.header] = "0123-abcd"
        return try await server.send(
            endpoint.method.rawValue, Specimen(endpoint).path, token: token, headers: headers, body: Array(body.utf8))
    }

    @Test(arguments: [
        "", "{", "[]", "null", "\"text\"", #"{"text":"a"}"#, #"{"text":"a","seen":"3"}"#, #"{"text":"a","seen":1.5}"#,
        #"{"text":"a","seen":-1}"#, #"{"text":"   ","seen":1}"#, #"{"text":"","seen":1}"#, #"{"text":null,"seen":1}"#,
        #"{"text":"a","seen":3,"extra":1}"#, #"{"text":"a","seen":3,"topic":null}"#,
        #"{"text":"a\u0007b","seen":3}"#, #"{"text":"a","seen":3,"proposal":0}"#, "{\"text\":\"\u{0}\",\"seen\":1}",
    ])
    func anUnsoundReplyIsRefused(body: String) async throws {
        try await withServer { server in
            let answer = try await reply(.reply, body, server)
            #expect(answer.error?.code == .malformed)
            #expect(server.service.asked.isEmpty)
        }
    }

    @Test func aFieldIsNamedAndItsValueIsNot() async throws {
        try await withServer { server in
            let missing = try await reply(.reply, #"{"text":"secret words"}"#, server)
            #expect(missing.error?.message.contains("'seen' is missing") == true)
            let unknown = try await reply(.reply, #"{"text":"secret words","seen":1,"sene":2}"#, server)
            #expect(unknown.error?.message.contains("'sene'") == true)
            #expect(String(decoding: missing.body + unknown.body, as: UTF8.self).contains("secret") == false)
        }
    }

    @Test func aNestedFieldIsLookedAtToo() async throws {
        try await withServer { server in
            var body = String(decoding: try Specimen(.addEntry).body.orThrow(), as: UTF8.self)
            body = body.replacing("\"segment\":{", with: "\"segment\":{\"colour\":1,")
            let answer = try await reply(.addEntry, body, server)
            #expect(answer.error?.message.contains("'segment.colour'") == true)
        }
    }

    @Test func notUTF8IsRefused() async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            let body = Array(#"{"text":""#.utf8) + [0xff, 0xfe] + Array(#"","seen":1}"#.utf8)
            let answer = try await server.send(
                "POST", "/v1/conversations/12/replies", token: token, headers: [IdempotencyKey.header: "0123-abcd"],
                body: body)
            #expect(answer.error?.code == .malformed)
        }
    }

    @Test func deepNestingIsRefused() async throws {
        try await withServer { server in
            let body = String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000)
            let answer1 = try await reply(.assign, body, server)
            #expect(answer1.error?.code == .malformed)
        }
    }

    @Test func textOfEveryScriptComesThroughUnchanged() async throws {
        try await withServer { server in
            let text = "سلام، شنو المشكل؟\nwach n9der nchki? — é 👨‍👩‍👧"
            let body = String(decoding: try JSONEncoder().encode(ReplyRequest(text: text, seen: 3)), as: UTF8.self)
            let answer2 = try await reply(.reply, body, server)
            #expect(answer2.status == 200)
            #expect(server.service.asked.last?.text == text)
        }
    }

    @Test func aReplyThatIsTooLongIsToldSo() async throws {
        try await withServer { server in
            let most = String(repeating: "ب", count: ReplyRequest.limit)
            let answer3 = try await reply(.reply, #"{"text":"\#(most)","seen":3}"#, server)
            #expect(answer3.status == 200)
            let answer4 = try await reply(.reply, #"{"text":"\#(most)b","seen":3}"#, server)
            #expect(answer4.error?.code == .tooLarge)
        }
    }

    @Test func aBodyThatIsTooLargeIsRefused() async throws {
        try await withServer { server in
            let answer = try await reply(.reply, String(repeating: " ", count: 64 << 10 + 1), server)
            #expect(answer.error?.code == .tooLarge)
        }
    }

    @Test func aLargeBodyWithoutADeclaredLengthIsRefused() async throws {
        try await withServer { server in
            let wire = try Wire(server.path)
            try await wire.send(
                "POST /v1/session HTTP/1.1\r\nHost: bridge\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n")
            let chunk = String(repeating: "a", count: 1 << 10)
            for _ in 0..<5 { try await wire.send("400\r\n\(chunk)\r\n") }
            try await wire.send("0\r\n\r\n")
            #expect(try await wire.reply().error?.code == .tooLarge)
        }
    }

    @Test func theBodyMustBeDeclaredAsJSON() async throws {
        try await withServer { server in
            let body = String(decoding: try Specimen(.reply).body.orThrow(), as: UTF8.self)
            let form = try await reply(.reply, body, server, headers: ["Content-Type": "text/plain"])
            #expect(form.error?.code == .malformed)
            let charset = try await reply(
                .reply, body, server, headers: ["Content-Type": "application/json; charset=utf-8"])
            #expect(charset.status == 200)
        }
    }

    @Test func whereNoBodyBelongsNoneIsTaken() async throws {
        try await withServer { server in
            let answer5 = try await reply(.listStaff, #"{"a":1}"#, server)
            #expect(answer5.error?.code == .malformed)
            let answer6 = try await reply(.listStaff, "{}", server)
            #expect(answer6.status == 200)
        }
    }

    @Test(arguments: [
        (Endpoint.makeChallenge, #"{"member":"No Name"}"#), (.assign, #"{"member":"-","from":""}"#),
        (.setAttention, #"{"waits":true,"seen":-1}"#), (.closeEntry, #"{"outcome":"approved"}"#),
        (.reportOpened, #"{"conversation":0,"items":1}"#), (.reportOpened, #"{"conversation":1,"items":0}"#),
        (.setMemberSettings, #"{"repliesAlone":true,"experiencedIn":[""]}"#),
        (.changeStaff, #"{"after":1,"roster":"","keyring":"AQ=="}"#), (.eraseContact, #"{"confirm":0}"#),
        (.suggest, #"{"text":"\n"}"#), (.takeOver, #"{"taken":true}"#),
        (.changeStaff, #"{"after":1,"roster":"AQ==","keyring":"AQ==","reassign":{"from":"","to":""}}"#),
    ])
    func valuesThatCannotBeAreRefused(endpoint: Endpoint, body: String) async throws {
        try await withServer { server in
            let answer7 = try await reply(endpoint, body, server)
            #expect(answer7.error?.code == .malformed)
            #expect(server.service.asked.isEmpty)
        }
    }

    @Test(arguments: [\NewEntry.token, \NewEntry.segment.token, \NewEntry.segment.wrapped, \NewEntry.sealed])
    func anEntryWithAWrongLengthIsRefused(field: WritableKeyPath<NewEntry, Data> & Sendable) async throws {
        try await withServer { server in
            var entry = try JSONDecoder().decode(NewEntry.self, from: Data(Specimen(.addEntry).body.orThrow()))
            entry[keyPath: field] = Data()
            let body = String(decoding: try JSONEncoder().encode(entry), as: UTF8.self)
            let answer8 = try await reply(.addEntry, body, server)
            #expect(answer8.error?.code == .malformed)
        }
    }

    @Test func erasingAsksForTheNumberTwice() async throws {
        try await withServer { server in
            let answer9 = try await reply(.eraseContact, #"{"confirm":5}"#, server)
            #expect(answer9.error?.code == .refused)
            #expect(server.service.asked.isEmpty)
            let answer10 = try await reply(.eraseContact, #"{"confirm":4}"#, server)
            #expect(answer10.status == 200)
        }
    }
}

@Suite struct IdempotencyTests {
    @Test(arguments: Endpoint.allCases.filter(\.needsIdempotencyKey))
    func everyChangeNeedsAKey(endpoint: Endpoint) async throws {
        try await withServer { server in
            let role = try Role.allCases.first { $0.access(to: endpoint) != .none }.orThrow()
            let token = try await server.logIn(role)
            let specimen = try Specimen(endpoint)
            for key in [nil, "short", "with space in it", "0123-abcd, 4567-efgh"] {
                let reply = try await server.send(
                    endpoint.method.rawValue, specimen.path, token: token,
                    headers: key.map { [IdempotencyKey.header: $0] } ?? [:], body: specimen.body)
                #expect(reply.error?.code == .malformed, "\(key ?? "none")")
                #expect(reply.error?.message.contains(IdempotencyKey.header) == true)
            }
            #expect(server.service.asked.isEmpty)
            #expect(await server.directory.changes.isEmpty)
        }
    }

    @Test func theCallSaysWhoWhatAndWhichRequest() async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            func call(_ path: String, _ body: String, key: String = "0123-abcd") async throws -> Call {
                let reply = try await server.send(
                    "POST", path, token: token, headers: [IdempotencyKey.header: key], body: Array(body.utf8))
                #expect(reply.status == 200)
                return try server.service.lastCall.orThrow()
            }
            let body = #"{"text":"Salam","seen":3}"#
            let first = try await call("/v1/conversations/12/replies", body)
            #expect(first.viewer.member.rawValue == "staff")
            #expect(first.endpoint == .reply)
            #expect(first.key.rawValue == "0123-abcd")
            #expect(first.request.count == 32)
            #expect(try await call("/v1/conversations/12/replies", body) == first)
            let other = #"{"text":"Salam!","seen":3}"#
            #expect(try await call("/v1/conversations/12/replies", other).request != first.request)
            #expect(try await call("/v1/conversations/13/replies", body).request != first.request)
            #expect(try await call("/v1/conversations/12/replies", body, key: "4567-efgh").request == first.request)
        }
    }
}

@Suite struct ErrorTests {
    @Test(arguments: APIError.Code.allCases) func whatTheServiceThrowsIsTold(code: APIError.Code) async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            server.service.fail(with: APIError(code, "what to do", current: "17"))
            let reply = try await server.send(Specimen(.reply), token: token)
            #expect(reply.error == APIError(code, "what to do", current: "17"))
            #expect(reply.headers["content-type"] == "application/json")
        }
    }

    @Test func aFaultSaysNothingOfWhatItIs() async throws {
        struct Fault: Error, CustomStringConvertible { let description = "secret words" }
        try await withServer { server in
            let token = try await server.logIn(.staff)
            server.service.fail(with: Fault())
            let reply = try await server.send(Specimen(.listInbox), token: token)
            #expect(reply.error?.code == .internalError)
            #expect(String(decoding: reply.body, as: UTF8.self).contains("secret") == false)
            #expect(server.log.all.contains { $0.contains("error=Fault") })
        }
    }

    @Test func theLogHoldsOperationStatusAndMemberOnly() async throws {
        struct Fault: Error, CustomStringConvertible { let description = "CANARY" }
        try await withServer { server in
            let token = try await server.logIn(.staff)
            let key = [IdempotencyKey.header: "CANARY-key-1"]
            let body = Array(#"{"text":"CANARY","seen":3}"#.utf8)
            _ = try await server.send(
                "POST", "/v1/conversations/12/replies", token: token, headers: key, body: body)
            _ = try await server.send("GET", "/v1/CANARY?CANARY=CANARY", token: token)
            _ = try await server.send("GET", "/v1/inbox?after=CANARY", token: token)
            _ = try await server.send("GET", "/v1/staff/CANARY/open", token: "CANARY")
            server.service.fail(with: Fault())
            _ = try await server.send("GET", "/v1/inbox", token: token)
            let log = server.log.all
            #expect(log.contains { $0.contains("member=staff") && $0.contains("operation=reply status=200") })
            #expect(!log.contains { $0.contains("CANARY") || $0.contains(token) })
        }
    }

    @Test func whatIsNotHTTPIsRefused() async throws {
        try await withServer { server in
            let wire = try Wire(server.path)
            try await wire.send("HELLO\r\n\r\n")
            #expect(try await wire.head().status == 400)
            #expect(try await server.send(Specimen(.getHealth)).status == 200)
        }
    }

    @Test func manyRequestsGoOverOneConnection() async throws {
        try await withServer { server in
            let wire = try Wire(server.path)
            for _ in 0..<3 {
                try await wire.send("GET", "/v1/health")
                #expect(try await wire.reply().status == 200)
                try await wire.send("GET", "/v1/inbox")
                #expect(try await wire.reply().error?.code == .unauthenticated)
            }
        }
    }
}
