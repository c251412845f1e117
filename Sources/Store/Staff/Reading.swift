import Foundation
import GRDB
import Sealing
import StaffProtocol

/// Inbox, conversation, archive, events.
extension StoreStaffService {
    /// Items of a page at most that are read on the caller's thread; a program that asks for no number gets as many.
    private static var fewItems: Int { 100 }

    public func inbox(
        _ filter: InboxFilter, limit: Int, after: String, for viewer: Viewer
    ) async throws -> InboxPage {
        let scope = try scope(viewer, .listInbox)
        try Self.check(limit, "limit", 1...200)
        return try readPage {
            try $0.inbox(filter, limit: limit, after: after, member: viewer.member.rawValue, scope: scope)
        }
    }

    public func conversation(
        _ id: Int64, before: String, limit: Int, wholePerson: Bool, for viewer: Viewer
    ) async throws -> ConversationPage {
        let scope = try scope(viewer, .getConversation)
        try Self.check(limit, "limit", 1...500)
        guard let place = before.isEmpty ? Int64.max : Int64(before), place > 0 else {
            throw APIError(.malformed, "before: not a place in a conversation; give the 'older' of a page")
        }
        // A page of many items may be megabytes: it is read beside, where none of the few threads waits for it.
        let page =
            limit > Self.fewItems
            ? try await read { try $0.conversation(id, before: place, limit: limit, wholePerson, scope) }
            : try readPage { try $0.conversation(id, before: place, limit: limit, wholePerson, scope) }
        for each in [id] + (page.linked ?? []).map(\.conversation) {
            noteServed(each, page.items.count { $0.conversation == each }, to: viewer)
        }
        return page
    }

    public func archive(after position: Int64, limit: Int, for viewer: Viewer) async throws -> ArchiveChunk {
        let scope = try scope(viewer, .streamArchive)
        try Self.check(limit, "limit", 1...10_000)
        let chunk = try await read { try $0.archive(after: position, limit: limit, scope) }
        let amount = Int64(chunk.items.count)
        // Nothing served is nothing to write down: programs ask again and again.
        guard amount > 0 else { return chunk }
        // On the disk before anything is served.
        try await write {
            try $0.audit("archive-served", subject: position, actor: viewer.member.rawValue, amount: amount)
        }
        return chunk
    }

    public func eventBatch(after number: Int64, limit: Int, for viewer: Viewer) async throws -> EventBatch {
        try Self.check(limit, "limit", 1...10_000)
        _ = try scope(viewer, .streamEvents)
        // Whoever is served no conversation is told what concerns none.
        let scope = Scope(viewer, .listInbox)
        return try await read { try EventFeed.page(after: number, limit: limit, scope: scope, in: $0) }
    }
}

extension StaffReader {
    /// - Parameter wholePerson: with the items of the person's other conversations that the viewer is served.
    func conversation(
        _ id: Int64, before place: Int64, limit: Int, _ wholePerson: Bool, _ scope: Scope
    ) throws -> ConversationPage {
        try requireVisible(id, scope)
        let since = servedSince(scope)
        let row = try narrowed(row(of: id), scope)
        let others = wholePerson ? row.person?.conversations ?? [] : []
        let place = Place(conversations: [id] + others, before: place)
        var found = try items(
            where: "\(place.condition) AND item.stored_at >= ?", place.arguments + [.integer(since)],
            order: .descending, limit: limit)
        try addAttachments(to: &found.items)
        let oldest = Place(conversations: place.conversations, before: found.last ?? place.before)
        let hasOlder = try !found.isLast && hasItem(oldest, "stored_at >= ?", since)
        return ConversationPage(
            row: row, items: found.items.reversed(), segments: found.segments,
            older: hasOlder ? String(oldest.before) : "",
            olderWithheld: try since > 0 && hasItem(oldest, "stored_at < ?", since),
            event: try EventFeed.newest(db),
            linked: others.isEmpty ? nil : try others.map { try narrowed(self.row(of: $0), scope) })
    }

    private func hasItem(_ place: Place, _ condition: String, _ time: Int64) throws -> Bool {
        try db.number(
            "SELECT 1 FROM item WHERE \(place.condition) AND \(condition) LIMIT 1",
            place.arguments + [.integer(time)]) == 1
    }

    /// Where a page ends: in one conversation or in several, whose items have one order.
    private struct Place {
        let conversations: [Int64]
        let before: Int64

        var condition: String {
            conversations.count == 1
                ? "item.conversation_id = ? AND item.position < ?"
                : "item.conversation_id IN (SELECT value FROM json_each(?)) AND item.position < ?"
        }
        var arguments: [Argument] {
            let list = "[" + conversations.map(String.init).joined(separator: ",") + "]"
            return [conversations.count == 1 ? .integer(conversations[0]) : .text(list), .integer(before)]
        }
    }

    func archive(after position: Int64, limit: Int, _ scope: Scope) throws -> ArchiveChunk {
        let found: Items
        if scope == .all {
            found = try items(where: "item.position > ?", [.integer(position)], order: .ascending, limit: limit)
        } else {
            found = try items(
                where: """
                    item.position > ? AND item.stored_at >= ?
                        AND item.conversation_id IN (SELECT value FROM json_each(?))
                    """, [.integer(position), .integer(servedSince(scope)), .text(try visibleList(scope))],
                order: .ascending, limit: limit)
        }
        return ArchiveChunk(
            items: found.items, segments: found.segments,
            next: found.isLast ? nil : found.last, event: try EventFeed.newest(db))
    }
}
