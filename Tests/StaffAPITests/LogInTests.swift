import Foundation
import Sealing
import StaffProtocol
import Testing

@testable import StaffAPI

@Suite struct LogInTests {
    @Test func aMemberWhoSignsTheChallengeIsLetIn() async throws {
        try await withServer { server in
            let request = try await server.answer(server.challenge(for: "intern"), as: "intern")
            let reply = try await server.post("/v1/session", request)
            #expect(reply.status == 200)
            let session = try reply.json(SessionToken.self)
            #expect(session.role == "intern")
            #expect(session.expiresAt == server.clock.now + SessionToken.lifetime * 1000)
            let info = try await server.send("GET", "/v1/session", token: session.token).json(SessionInfo.self)
            #expect(info == SessionInfo(member: "intern", role: "intern", expiresAt: session.expiresAt))
        }
    }

    @Test func twoChallengesAreNotTheSame() async throws {
        try await withServer { server in
            let first = try await server.challenge(for: "intern")
            #expect(first.count == 32)
            #expect(try await server.challenge(for: "intern") != first)
        }
    }

    @Test func aChallengeIsGoodOnce() async throws {
        try await withServer { server in
            let request = try await server.answer(server.challenge(for: "intern"), as: "intern")
            #expect(try await server.post("/v1/session", request).status == 200)
            #expect(try await server.post("/v1/session", request).error?.code == .unauthenticated)
        }
    }

    @Test func theServiceIsToldWhoCameInAndNotWhoTried() async throws {
        try await withServer { server in
            let bad = try await server.answer(server.challenge(for: "intern"), as: "intern", signedBy: "staff")
            #expect(try await server.post("/v1/session", bad).error?.code == .unauthenticated)
            #expect(server.service.logIns.isEmpty)
            _ = try await server.logIn(.intern)
            #expect(server.service.logIns.map(\.role) == [.intern], "told before the answer")
        }
    }

    @Test func aFailedAttemptUsesTheChallengeUp() async throws {
        try await withServer { server in
            let challenge = try await server.challenge(for: "intern")
            let bad = try await server.answer(challenge, as: "intern", signedBy: "staff")
            #expect(try await server.post("/v1/session", bad).error?.code == .unauthenticated)
            let good = try await server.answer(challenge, as: "intern")
            #expect(try await server.post("/v1/session", good).error?.code == .unauthenticated)
        }
    }

    @Test func aChallengeExpires() async throws {
        try await withServer { server in
            let late = try await server.answer(server.challenge(for: "intern"), as: "intern")
            server.clock.advance(by: .seconds(Challenge.lifetime))
            #expect(try await server.post("/v1/session", late).error?.code == .unauthenticated)
            let inTime = try await server.answer(server.challenge(for: "intern"), as: "intern")
            server.clock.advance(by: .seconds(Challenge.lifetime - 1))
            #expect(try await server.post("/v1/session", inTime).status == 200)
        }
    }

    @Test(arguments: [86_400, -86_400] as [Int64]) func aClockThatIsSetChangesNothing(jump: Int64) async throws {
        try await withServer { server in
            let late = try await server.answer(server.challenge(for: "intern"), as: "intern")
            let inTime = try await server.answer(server.challenge(for: "intern"), as: "intern")
            let token = try await server.logIn(.staff)
            server.clock.jump(by: jump)
            #expect(try await server.post("/v1/session", inTime).status == 200, "a challenge is good for its minute")
            let info = try await server.send("GET", "/v1/session", token: token).json(SessionInfo.self)
            #expect(info.expiresAt == server.clock.now + SessionToken.lifetime * 1000, "shown by the clock as it is")
            server.clock.advance(by: .seconds(Challenge.lifetime))
            #expect(try await server.post("/v1/session", late).error?.code == .unauthenticated)
            server.clock.advance(by: .seconds(SessionToken.idleLifetime))
            #expect(try await server.send("GET", "/v1/session", token: token).status == 401, "and no longer")
        }
    }

    @Test func anothersChallengeIsOfNoUse() async throws {
        try await withServer { server in
            let request = try await server.answer(server.challenge(for: "staff"), as: "intern")
            #expect(try await server.post("/v1/session", request).error?.code == .unauthenticated)
        }
    }

    @Test func aChallengeThatWasNeverGivenIsRefused() async throws {
        try await withServer { server in
            let request = try await server.answer(Data(count: 32), as: "intern")
            #expect(try await server.post("/v1/session", request).error?.code == .unauthenticated)
        }
    }

    @Test func aSignatureForAnotherDeploymentIsRefused() async throws {
        try await withServer { server in
            let request = try await server.answer(
                server.challenge(for: "intern"), as: "intern", deployment: Array(repeating: 8, count: 16))
            #expect(try await server.post("/v1/session", request).error?.code == .unauthenticated)
        }
    }

    @Test func whoIsNotInTheRosterGetsNoChallenge() async throws {
        try await withServer { server in
            let reply = try await server.post("/v1/session/challenge", ChallengeRequest(member: "stranger"))
            #expect(reply.error?.code == .notFound)
        }
    }

