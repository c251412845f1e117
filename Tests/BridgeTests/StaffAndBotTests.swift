import Bridge
import Foundation
import Messaging
import Sealing
import StaffProtocol
import Store
import Synchronization
import Testing

/// What staff see of the bot, and the bot's silence while staff have a conversation.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct StaffAndBotTests {
    private static func viewer() throws -> Viewer {
        Viewer(member: try #require(MemberID(rawValue: "noor")), role: .coordinator)
    }

    private static func service(
        _ deployment: TestDeployment, wake: @escaping @Sendable (ChannelID) async -> Void = { _ in }
    ) -> StoreStaffService {
        StoreStaffService(
            writer: deployment.writer,
            ports: StaffPorts(
                roles: { [:] }, isReleasedText: { _, _ in false },
                suggest: { _ in Suggestions(variety: "", suggestions: []) }, wake: wake,
                facts: { BridgeFacts(version: "", startedAt: 0, keyMode: "", channels: [], warnings: []) }))
    }

    private static func call(_ endpoint: Endpoint) throws -> Call {
        Call(viewer: try viewer(), endpoint: endpoint, key: .random(), request: [])
    }

    @Test func staffSeeWhatTheBotDecidedAndDangerFirst() async throws {
        let deployment = try await TestDeployment(responder: NotingResponder())
        let page = Mutex<InboxPage?>(nil)
        try await deployment.running { link in
            await deployment.receive(envelope("question", 1, from: "a@example.org"))
            await deployment.receive(envelope("danger", 2, from: "b@example.org"))
            await deployment.receive(envelope("…", 3, from: "a@example.org"))
            await link.until { $0.acknowledged.count == 3 }
            let found = try await Self.service(deployment).inbox(.all, limit: 10, after: "", for: Self.viewer())
            page.withLock { $0 = found }
        }
        let found = try #require(page.withLock { $0 })
        #expect(found.danger == 1 && found.rows.count == 2)
        let (danger, other) = (found.rows[0], found.rows[1])
        #expect(danger.dangerSince > 0 && danger.waitsSince > 0 && danger.bot?.reason == "danger")
        #expect(other.dangerSince == 0 && other.waitsSince == 0)
        #expect(other.language == "ary-Latn", "a message whose language is not clear leaves the last one")
        #expect(other.bot?.decision == "answer" && other.bot?.topic == "complaint")
        #expect(other.bot?.candidates == [BotNote.Candidate(topic: "complaint", confidence: 0.75)])
        let disk = try Data(contentsOf: deployment.folder.appending(path: "sila.sqlite"))
        #expect(disk.range(of: Data("complaint".utf8)) == nil)
    }

    @Test func theBotIsSilentWhileStaffHaveTheConversationAndDangerIsStillSeen() async throws {
        let responder = NotingResponder()
        let deployment = try await TestDeployment(responder: responder)
        let service = Self.service(deployment)
        try await deployment.running { link in
            await deployment.receive(envelope("question", 1))
            await link.until { $0.departed.count == 1 }
            _ = try await service.takeOver(1, TakeoverRequest(taken: true), Self.call(.takeOver))
            await deployment.receive(envelope("question", 2))
            await deployment.receive(envelope("danger", 3))
            await link.until { $0.acknowledged == [1, 2, 3] }
            let taken = try await service.conversation(1, before: "", limit: 10, for: Self.viewer())
            #expect(taken.items.compactMap(\.direction).filter { $0 == "out" }.count == 1)
            #expect(taken.row.waitsSince > 0 && taken.row.dangerSince > 0 && taken.row.bot?.decision == "silent")
            _ = try await service.takeOver(1, TakeoverRequest(taken: false), Self.call(.takeOver))
            await deployment.receive(envelope("question", 4))
            await link.until { $0.departed.count == 2 }
        }
        // What was never said is not in the bot's memory: it goes on from its own last words.
        #expect(responder.states.withLock { $0 } == [[], [1], [1], [1]])
    }

    @Test func aTakeoverLapsesAndTheBotSpeaksAgain() async throws {
        let deployment = try await TestDeployment(responder: NotingResponder())
        let service = Self.service(deployment)
        try await deployment.running { link in
            await deployment.receive(envelope("question", 1))
            await link.until { $0.departed.count == 1 }
            _ = try await service.takeOver(1, TakeoverRequest(taken: true), Self.call(.takeOver))
            deployment.clock.advance(by: Double(TakeoverRequest.lifetime) + 1)
            await deployment.receive(envelope("question", 2))
            await link.until { $0.departed.count == 2 }
        }
        #expect(try deployment.counts().messagesOut == 2)
    }

    @Test func aReplyOfStaffReachesTheContact() async throws {
        let deployment = try await TestDeployment(responder: NotingResponder())
        let service = Self.service(deployment) { await deployment.wake($0) }
        try await deployment.running { link in
            await deployment.receive(envelope("question", 1))
            await link.until { $0.departed.count == 1 }
            _ = try await service.reply(1, ReplyRequest(text: "from staff", seen: .max), Self.call(.reply))
            await link.until { $0.departed.count == 2 }
        }
        #expect(deployment.link.state.withLock { $0.departed.last?.1 } == "from staff")
        #expect(try deployment.counts().outbox == ["confirmed": 2])
    }

    @Test func aContactMayBeErasedWhileAReplyToThemIsOnItsWay() async throws {
        let deployment = try await TestDeployment(responder: NotingResponder())
        deployment.link.state.withLock { $0.confirmsAtOnce = false }
        let service = Self.service(deployment)
        try await deployment.running { link in
            await deployment.receive(envelope("question", 1))
            await link.until { $0.departed.count == 1 }
            _ = try await service.erase(1, EraseRequest(confirm: 1), Self.call(.eraseContact))
            let (host, sent) = link.state.withLock { ($0.host, $0.departed.map(\.0)) }
            await host?.confirmed(sent)
            // Who writes again is a new contact, and the others go on.
            await deployment.receive(envelope("question", 2))
            await link.until { $0.departed.count == 2 }
        }
        let counts = try deployment.counts()
        #expect(counts.contacts == 1 && counts.messagesIn == 1 && counts.messagesOut == 1)
    }
}

/// Answers `question`, alarms at `danger`, says nothing to the rest; keeps the states it was given.
private final class NotingResponder: Responder {
    let states = Mutex<[[UInt8]]>([])

    func respond(to input: ResponderInput) -> ResponderOutput {
        states.withLock { $0.append(input.state) }
        let reply = ResponderOutput.Reply(text: "answer", protection: input.protection, topic: nil, variety: nil)
        switch input.text {
        case "question":
            return ResponderOutput(
                state: [1], replies: [reply], handsOver: false,
                note: ResponderNote(
                    decision: "answer", topic: "complaint",
                    candidates: [.init(topic: "complaint", confidence: 0.75)], variety: "ary-Latn"))
        case "danger":
            return ResponderOutput(
                state: [2], replies: [reply], handsOver: true,
                note: ResponderNote(decision: "urgent", reason: "danger", target: "crisis", isDanger: true))
        default:
            return ResponderOutput(
                state: [1], replies: [], handsOver: false,
                note: ResponderNote(
                    decision: "answer", topic: "complaint",
                    candidates: [.init(topic: "complaint", confidence: 0.75)]))
        }
    }
}
