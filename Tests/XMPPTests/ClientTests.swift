import Foundation
import Testing
import XMPP

@Suite(.timeLimit(.minutes(3))) struct ClientTests {
    @Test(arguments: ["SHA-256", "SHA-1"])
    func twoAccountsTalk(_ hash: String) async throws {
        try await Prosody.run(.init(passwordHash: hash)) { server in
            try await server.register("anna", "bashir")
            var anna = Running(try server.configuration("anna"))
            var bashir = Running(try server.configuration("bashir"))
            #expect(try await anna.online() == false)
            try await bashir.online()
            try await anna.client.send(EntityIdentity().presence)
            let text = "السلام <&> \u{1F600}"
            try await bashir.client.send(chat(to: "anna@example.org", text), token: 7)
            let message = try await anna.message()
            #expect(message.first("body", Namespace.client)?.text == text)
            #expect(message.stanzaID(by: try JID("anna@example.org")) != nil)
            #expect(try await bashir.confirmed() == [7])
            await anna.stop()
            await bashir.stop()
        }
    }

    @Test func aWrongPasswordEndsTheRun() async throws {
        try await Prosody.run { server in
            try await server.register("anna")
            var configuration = try server.configuration("anna")
            configuration.password = "wrong"
            let result = await Running(configuration).result()
            #expect(throws: StreamFailure.refused(condition: "not-authorized")) { try result.get() }
        }
    }

    @Test func aWrongPinEndsTheRun() async throws {
        try await Prosody.run { server in
            var configuration = try server.configuration("anna")
            configuration.transport.trust = .pinned("sha256//" + String(repeating: "A", count: 43) + "=")
            let result = await Running(configuration).result()
            #expect(throws: StreamFailure.self) { try result.get() }
        }
    }

    @Test func inquiriesAreAnswered() async throws {
        try await Prosody.run { server in
            try await server.register("anna", "bashir")
            var anna = Running(try server.configuration("anna"))
            var bashir = Running(try server.configuration("bashir"))
            try await anna.online()
            try await bashir.online()
            let to = try JID("anna@example.org/sila")
            let info = try await bashir.client.iq("get", to: to, Element("query", Namespace.discoInfo))
            let query = try #require(info.first("query", Namespace.discoInfo))
            #expect(query.all("feature", Namespace.discoInfo).contains { $0["var"] == Namespace.receipts })
            _ = try await bashir.client.iq("get", to: to, Element("ping", Namespace.ping))
            func node(_ count: Int) -> Element {
                let name = String(repeating: "n", count: count)
                return Element("query", Namespace.discoInfo, attributes: [("node", name)])
            }
            let known = try await bashir.client.iq("get", to: to, node(1000))
            #expect(known.first("query", Namespace.discoInfo)?["node"]?.utf8.count == 1000)
            await #expect(throws: StanzaError(condition: "item-not-found", type: "cancel")) {
                try await bashir.client.iq("get", to: to, node(1001))
            }
            await #expect(throws: StanzaError(condition: "service-unavailable", type: "cancel")) {
                try await bashir.client.iq("set", to: to, Element("query", "jabber:iq:unknown"))
            }
            await anna.stop()
            await bashir.stop()
        }
    }

    /// Prosody writes a prefix's namespace out on each element: 120 kB become more than 20 MB.
    @Test func aSmallMessageThatTheServerBlowsUpDoesNotSilenceUs() async throws {
        try await Prosody.run { server in
            try await server.register("anna", "bashir")
            var anna = Running(try server.configuration("anna"))
            var bashir = Running(try server.configuration("bashir"))
            try await anna.online()
            try await bashir.online()
            try await anna.client.send(EntityIdentity().presence)
            let namespace = "urn:" + String(repeating: "n", count: 1_500)
            let children = String(repeating: "<p:a/>", count: 15_000)
            let text =
                "<message xmlns='jabber:client' type='chat' to='anna@example.org'>"
                + "<body xmlns:p='\(namespace)'>\(children)</body></message>"
            try await bashir.client.send(serialized: Array(text.utf8))
            try await bashir.client.send(chat(to: "anna@example.org", "after"))
            let cut = try await anna.message()
            #expect(cut.refusal == .stanzaTooLarge)
            #expect(cut["from"] == "bashir@example.org/sila")
            #expect(cut.stanzaID(by: try JID("anna@example.org")) != nil)
            #expect(try await anna.message().first("body", Namespace.client)?.text == "after")
            await anna.stop()
            await bashir.stop()
        }
    }

    @Test func aCutStreamIsResumedAndNothingIsLostOrTwice() async throws {
        try await Prosody.run { server in
            try await server.register("anna", "bashir")
            let link = try Link(to: server.port)
            defer { link.close() }
            var anna = Running(try server.configuration("anna", port: link.port))
            var bashir = Running(try server.configuration("bashir"))
            try await anna.online()
            try await bashir.online()
            try await anna.client.send(EntityIdentity().presence)
            try await bashir.client.send(EntityIdentity().presence)
            _ = try await anna.client.iq("get", Element("ping", Namespace.ping))

            // What leaves now goes nowhere, and nobody is told before the cut.
            link.freeze()
            for index in 0..<5 {
                try await anna.client.send(chat(to: "bashir@example.org", "out \(index)"), token: Int64(index))
            }
            for index in 0..<5 { try await bashir.client.send(chat(to: "anna@example.org", "in \(index)")) }
            link.thaw()
            link.cut()

            #expect(try await anna.online() == true)
            for index in 0..<5 {
                #expect(try await anna.message().first("body", Namespace.client)?.text == "in \(index)")
                #expect(try await bashir.message().first("body", Namespace.client)?.text == "out \(index)")
            }
            try await anna.client.send(chat(to: "bashir@example.org", "end"), token: 9)
            #expect(try await bashir.message().first("body", Namespace.client)?.text == "end")
            await anna.stop()
            await bashir.stop()
        }
    }

    @Test func anUncommittedStanzaComesAgainAfterAResumption() async throws {
        try await Prosody.run { server in
            try await server.register("anna", "bashir")
            let link = try Link(to: server.port)
            defer { link.close() }
            var anna = Running(try server.configuration("anna", port: link.port))
            var bashir = Running(try server.configuration("bashir"))
            try await anna.online()
            try await bashir.online()
            try await anna.client.send(EntityIdentity().presence)
            try await bashir.client.send(chat(to: "anna@example.org", "first"))
            _ = try await anna.message()
            try await bashir.client.send(chat(to: "anna@example.org", "second"))
            var seen: Element?
            while seen == nil {
                if case .stanza(let stanza, _) = try await anna.next(), stanza.name == "message" { seen = stanza }
            }
            link.cut()
            #expect(try await anna.online() == true)
            // Prosody adds a `<delay/>`: the rest is the same, and so is the archive's id.
            let again = try await anna.message()
            let account = try JID("anna@example.org")
            #expect(again.stanzaID(by: account) != nil)
            #expect(again.stanzaID(by: account) == seen?.stanzaID(by: account))
            #expect(again.first("body", Namespace.client)?.text == "second")
            await anna.stop()
            await bashir.stop()
        }
    }

    @Test func afterAServerRestartTheFateIsReported() async throws {
        try await Prosody.run { server in
            try await server.register("anna")
            let link = try Link(to: server.port)
            defer { link.close() }
            var anna = Running(try server.configuration("anna", port: link.port))
            try await anna.online()
            link.freeze()
            try await anna.client.send(chat(to: "anna@example.org/none", "lost"), token: 1)
            await server.kill()
            link.thaw()
            link.cut()
            _ = try await anna.offline()
            try await server.restart()
            var unsettled: [Int64] = []
            while true {
                let event = try await anna.next()
                if case .unsettled(let tokens) = event { unsettled += tokens }
                if case .online(let resumed) = event {
                    #expect(!resumed)
                    break
                }
            }
            #expect(unsettled == [1])
            await anna.stop()
        }
    }

    @Test func aHalfOpenLinkIsNoticed() async throws {
        try await Prosody.run { server in
            try await server.register("anna")
            let link = try Link(to: server.port)
            defer { link.close() }
            var configuration = try server.configuration("anna", port: link.port)
            configuration.pingInterval = .milliseconds(300)
            configuration.pingDeadline = .milliseconds(500)
            var anna = Running(configuration)
            try await anna.online()
            link.freeze()
            #expect(try await anna.offline() == .silent(step: "ping"))
            link.thaw()
            #expect(try await anna.online() == true)
            await anna.stop()
        }
    }

    /// Prosody 0.12 resumes a stream that was cut inside a stanza, and then waits for its other half.
    @Test func aResumedStreamThatDoesNotHearUsIsBoundAnew() async throws {
        try await Prosody.run { server in
            try await server.register("anna")
            let link = try Link(to: server.port)
            defer { link.close() }
            var configuration = try server.configuration("anna", port: link.port)
            configuration.pingDeadline = .milliseconds(500)
            var anna = Running(configuration)
            try await anna.online()
            let half = "<message xmlns='jabber:client' to='anna@example.org'><body>half of it"
            try await anna.client.send(serialized: Array(half.utf8))
            link.cut()
            var states: [Bool] = []
            while states.last != false { states.append(try await anna.online()) }
            #expect(states.filter { $0 }.count <= 1, "a deaf stream is not resumed a second time")
            _ = try await anna.client.iq("get", Element("ping", Namespace.ping))
            await anna.stop()
        }
    }

    @Test func aServerThatStopsAnsweringMeetsTheStepsDeadline() async throws {
        try await Prosody.run { server in
            try await server.register("anna")
            let link = try Link(to: server.port)
            defer { link.close() }
            var configuration = try server.configuration("anna", port: link.port)
            configuration.connectDeadline = .milliseconds(400)
            link.freeze()
            var anna = Running(configuration)
            #expect(try await anna.offline() == .transport(TransportError(.timeout, code: 28)))
            link.thaw()
            try await anna.online()
            await anna.stop()
        }
    }

    @Test func stoppingDoesNotWaitForAServerThatStoppedReading() async throws {
        try await Prosody.run { server in
            try await server.register("anna")
            let link = try Link(to: server.port)
            defer { link.close() }
            var anna = Running(try server.configuration("anna", port: link.port))
            try await anna.online()
            link.stall()
            let client = anna.client
            // Far more than the buffers of both sockets hold.
            let flood = Task {
                try await client.send(chat(to: "anna@example.org", String(repeating: "x", count: 32 << 20)))
            }
            await anna.stop()
            _ = await flood.result
        }
    }

    @Test func aSecondLoginWithTheSameResourceIsNamed() async throws {
        try await Prosody.run { server in
            try await server.register("anna")
            var first = Running(try server.configuration("anna"))
            try await first.online()
            var second = Running(try server.configuration("anna"))
            try await second.online()
            #expect(try await first.offline() == .streamError(condition: "conflict"))
            await first.stop()
            await second.stop()
        }
    }

    @Test func theArchiveIsReadInPages() async throws {
        try await Prosody.run { server in
            try await server.register("anna", "bashir")
            var bashir = Running(try server.configuration("bashir"))
            try await bashir.online()
            for index in 0..<7 {
                try await bashir.client.send(chat(to: "anna@example.org", "\(index)"), token: Int64(index))
            }
            while try await !bashir.confirmed().contains(6) {}
            var anna = Running(try server.configuration("anna"))
            try await anna.online()
            var texts: [String] = []
            var query = ArchiveQuery(limit: 3)
            var pages = 0
            while true {
                let page = try await anna.client.archive(query)
                pages += 1
                texts += page.messages.compactMap { $0.message.first("body", Namespace.client)?.text }
                #expect(page.messages.allSatisfy { $0.sentAt != nil })
                if page.isComplete { break }
                query.after = page.last
            }
            #expect(texts == (0..<7).map(String.init))
            #expect(pages == 3)
            #expect(try await anna.client.archive(ArchiveQuery(with: JID("carol@example.org"))).messages.isEmpty)
            await #expect(throws: StanzaError.self) { try await anna.client.archive(ArchiveQuery(after: "unknown-id")) }
            await anna.stop()
            await bashir.stop()
        }
    }

    @Test func aStrangerCanFetchWhatIsPublished() async throws {
        try await Prosody.run { server in
            try await server.register("anna", "bashir")
            var anna = Running(try server.configuration("anna"))
            var bashir = Running(try server.configuration("bashir"))
            try await anna.online()
            try await bashir.online()
            let account = try JID("anna@example.org")
            #expect(try await anna.client.personalItem(of: nil, node: "urn:node") == nil)
            for round in 1...2 {
                try await anna.client.publish(Element("p", "urn:p", text: "\(round)"), node: "urn:node")
                let item = try await bashir.client.personalItem(of: account, node: "urn:node")
                #expect(item?.payload.text == "\(round)")
            }
            try await anna.client.deleteNode("urn:node")
            try await anna.client.deleteNode("urn:node")
            #expect(try await anna.client.personalItem(of: nil, node: "urn:node") == nil)
            // Prosody tells strangers `forbidden` rather than that there is nothing.
            await #expect(throws: StanzaError.self) {
                try await bashir.client.personalItem(of: account, node: "urn:node")
            }
            await anna.stop()
            await bashir.stop()
        }
    }
}
