import Foundation
import GRDB
import Messaging
import StaffProtocol
import Store
import Testing

/// Pages of the inbox, of a conversation and of the archive, while new messages come.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct PagingTests {
    private static let noor = StaffDesk.viewer("noor")

    @Test func dangerComesFirstThenWhoWaitsLongestThenTheNewest() async throws {
        let desk = try StaffDesk()
        var ids: [String: Int64] = [:]
        for (name, waits) in [
            ("quiet1", false), ("waits1", true), ("danger", true), ("waits2", true), ("quiet2", false),
        ] {
            desk.clock.advance(by: 60)
            ids[name] = try await desk.contact(name, waits: waits)
        }
        try await desk.writer.perform { transaction in
            try transaction.setDanger(transaction.conversation(for: StaffDesk.address("danger")))
        }
        let names = Dictionary(uniqueKeysWithValues: ids.map { ($1, $0) })
        func pages(_ filter: InboxFilter, _ limit: Int) async throws -> [String] {
            var (found, next): ([String], String) = ([], "")
            repeat {
                let page = try await desk.service.inbox(filter, limit: limit, after: next, for: Self.noor)
                #expect(page.waiting == 3 && page.danger == 1)
                found += page.rows.compactMap { names[$0.conversation] }
                next = page.next
            } while !next.isEmpty
            return found
        }
        let order = ["danger", "waits1", "waits2", "quiet2", "quiet1"]
        for limit in 1...6 {
            #expect(try await pages(.all, limit) == order)
            #expect(try await pages(.waiting, limit) == Array(order.prefix(3)))
        }
        try await desk.assign(try #require(ids["waits1"]), to: "noor")
        #expect(try await pages(.mine, 2) == ["waits1"])
        #expect(try await pages(.unassigned, 2) == ["danger", "waits2"])
        for text in ["x", "1.2", "9.1.1", "1.a.1", "1.1.1.1"] {
            let code = try await refusal { try await desk.service.inbox(.all, limit: 1, after: text, for: Self.noor) }
            #expect(code == .malformed)
        }
        for limit in [0, -1, 201] {
            let code = try await refusal { try await desk.service.inbox(.all, limit: limit, after: "", for: Self.noor) }
            #expect(code == .malformed)
        }
        await desk.writer.close()
    }

    @Test func newMessagesMoveNobodyWhoWaitsOutOfSight() async throws {
        let desk = try StaffDesk()
        var waiting: [Int64] = []
        for number in 0..<20 {
            desk.clock.advance(by: 1)
            waiting.append(try await desk.contact("person\(number)"))
        }
        var (found, next): ([Int64], String) = ([], "")
        var round = 0
        repeat {
            let page = try await desk.service.inbox(.waiting, limit: 3, after: next, for: Self.noor)
            found += page.rows.map(\.conversation)
            next = page.next
            // Those who wait write again, and new ones come, between two pages.
            desk.clock.advance(by: 1)
            for number in [0, 10, 19] { try await desk.write("person\(number)") }
            if round < 3 { try await desk.contact("new\(round)") }
            round += 1
        } while !next.isEmpty
        #expect(Array(found.prefix(20)) == waiting)
        #expect(found.count == 23 && Set(found).count == 23)
        await desk.writer.close()
    }

    @Test func aConversationIsReadBackwardsWhileItGrows() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        for number in 0..<25 {
            try await desk.write(number % 2 == 0 ? "rachid" : "other")
            if number % 5 == 0 {
                _ = try await desk.service.addEntry(
                    conversation, desk.entry(.note, in: conversation), call("sam", .addEntry))
            }
        }
        let whole = try await desk.service.conversation(conversation, before: "", limit: 500, for: Self.noor)
        #expect(whole.older == "" && whole.items.count == 19)
        #expect(whole.items.map(\.position) == whole.items.map(\.position).sorted())
        var (found, before): ([SealedItem], String) = ([], "")
        repeat {
            let page = try await desk.service.conversation(conversation, before: before, limit: 4, for: Self.noor)
            found = page.items + found
            before = page.older
            try await desk.write("rachid", "later")
        } while !before.isEmpty
        #expect(found == whole.items)
        for text in ["x", "0", "-1"] {
            let code = try await refusal {
                try await desk.service.conversation(conversation, before: text, limit: 1, for: Self.noor)
            }
            #expect(code == .malformed)
        }
        await desk.writer.close()
    }

    @Test func theArchiveIsServedWholeAndLogged() async throws {
        let desk = try StaffDesk()
        for number in 0..<10 { try await desk.contact("person\(number)") }
        var (items, segments): ([SealedItem], Set<Data>) = ([], [])
        var place: Int64? = 0
        while let from = place {
            let chunk = try await desk.service.archive(after: from, limit: 3, for: StaffDesk.viewer("sam"))
            for item in chunk.items { #expect(chunk.segments.contains { $0.token == item.segment }) }
            items += chunk.items
            segments.formUnion(chunk.segments.map(\.token))
            place = chunk.next
        }
        #expect(items.map(\.position) == Array(1...10) && segments.count == 10)
        let lines = try await desk.service.audit(after: 0, limit: 1000, for: StaffDesk.viewer("audit")).lines
        let served = lines.filter { $0.kind == "archive-served" }
        #expect(served.map(\.amount) == [3, 3, 3, 1] && Set(served.map(\.actor)) == ["sam"])
        await desk.writer.close()
    }

    /// The three parts of the inbox come from their indexes, in order: nothing is sorted, and no
    /// conversation beyond the page is read.
    @Test func noPageOfTheInboxReadsEveryConversation() async throws {
        let desk = try StaffDesk()
        for number in 0..<50 { try await desk.contact("person\(number)", waits: number % 2 == 0) }
        await desk.writer.close()
        let plans = try await DatabaseQueue(path: desk.store.path).read { db in
            try ["conversation_danger", "conversation_waiting", "conversation_quiet"].map { index in
                let condition = try #require(
                    try String.fetchOne(db, sql: "SELECT sql FROM sqlite_schema WHERE name = ?", arguments: [index]))
                let part = try #require(condition.components(separatedBy: " WHERE ").last)
                let column = try #require(condition.firstMatch(of: /\((\w+)\)/)).1
                let order = index == "conversation_quiet" ? "DESC" : "ASC"
                let plan = try Row.fetchAll(
                    db,
                    sql: """
                        EXPLAIN QUERY PLAN SELECT conversation.id, address.channel FROM conversation
                        JOIN address ON address.id = conversation.address_id
                        WHERE \(part) AND (conversation.\(column), conversation.id) > (1, 1)
                        ORDER BY conversation.\(column) \(order), conversation.id \(order) LIMIT 10
                        """)
                return (index, plan.map { $0["detail"] as String }.joined(separator: "; "))
            }
        }
        for (index, plan) in plans {
            #expect(plan.contains("USING INDEX \(index) ") && !plan.contains("TEMP B-TREE"), "\(plan)")
        }
    }
}
