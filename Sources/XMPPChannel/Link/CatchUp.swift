import Messaging
import OMEMO
import XMPP

/// What a new stream begins with: presence, our keys published, the archive read to its end.
struct CatchUp {
    let link: XMPPLink
    let host: any LinkHost
    let tokens: TokenBook

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
                // The archive no longer has our position: all of it is read, and what is known is passed over.
                link.logger.warning("the archive does not reach back to the last message stored: there may be a gap")
                query.after = nil
                continue
            }
            for entry in page.messages {
                guard let message = IncomingMessageStanza(entry, account: link.account), !message.isEphemeral else {
                    continue
                }
                let token = tokens.make(.init(number: nil, receipt: Receipt.answer(to: entry.message)))
                await host.received(message.envelope(now: link.clock(), token: token))
                count += 1
            }
            try Task.checkCancellation()
            guard !page.isComplete, let last = page.last else { break }
            query.after = last
        }
        if count > 0 { link.logger.notice("read from the archive", metadata: ["messages": "\(count)"]) }
    }
}
