import Foundation
import Messaging
import OMEMO
import XMPP

/// What a new stream begins with: presence, our keys published, the archive read to its end.
struct CatchUp {
    let link: XMPPLink
    let host: any LinkHost
    let tokens: TokenBook
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
        var query = ArchiveQuery(after: try await host.archivePosition()?.rawValue, limit: 50)
        var count = 0
        while true {
            let page: ArchivePage
            do {
                page = try await link.client.archive(query)
            } catch let error as StanzaError where error.condition == "item-not-found" && query.after != nil {
                // The archive no longer has our position: what is known is passed over.
                link.logger.warning("the archive does not reach back to the last message stored: there may be a gap")
                query.after = nil
                query.start = link.clock().addingTimeInterval(-Self.memory)
                continue
            }
            for entry in page.messages {
                guard let message = IncomingMessageStanza(entry, account: link.account) else {
                    if entry.message["from"] == nil, entry.message.refusal != nil {
                        link.logger.error("the archive gave a message that cannot be read, and whose it was")
                    }
                    continue
                }
                if message.isEphemeral { continue }
                let token = tokens.make(.init(number: nil, receipt: message.receipt))
                await host.received(message.envelope(now: link.clock(), token: token))
                count += 1
            }
            try Task.checkCancellation()
            // The same again would go on for ever.
            guard !page.isComplete, let last = page.last, last != query.after else { break }
            query.after = last
        }
        if count > 0 { link.logger.notice("read from the archive", metadata: ["messages": "\(count)"]) }
    }
}
