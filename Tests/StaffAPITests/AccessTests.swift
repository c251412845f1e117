import Foundation
import Sealing
import StaffAPI
import StaffProtocol
import Testing

/// Every operation in every role, as `Role.access` says.
@Suite struct AccessTests {
    @Test(arguments: Role.allCases) func everyOperationInEveryRole(role: Role) async throws {
        try await withServer { server in
            // The last: after it there is no session.
            for endpoint in Endpoint.allCases.filter({ $0 != .logOut }) + [.logOut] where !endpoint.isPublic {
                // Streams do not end by themselves: they have tests of their own, here only their head.
                let token = try await server.logIn(role)
                let status: Int
                if endpoint == .streamEvents || endpoint == .streamArchive {
                    let wire = try Wire(server.path)
                    try await wire.send("GET", endpoint.path, headers: ["Authorization": "Bearer \(token)"])
                    status = try await wire.head().status
                } else {
                    status = try await server.send(Specimen(endpoint), token: token).status
                }
                // The bridge of this test is open already.
                let allowed = endpoint == .unlock ? 409 : 200
                #expect(
                    status == (role.access(to: endpoint) == .none ? 403 : allowed),
                    "\(endpoint.rawValue) for \(role.rawValue)")
            }
        }
    }

    @Test(arguments: Role.allCases) func theServiceIsToldWhoAsks(role: Role) async throws {
        try await withServer { server in
            let token = try await server.logIn(role)
            #expect(try await server.send(Specimen(.listStaff), token: token).status == 200)
            #expect(server.service.asked.last?.viewer == Viewer(member: try MemberID.named(role.rawValue), role: role))
        }
    }

    @Test func whatIsForbiddenDoesNotReachTheService() async throws {
        try await withServer { server in
            let token = try await server.logIn(.auditor)
            let reply = try await server.send(Specimen(.reply), token: token)
            #expect(reply.error?.code == .forbidden)
            #expect(server.service.asked.isEmpty)
        }
    }

    @Test(arguments: Endpoint.allCases.filter { !$0.isPublic })
    func withoutALogInNothingIsServed(endpoint: Endpoint) async throws {
        try await withServer { server in
            let specimen = try Specimen(endpoint)
            #expect(try await server.send(specimen).error?.code == .unauthenticated)
            #expect(try await server.send(specimen, token: "made-up").error?.code == .unauthenticated)
            #expect(server.service.asked.isEmpty)
            #expect(await server.directory.changes.isEmpty)
        }
    }

    @Test(arguments: Endpoint.allCases.filter { !$0.isPublic })
    func afterRevocationNothingIsServed(endpoint: Endpoint) async throws {
        try await withServer { server in
            // The role that may use it.
            let role =
                try Role.allCases.first { $0.access(to: endpoint) != .none && $0 != .coordinator }
                ?? Role.allCases.first { $0.access(to: endpoint) != .none && $0 == .coordinator }.orThrow()
            let token = try await server.logIn(role)
            guard role != .coordinator else {
                // The only coordinator cannot leave: they get new keys instead.
                let admitted = try StaffKeysForTests.newMember("coordinator", .coordinator)
                await server.directory.set(try server.people.with(.admit(admitted)))
                #expect(try await server.send(Specimen(endpoint), token: token).error?.code == .unauthenticated)
                return
            }
            await server.directory.set(try server.people.with(.dismiss(MemberID.named(role.rawValue))))
            #expect(try await server.send(Specimen(endpoint), token: token).error?.code == .unauthenticated)
            #expect(server.service.asked.isEmpty)
        }
    }

    @Test func publicOperationsNeedNoLogIn() async throws {
        try await withServer { server in
            let health = try await server.send(Specimen(.getHealth)).json(Health.self)
            #expect(
                health
                    == Health(
                        state: .ready, version: "1.2.3", deployment: Data(repeating: 7, count: 16), rosterSequence: 4))
            #expect(try await server.send(Specimen(.getRoster)).body == server.people.roster.encoded())
        }
    }
}

@Suite struct LockedTests {
    @Test func onlyTheDoorIsServed() async throws {
        try await withServer(isLocked: true) { server in
            #expect(try await server.send(Specimen(.getHealth)).json(Health.self).state == .locked)
            for endpoint in Endpoint.allCases where !endpoint.isPublic && endpoint != .unlock {
                let token = try await server.logIn(.coordinator)
                let reply = try await server.send(Specimen(endpoint), token: token)
                if Role.coordinator.access(to: endpoint) == .none {
                    #expect(reply.error?.code == .forbidden)
                } else if endpoint.worksLocked {
                    #expect(reply.status == 200, "\(endpoint.rawValue)")
                } else {
                    #expect(reply.error?.code == .locked, "\(endpoint.rawValue)")
                }
            }
            #expect(server.service.asked.isEmpty)
        }
    }

    @Test func theWorkingKeyOpensAndTheServiceIsAttached() async throws {
        try await withServer(isLocked: true) { server in
            let token = try await server.logIn(.staff)
            let wrong = UnlockRequest(workingKey: Data(count: 32))
            #expect(try await server.post("/v1/unlock", wrong, token: token).error?.code == .refused)
            #expect(await server.directory.isLocked)
            _ = try await server.logIn(.staff)
            #expect(server.service.logIns.isEmpty, "there is nothing yet to write it into")
            let right = try Specimen(.unlock)
            async let opened = server.send(right, token: token)
            // The key is taken, the store is being opened: the answer waits for that.
            await server.clock.waitForSleepers(1)
            let early = try await server.send(Specimen(.listInbox), token: token).error
            #expect(early?.code == .locked && early?.message.contains("being opened") == true)
            await server.server.attach(server.service)
            #expect(server.service.logIns.map(\.role) == [.staff], "each once, as soon as it is open")
            #expect(try await opened.status == 200)
            #expect(try await server.send(Specimen(.listInbox), token: token).status == 200)
            #expect(try await server.send(Specimen(.getHealth)).json(Health.self).state == .ready)
            #expect(try await server.send(right, token: token).error?.code == .conflict)
        }
    }
}
