import StaffProtocol

/// One line of the inbox with what a person calls it.
public struct InboxEntry: Sendable, Equatable {
    public var row: InboxRow
    /// What is typed for the conversation.
    public var id: ShortID { ShortID(.conversation, row.conversation) }
    /// The contact, as no name is known without opening anything: `contact-12`, `practice-12`.
    public var label: String { row.isPractice ? "practice-\(row.contact)" : "contact-\(row.contact)" }
}

/// A page of the inbox.
public struct InboxListing: Sendable, Equatable {
    public var entries: [InboxEntry]
    /// How many wait in all, for this member.
    public var waiting: Int
    /// How many are in danger, unread.
    public var danger: Int
    /// To be given as `after` for the next page; empty on the last.
    public var next: String
    /// The number of the last event that this reflects.
    public var event: Int64
}

/// Reads the inbox.
public struct InboxReading: Sendable {
    private let connection: StaffConnection

    public init(_ connection: StaffConnection) { self.connection = connection }

    /// - Parameter limit: 1 to 200 rows.
    public func page(_ filter: InboxFilter, limit: Int = 50, after: String = "") async throws -> InboxListing {
        let page = try await connection.inbox(filter, limit: limit, after: after)
        return InboxListing(
            entries: page.rows.map { InboxEntry(row: $0) }, waiting: page.waiting, danger: page.danger,
            next: page.next, event: page.event)
    }

    /// Pages one after another until there are `limit` rows, or no more.
    public func all(_ filter: InboxFilter, limit: Int) async throws -> InboxListing {
        var listing = try await page(filter, limit: min(200, max(1, limit)))
        while !listing.next.isEmpty, listing.entries.count < limit {
            let more = try await page(filter, limit: min(200, limit - listing.entries.count), after: listing.next)
            // A bridge that gives the same place again would never end.
            guard !more.entries.isEmpty, more.next != listing.next else { break }
            listing.entries += more.entries
            listing.next = more.next
        }
        return listing
    }
}
