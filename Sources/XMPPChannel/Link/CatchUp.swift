import Foundation
import Messaging
import OMEMO
import XMPP

/// What a new stream begins with: presence, our keys published, the archive read to its end.
struct CatchUp {
    let link: XMPPLink
    let host: any LinkHost
    let tokens: TokenBook
    /// The stream has brought everything since the last time: a position that the archive lost means nothing.
    let isContinuous: Bool
    /// So far back at most when the position is lost, in seconds: the store knows a message again for 37
    /// days, and an archive may be older.
    private static let memory: TimeInterval = 36 * 86_400

    func run() async throws {
        // From here on messages come live, and wait: none can fall between the archive and them.
        try await link.client.send(link.client.configuration.identity.presence)
        try await OwnKeys(link: link, host: host).publish()
        try await askForCompleteArchive()
        try await readArchive()
        await host.drain()
        try await link.caughtUp(host.streams)
    }

    /// Settling relies on our own messages being in the archive (XEP-0441 §2). A server that has no
    /// such setting keeps all or is told so by its operator.
    private func askForCompleteArchive() async throws {
        do {
            let prefs = Element("prefs", Namespace.archive, attributes: [("default", "always")])
            _ = try await link.client.iq("set", prefs)
        } catch is StanzaError {}
    }

    /// XEP-0313 §4.3: page by page behind the last position committed.
    private func readArchive() async throws {
        let position = try await host.archivePosition()
        var query = ArchiveQuery(limit: 50)
        if let position, !position.isLost { query.after = position.rawValue }
        if position?.isLost == true { query.start = earliest }
        var page = try await firstPage(&query)
        var count = 0
        while true {
            for entry in page.messages where try await handOver(entry) { count += 1 }
            // The server keeps what it gave until it is told: not above some number (ejabberd's `max_ack_queue`).
            await link.raiseCeiling(host.streams)
            try Task.checkCancellation()
            // The same again would go on for ever.
            guard !page.isComplete, let last = page.last, last != query.after else { break }
            query.after = last
            page = try await link.client.archive(query)
        }
        if count > 0 { link.logger.notice("read from the archive", metadata: ["messages": "\(count)"]) }
    }

    /// The first page. When the archive no longer has our position, or nothing at all, that is written down
    /// before anything moves the position on; then what there is is read, and what is known passed over.
    private func firstPage(_ query: inout ArchiveQuery) async throws -> ArchivePage {
        guard query.after != nil else { return try await link.client.archive(query) }
        do {
            let page = try await link.client.archive(query)
            guard page.messages.isEmpty, !isContinuous else { return page }
            // Some servers answer so when they do not know the position: then nothing at all may be left.
            if try await !link.client.archive(ArchiveQuery(limit: 1)).messages.isEmpty { return page }
            try await host.streams.foundGap(until: nil)
            return page
        } catch let error as StanzaError where error.condition == "item-not-found" {
            query.after = nil
            query.start = earliest
            let page = try await link.client.archive(query)
            if !isContinuous { try await host.streams.foundGap(until: page.messages.first?.sentAt) }
            return page
        }
    }

    private var earliest: Date { link.clock().addingTimeInterval(-Self.memory) }

    /// - Returns: whether it was a message for the bridge.
    private func handOver(_ entry: ArchivedMessage) async throws -> Bool {
        guard let message = IncomingMessageStanza(entry, account: link.account) else {
            if entry.message["from"] == nil, entry.message.refusal != nil {
                link.logger.error("the archive gave a message that cannot be read, and whose it was")
            }
            return false
        }
        if message.isEphemeral { return false }
        let token = tokens.make(.init(number: nil, receipt: message.receipt))
        await host.received(message.envelope(now: link.clock(), token: token))
        return true
    }
}
