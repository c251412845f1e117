import Foundation
import Messaging
import StaffProtocol
import Store
import Testing

/// Events: numbered, durable, never missed, never reused.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct EventTests {
    private static let noor = StaffDesk.viewer("noor")

    private static func events(_ desk: StaffDesk, after number: Int64 = 0) async throws -> [StaffEvent] {
        try await desk.service.events(after: number, limit: 10_000, for: noor)
    }

    @Test func everyItemAndEveryStageMakesAnEvent() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid", waits: false)
        let reply = try await desk.service.reply(
            conversation, ReplyRequest(text: "x", seen: .max), call("sam", .reply))
        let before = try await Self.events(desk)
        #expect(before.map(\.kind) == [.item, .item, .conversation])
        #expect(before[1].position == reply.position && before[1].conversation == conversation)
        let id = try await desk.writer.perform { transaction in
            let row = try #require(try transaction.due(on: .xmpp, limit: 1).first)
            let id = row.id
            try transaction.setPrepared(row, bytes: [1])
            try transaction.setHandedOver(id)
            return id
        }
        try await desk.writer.perform { try $0.settle(id, as: .absent) }
        try await desk.writer.perform { try $0.setHandedOver(id) }
        try await desk.writer.perform { try $0.settle(id, as: .unknown) }
        try await desk.writer.perform { try $0.setFailed(id, code: "bounced-gone") }
        let stages = try await Self.events(desk, after: before.last?.number ?? 0)
        #expect(stages.filter { $0.kind == .itemChanged && $0.position == reply.position }.count == 5)
        #expect(stages.filter { $0.kind == .conversation }.count == 1, "it waits for a person now")
        let row = try await desk.row(conversation)
        #expect(row.troubled == 1 && row.waitsSince > 0)
        let item = try await desk.service.conversation(conversation, before: "", limit: 1, for: Self.noor).items.first
        #expect(item?.stage == "failed" && item?.code == "bounced-gone")
        _ = try await desk.service.setAttention(
            conversation, AttentionRequest(waits: false, seen: row.newestItem), call("sam", .setAttention))
        #expect(try await desk.row(conversation).troubled == 0)
        await desk.writer.close()
    }

    @Test func aBatchReachesOverWhatConcernsOthers() async throws {
        let desk = try StaffDesk()
        try await desk.contact("rachid")
        let newest = try #require(try await Self.events(desk).last).number
        let finance = StaffDesk.viewer("fin")
        let batch = try await desk.service.eventBatch(after: 0, limit: 10, for: finance)
        #expect(batch == EventBatch(events: [], reached: newest), "not looked at again")
        let full = try await desk.service.eventBatch(after: 0, limit: 1, for: Self.noor)
        #expect(full.events.map(\.number) == [1] && full.reached == 1, "nothing behind it was looked at")
        let reset = try await desk.service.eventBatch(after: newest + 1, limit: 10, for: finance)
        #expect(reset.events.map(\.kind) == [.reset] && reset.reached == newest)
        await desk.writer.close()
    }

    @Test func whatIsRolledBackMakesNoEvent() async throws {
        struct Refused: Error {}
        let desk = try StaffDesk()
        try await desk.contact("rachid")
        let before = try await Self.events(desk)
        await #expect(throws: Refused.self) {
            try await desk.writer.perform { transaction in
                _ = try transaction.store(message("x"), in: transaction.conversation(for: StaffDesk.address("rachid")))
                throw Refused()
            }
        }
        #expect(try await Self.events(desk) == before)
        try await desk.write("rachid")
        let numbers = try await Self.events(desk).map(\.number)
        #expect(numbers == Array(1...Int64(numbers.count)))
        await desk.writer.close()
    }

    @Test func aListenerWhoReadsAfterEachNumberMissesNone() async throws {
        let desk = try StaffDesk()
        let numbers = desk.service.eventNumbers()
        // A child of the test: it ends with the test's time, should no number come.
        async let read = {
            var seen: [Int64] = []
            for await number in numbers {
                let found = try await Self.events(desk, after: seen.last ?? 0)
                seen += found.map(\.number)
                #expect((seen.last ?? 0) >= number, "it is told after the commit, not before")
                if seen.count >= 100 { break }
            }
            return seen
        }()
        try await withThrowingTaskGroup { group in
            for person in 0..<10 {
                group.addTask { for _ in 0..<10 { try await desk.write("person\(person)", waits: false) } }
            }
            try await group.waitForAll()
        }
        #expect(try await read == Array(1...100))
        await desk.writer.close()
    }

    @Test func theStreamEndsWithTheStore() async throws {
        let desk = try StaffDesk()
        let (before, writer) = (desk.service.eventNumbers(), desk.writer)
        await writer.close()
        for await _ in before {}
        for await _ in desk.service.eventNumbers() {}
        let code = try await refusal {
            try await desk.service.reply(1, ReplyRequest(text: "x", seen: 0), call("sam", .reply))
        }
        #expect(code == .unavailable)
        #expect(try await refusal { try await Self.events(desk) } == .unavailable)
    }

    @Test func oldEventsAreForgottenAndSaidToBe() async throws {
        let desk = try StaffDesk()
        try await desk.contact("old")
        let last = try #require(try await Self.events(desk).last).number
        desk.clock.advance(by: 15 * 86_400)
        try await desk.write("new", waits: false)
        try await desk.writer.perform { try $0.forgetExpired() }
        #expect(try await Self.events(desk).map(\.kind) == [.reset])
        #expect(try await Self.events(desk, after: last).map(\.number) == [last + 1])
        // All are gone, and numbers go on all the same, also after a restart.
        desk.clock.advance(by: 15 * 86_400)
        try await desk.writer.perform { try $0.forgetExpired() }
        #expect(try await Self.events(desk, after: last + 1).isEmpty)
        let reset = try await Self.events(desk, after: last)
        #expect(reset.map(\.kind) == [.reset] && reset.map(\.number) == [last + 1])
        await desk.writer.close()
        let again = try StaffDesk(store: desk.store, clock: desk.clock)
        try await again.write("new", waits: false)
        #expect(try await Self.events(again, after: last + 1).map(\.number) == [last + 2])
        // A number that was never given: the store was restored from a backup.
        #expect(try await Self.events(again, after: 1_000_000).map(\.kind) == [.reset])
        await again.writer.close()
    }
}
