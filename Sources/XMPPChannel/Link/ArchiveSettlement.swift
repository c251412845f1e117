import Foundation
import Messaging
import XMPP

/// Finds out from our own archive which messages of a lost connection the server had taken.
struct ArchiveSettlement {
    /// How far before the hand-over the archive is searched, for clocks that differ: ten minutes.
    static let margin: TimeInterval = 600

    let client: XMPPClient
    /// Called after each page: the server keeps what it gave until it is told, and ends the stream above some number.
    var pageWasRead: @Sendable () async -> Void = {}

    /// - Throws: `ClientError` when the connection is lost meanwhile: nothing is settled then.
    func settle(_ messages: [HandedOver]) async throws -> [OutboxID: Settlement] {
        guard let oldest = messages.map(\.handedOverAt).min() else { return [:] }
        let begin = try await archiveBegin()
        var fates: [OutboxID: Settlement] = [:]
        for (address, group) in Dictionary(grouping: messages, by: \.to.value) {
            guard let jid = try? JID(address) else { continue }
            let since = group.map(\.handedOverAt).min() ?? oldest
            let found = try await originIDs(with: jid, since: since.addingTimeInterval(-Self.margin))
            for message in group {
                // Absence means something only where the archive still holds older messages.
                let reachesBack = begin.map { $0 <= message.handedOverAt } ?? false
                fates[message.outbox] =
                    found.contains(message.originID.rawValue) ? .delivered : reachesBack ? .absent : .unknown
            }
        }
        return fates
    }

    /// When the oldest message of the archive was sent; `nil` when there is none.
    private func archiveBegin() async throws -> Date? {
        try await client.archive(ArchiveQuery(limit: 1)).messages.first?.sentAt
    }

    /// A contact could use an origin id of ours for a message of their own.
    private func isOurs(_ archived: ArchivedMessage) -> Bool {
        guard let from = archived.message["from"] else { return true }
        return (try? JID(from))?.bare == client.configuration.account
    }

    private func originIDs(with jid: JID, since: Date) async throws -> Set<String> {
        var query = ArchiveQuery(with: jid, start: since, limit: 100)
        var found: Set<String> = []
        while true {
            let page = try await client.archive(query)
            await pageWasRead()
            found.formUnion(page.messages.filter(isOurs).compactMap(\.message.originID))
            guard !page.isComplete, let last = page.last, last != query.after else { return found }
            query.after = last
        }
    }
}
