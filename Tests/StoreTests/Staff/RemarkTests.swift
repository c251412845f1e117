import Foundation
import Sealing
import StaffProtocol
import Testing

@testable import Store

/// The bot's remarks, which are not opened anew for each page.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct RemarkTests {
    private static func remark(_ topic: String) -> BotRemark {
        BotRemark(
            language: "ary", decision: "answer", reason: "", target: "", topic: topic, candidates: [],
            at: StaffDesk.start)
    }

    private func topics(_ desk: StaffDesk) async throws -> [String?] {
        try await desk.service.inbox(.all, limit: 50, after: "", for: StaffDesk.viewer("noor")).rows.map(\.bot?.topic)
    }

    private func note(_ topic: String, on name: String, _ desk: StaffDesk) async throws {
        try await desk.writer.perform { transaction in
            try transaction.setRemark(
                Self.remark(topic), of: transaction.conversation(for: StaffDesk.address(name)))
        }
    }

    @Test func aChangedRemarkIsNeverServedAsItWas() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("one")
        #expect(try await topics(desk) == [nil])
        for topic in ["complaint", "lawyer", "complaint", "complaint"] {
            try await note(topic, on: "one", desk)
            // Twice: opened, and known.
            for _ in 0..<2 {
                #expect(try await topics(desk) == [topic])
                #expect(try await desk.row(conversation).bot?.topic == topic)
            }
        }
        await desk.writer.close()
    }

    @Test func aRemarkOfAnotherConversationIsNotServedHere() async throws {
        let desk = try StaffDesk()
        let (one, two) = (try await desk.contact("one"), try await desk.contact("two"))
        try await note("complaint", on: "one", desk)
        try await note("lawyer", on: "two", desk)
        #expect(try await topics(desk) == ["complaint", "lawyer"])
        // A damaged store: what was sealed for one stands with the other.
        try await desk.writer.perform { transaction in
            try transaction.db().run("UPDATE conversation SET bot = (SELECT bot FROM conversation WHERE id = ?)", [one])
        }
        #expect(try await topics(desk) == ["complaint", nil])
        #expect(try await desk.row(two).bot == nil)
        await desk.writer.close()
    }

    @Test func nothingOfAnErasedContactIsKept() async throws {
        let desk = try StaffDesk()
        let contact = try await desk.row(desk.contact("one")).contact
        try await note("complaint", on: "one", desk)
        #expect(try await topics(desk) == ["complaint"])
        #expect(desk.service.remarks.count == 1)
        _ = try await desk.service.erase(contact, EraseRequest(confirm: contact), call("noor", .eraseContact))
        #expect(desk.service.remarks.count == 0)
        await desk.writer.close()
    }

    @Test func neverMoreAreKeptThanTheLimit() {
        let remarks = OpenedRemarks(limit: 10)
        let sealed: [UInt8] = [1, 2, 3]
        func isKnown(_ conversation: Int64) -> Bool {
            sealed.withUnsafeBytes { remarks.remark(on: conversation, sealed: $0) } != nil
        }
        for conversation in 1...1000 as ClosedRange<Int64> {
            remarks.add(Self.remark("complaint"), on: conversation, sealed: sealed)
            #expect(remarks.count <= 10)
            // What is used at each page stays.
            #expect(isKnown(1))
        }
        #expect(isKnown(1000) && !isKnown(900))
    }

    @Test func onlyTheVerySameBytesAreTheSameRemark() {
        let remarks = OpenedRemarks(limit: 10)
        remarks.add(Self.remark("complaint"), on: 1, sealed: [1, 2, 3])
        for (other, isSame) in [([1, 2, 3], true), ([1, 2], false), ([1, 2, 4], false), ([], false)]
            as [([UInt8], Bool)]
        {
            #expect((other.withUnsafeBytes { remarks.remark(on: 1, sealed: $0) } != nil) == isSame)
        }
    }
}
