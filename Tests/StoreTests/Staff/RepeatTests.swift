import Foundation
import GRDB
import Messaging
import StaffProtocol
import Store
import Testing

/// The same change asked once more, long after, or by somebody whom it no longer concerns.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct RepeatTests {
    private func sent(_ desk: StaffDesk) async throws -> Int {
        try await desk.writer.perform { try $0.due(on: .xmpp, limit: 10).count }
    }

    /// Whose answer was lost, and whose author comes back after a holiday.
    @Test func aReplyIsSaidOnceHoweverLongAgo() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        let request = ReplyRequest(text: "salam", seen: try await desk.newest(conversation))
        let change = call("sam", .reply, request: "a")
        let first = try await desk.service.reply(conversation, request, change)
        desk.clock.advance(by: 400 * 86_400)
        try await desk.writer.perform { try $0.forgetExpired() }
        #expect(try await desk.service.reply(conversation, request, change) == first)
        #expect(try await sent(desk) == 1)
        desk.clock.advance(by: 400 * 86_400)
        try await desk.writer.perform { try $0.forgetExpired() }
        let other = call("sam", .reply, key: change.key.rawValue, request: "b")
        #expect(try await refusal { try await desk.service.reply(conversation, request, other) } == .keyReused)
        await desk.writer.close()
    }

    @Test(arguments: [0, 30 * 86_400.0, -30 * 86_400.0]) func anAnswerIsKnownForAWeekThatPasses(jump: Double)
        async throws
    {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        let change = call("sam", .takeOver)
        _ = try await desk.service.takeOver(conversation, TakeoverRequest(taken: true), change)
        _ = try await desk.service.takeOver(conversation, TakeoverRequest(taken: false), call("sam", .takeOver))
        func again() async throws -> Int64 {
            try await desk.writer.perform { try $0.forgetExpired() }
            _ = try await desk.service.takeOver(conversation, TakeoverRequest(taken: true), change)
            return try await desk.row(conversation).takenOverBy.isEmpty ? 0 : 1
        }
        desk.clock.advance(by: 6 * 86_400)
        desk.clock.jump(by: jump)
        #expect(try await again() == 0, "it was done before")
        desk.clock.advance(by: 2 * 86_400)
        #expect(try await again() == 1, "and is forgotten after a week that passed")
        await desk.writer.close()
    }

    @Test func aProposalIsWrittenDownOnceHoweverLongAgo() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        let entry = try await desk.entry(.proposal, in: conversation, .conversation)
        let change = call("sam", .addEntry)
        let first = try await desk.service.addEntry(conversation, entry, change)
        desk.clock.advance(by: 30 * 86_400)
        try await desk.writer.perform { try $0.forgetExpired() }
        #expect(try await desk.service.addEntry(conversation, entry, change) == first)
        #expect(
            try await refusal { try await desk.service.addEntry(conversation, entry, call("noor", .addEntry)) }
                == .malformed, "another's is not theirs")
        await desk.writer.close()
    }

    @Test func whatIsNoLongerForSomebodyIsNotAnsweredAgain() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        let tag = try await desk.service.addEntry(
            conversation, desk.entry(.tag, in: conversation), call("amal", .addEntry))
        let (close, take, read) = (call("amal", .closeEntry), call("amal", .takeOver), call("amal", .setAttention))
        func all() async throws -> [APIError.Code?] {
            [
                try await refusal {
                    try await desk.service.closeEntry(tag.id, CloseEntry(outcome: "removed"), close)
                },
                try await refusal {
                    try await desk.service.takeOver(conversation, TakeoverRequest(taken: true), take)
                },
                try await refusal {
                    try await desk.service.setAttention(
                        conversation, AttentionRequest(waits: true, seen: 0), read)
                },
            ]
        }
        #expect(try await all() == [nil, nil, nil])
        #expect(try await all() == [nil, nil, nil], "the same once more")
        try await desk.assign(conversation, to: "badr")
        #expect(try await all() == [.notFound, .notFound, .notFound])
        await desk.writer.close()
    }

    @Test func anInternClosesOnlyWhatIsServedToThem() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        let tag = try await desk.service.addEntry(
            conversation, desk.entry(.tag, in: conversation), call("sam", .addEntry))
        desk.clock.advance(by: 91 * 86_400)
        try await desk.assign(conversation, to: "amal")
        func close(_ member: String) async throws -> APIError.Code? {
            try await refusal {
                try await desk.service.closeEntry(tag.id, CloseEntry(outcome: "removed"), call(member, .closeEntry))
            }
        }
        #expect(try await close("amal") == .notFound)
        #expect(try await close("sam") == nil)
        await desk.writer.close()
    }

    /// Channels hold an outbox number until the server answers: it never means another's message.
    @Test func noOutboxNumberComesAgainAfterAnErasure() async throws {
        let desk = try StaffDesk()
        let (one, other) = (try await desk.contact("one"), try await desk.contact("other"))
        func handOver(_ conversation: Int64) async throws -> OutboxID {
            _ = try await desk.service.reply(
                conversation, ReplyRequest(text: "x", seen: .max), call("sam", .reply))
            return try await desk.writer.perform { transaction in
                let row = try #require(try transaction.due(on: .xmpp, limit: 10).first)
                let id = row.id
                try transaction.setPrepared(row, bytes: [1])
                try transaction.setHandedOver(id)
                return id
            }
        }
        let erased = try await handOver(one)
        let contact = try await desk.row(one).contact
        _ = try await desk.service.erase(contact, EraseRequest(confirm: contact), call("noor", .eraseContact))
        #expect(try await handOver(other) != erased)
        try await desk.writer.perform { try $0.confirm(erased) }
        let page = try await desk.service.conversation(other, before: "", limit: 10, for: StaffDesk.viewer("sam"))
        #expect(page.items.last?.stage == "handed-over", "what the server says of the erased one changes nothing here")
        await desk.writer.close()
    }

    @Test func noAnswerAboutAnErasedContactStays() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        _ = try await desk.service.reply(
            conversation, ReplyRequest(text: "x", seen: .max), call("sam", .reply))
        let contact = try await desk.row(conversation).contact
        _ = try await desk.service.erase(contact, EraseRequest(confirm: contact), call("noor", .eraseContact))
        await desk.writer.close()
        let left = try await DatabaseQueue(path: desk.store.path).read {
            [
                try Int.fetchOne($0, sql: "SELECT count(*) FROM idempotency"),
                try Int.fetchOne($0, sql: "SELECT count(*) FROM reply_key"),
            ]
        }
        #expect(left == [1, 0], "that it was erased, and nothing else")
    }
}
