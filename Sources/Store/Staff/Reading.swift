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
        _ id: Int64, before: String, limit: Int, for viewer: Viewer
    ) async throws -> ConversationPage {
        let scope = try scope(viewer, .getConversation)
        try Self.check(limit, "limit", 1...500)
        guard let place = before.isEmpty ? Int64.max : Int64(before), place > 0 else {
            throw APIError(.malformed, "before: not a place in a conversation; give the 'older' of a page")
        }
        // A page of many items may be megabytes: it is read beside, where none of the few threads waits for it.
        let page =
            limit > Self.fewItems
            ? try await read { try $0.conversation(id, before: place, limit: limit, scope) }
            : try readPage { try $0.conversation(id, before: place, limit: limit, scope) }
        noteServed(id, page.items.count, to: viewer)
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
    func conversation(_ id: Int64, before place: Int64, limit: Int, _ scope: Scope) throws -> ConversationPage {
        try requireVisible(id, scope)
        let since = servedSince(scope)
        var found = try items(
            where: "item.conversation_id = ? AND item.position < ? AND item.stored_at >= ?",
            [.integer(id), .integer(place), .integer(since)],
            order: .descending, limit: limit)
        try addAttachments(to: &found.items)
        let oldest = found.last ?? place
        let hasOlder = try !found.isLast && hasItem(id, before: oldest, "stored_at >= ?", since)
        return ConversationPage(
            row: try row(of: id), items: found.items.reversed(), segments: found.segments,
            older: hasOlder ? String(oldest) : "",
            olderWithheld: try since > 0 && hasItem(id, before: oldest, "stored_at < ?", since),
            event: try EventFeed.newest(db))
    }

    private func hasItem(_ id: Int64, before place: Int64, _ condition: String, _ time: Int64) throws -> Bool {
        try db.number(
            "SELECT 1 FROM item WHERE conversation_id = ? AND position < ? AND \(condition) LIMIT 1",
            [.integer(id), .integer(place), .integer(time)]) == 1
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