    @Test func commandsInARowAreNotLimited() async throws {
        try await withServer { server in
            for _ in 0..<100 {
                let token = try await server.logIn(.intern)
                #expect(!token.isEmpty)
            }
        }
    }

    @Test func logInsThatOthersBeganKeepNobodyOut() async throws {
        try await withServer { server in
            let early = try await server.answer(server.challenge(for: "intern"), as: "intern")
            for _ in 0..<100 { _ = try await server.challenge(for: "intern") }
            #expect(try await server.logIn(.intern).isEmpty == false)
            #expect(try await server.post("/v1/session", early).status == 200, "and whoever began before is let in")
        }
    }
}

@Suite struct ChallengeBookTests {
    @Test func theOldestOfTheMemberGoesWhenThereAreTooMany() throws {
        var book = ChallengeBook(limit: 3)
        let (intern, staff) = (try MemberID.named("intern"), try MemberID.named("staff"))
        let others = book.add(for: staff, at: .zero)
        let given = (0..<4).map { _ in book.add(for: intern, at: .zero) }
        let taken = given.map { book.take($0, of: intern, at: .zero) }
        #expect(taken == [false, true, true, true])
        let isOthersGood = book.take(others, of: staff, at: .zero)
        #expect(isOthersGood, "members are not in the way of each other")
    }

    @Test func whatHasExpiredTakesNoRoom() throws {
        var book = ChallengeBook(limit: 2)
        let intern = try MemberID.named("intern")
        _ = book.add(for: intern, at: .zero)
        let first = book.add(for: intern, at: .seconds(30))
        let second = book.add(for: intern, at: .seconds(60))
        let taken = [first, second].map { book.take($0, of: intern, at: .seconds(60)) }
        #expect(taken == [true, true])
    }
}

@Suite struct SessionTests {
    private func isGood(_ token: String, _ server: Harness) async throws -> Bool {
        let reply = try await server.send("GET", "/v1/session", token: token)
        if reply.status == 401 {
            #expect(reply.error?.code == .unauthenticated)
            #expect(reply.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
        }
        return reply.status == 200
    }

    @Test func endsWithoutRequests() async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            server.clock.advance(by: .seconds(SessionToken.idleLifetime - 1))
            #expect(try await isGood(token, server))
            server.clock.advance(by: .seconds(SessionToken.idleLifetime - 1))
            #expect(try await isGood(token, server), "a request prolongs it")
            server.clock.advance(by: .seconds(SessionToken.idleLifetime))
            #expect(try await isGood(token, server) == false)
        }
    }

    @Test func endsAfterItsLifetimeInAnyCase() async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            for _ in 0..<(SessionToken.lifetime / 600 - 1) {
                server.clock.advance(by: .seconds(600))
                #expect(try await isGood(token, server))
            }
            server.clock.advance(by: .seconds(600))
            #expect(try await isGood(token, server) == false)
        }
    }

    @Test func endsAtLogOut() async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            #expect(try await server.send("DELETE", "/v1/session", token: token).status == 200)
            #expect(try await isGood(token, server) == false)
        }
    }

    @Test func endsWhenTheMemberLeaves() async throws {
        try await withServer { server in
            let token = try await server.logIn(.intern)
            let other = try await server.logIn(.staff)
            await server.directory.set(try server.people.with(.dismiss(MemberID.named("intern"))))
            #expect(try await isGood(token, server) == false)
            #expect(try await isGood(other, server))
            await server.directory.set(server.people.roster)
            #expect(try await isGood(token, server) == false, "it does not come back")
        }
    }

    @Test func endsWhenTheRoleChanges() async throws {
        try await withServer { server in
            let token = try await server.logIn(.staff)
            let keys = try server.people.keys["staff"].orThrow()
            await server.directory.set(try server.people.with(.admit(keys.member(role: .intern))))
            #expect(try await isGood(token, server) == false)
            let request = try await server.answer(server.challenge(for: "staff"), as: "staff")
            #expect(try await server.post("/v1/session", request).json(SessionToken.self).role == "intern")
        }
    }

    @Test(arguments: ["", "Basic abc", "Bearer", "Bearer a b", "Bearer nothing"])
    func otherAuthorizationIsRefused(header: String) async throws {
        try await withServer { server in
            let reply = try await server.send("GET", "/v1/session", headers: ["Authorization": header])
            #expect(reply.error?.code == .unauthenticated)
        }
    }

    @Test func theOneUnusedForLongestMakesRoom() async throws {
        try await withServer { server in
            var tokens: [String] = []
            for _ in 0..<32 {
                tokens.append(try await server.logIn(.staff))
                server.clock.advance(by: .seconds(2))
            }
            #expect(try await isGood(tokens[0], server))
            _ = try await server.logIn(.staff)
            #expect(try await isGood(tokens[0], server))
            #expect(try await isGood(tokens[1], server) == false)
        }
    }
}
