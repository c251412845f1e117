import Messaging
import XMPP

/// The stream on which the session is, and what is written down of it.
struct StreamPlace: Sendable {
    /// The client's number for it, of this run.
    var stream: UInt64 = 0
    /// The store's number; `nil` until it is written down: before that nothing can be numbered.
    var kept: Int64?
    /// The last ceiling that was given out to be written down.
    var ceiling: Int64 = 0
}

/// Writing down where the stream stands (XEP-0198 §5 across restarts).
extension XMPPLink {
    /// Before the first connection: the stream of the last run, if it is of this account, at this server.
    ///
    /// The place that `<enabled/>` may name for resuming is not followed: the address that is configured,
    /// with its proxy and its pin, is the only one that is spoken to.
    func takeUp(_ streams: any StreamKeeper) async {
        do {
            guard let stored = try await streams.stored(), isOurs(stored.key) else { return }
            restored.withLock { $0 = stored }
            await client.restore(
                KeptStream(
                    id: stored.key.id, committed: UInt64(clamping: stored.mark.committed),
                    acknowledged: UInt64(clamping: stored.mark.acknowledged),
                    ceiling: UInt64(clamping: stored.mark.ceiling)))
        } catch {
            // The archive settles what was under way.
            logger.warning("the stream from before the restart cannot be looked up: \(error)")
        }
    }

    private func isOurs(_ key: StreamKey) -> Bool {
        guard let jid = try? JID(key.account), key.server == serverAddress else { return false }
        return jid.bare == account && jid.resource == client.configuration.resource
    }

    private var serverAddress: String {
        let transport = client.configuration.transport
        let place = transport.connectTo ?? .init(host: transport.host, port: transport.port)
        return "\(place.host):\(place.port)"
    }

    /// The server has answered for the stream of the last run. Returns once what was sent on it is settled;
    /// before that nothing leaves on a resumed one.
    /// - Returns: the stream as it was kept; `nil` when none was.
    func settle(_ restoration: Restoration, _ streams: any StreamKeeper) async -> StoredStream? {
        guard let stored = restored.withLock({ $0.take() }) else { return nil }
        if restoration.wasImpossible {
            logger.error("the server's count of our stanzas cannot be: nothing is believed of it, the archive is asked")
        }
        await streams.settle(
            stored.mark.stream, taken: restoration.taken.map { Int64(clamping: $0) }, isResumed: restoration.isResumed)
        if restoration.isResumed, !Task.isCancelled {
            let current = await client.stream
            place.withLock { $0 = StreamPlace(stream: current, kept: stored.mark.stream) }
            await client.goOn()
        }
        return stored
    }

    /// Writes the new stream down, once.
    /// - Throws: `ClientError.offline` when another one has begun meanwhile; what the store throws.
    func writeDown(_ streams: any StreamKeeper) async throws {
        let now = place.withLock { $0 }
        if now.kept != nil { return }
        guard let standing = await client.standing(on: now.stream) else { throw ClientError.offline }
        let number = try await streams.begin(
            StreamKey(id: standing.resumptionID ?? "", account: standing.jid.text, server: serverAddress))
        place.withLock { if $0.stream == now.stream { $0.kept = number } }
    }

    func caughtUp(_ streams: any StreamKeeper) async throws {
        if let kept = place.withLock({ $0.kept }) { try await streams.caughtUp(kept) }
    }

    // MARK: Numbers

    func beginTurn() async throws -> StreamTurn {
        let now = place.withLock { $0 }
        guard let kept = now.kept else { throw ClientError.offline }
        let standing = try await client.beginTurn(on: now.stream)
        turn.withLock { $0 = now.stream }
        return StreamTurn(mark: mark(standing, kept), sent: Int64(clamping: standing.sent))
    }

    func endTurn(_ turn: StreamTurn) async {
        self.turn.withLock { $0 = nil }
        if let stream = stream(of: turn) { await client.endTurn(on: stream) }
    }

    func abandonTurn(_ turn: StreamTurn) async {
        self.turn.withLock { $0 = nil }
        if let stream = stream(of: turn) { await client.abandonTurn(on: stream) }
    }

    func mark(committing acknowledged: [AcknowledgementToken]) async -> StreamMark? {
        let now = place.withLock { $0 }
        guard let kept = now.kept,
            let standing = await client.standing(on: now.stream, with: tokens.numbers(acknowledged))
        else { return nil }
        return mark(standing, kept)
    }

    func kept(_ mark: StreamMark) async {
        let stream = place.withLock { $0.kept == mark.stream ? $0.stream : nil }
        if let stream { await client.wroteDown(UInt64(clamping: mark.committed), on: stream) }
    }

    /// So many answers of the server, committed and not written down, are left with it.
    private static let mostUntold: UInt64 = 32

    /// When so much has left without being written down that the ceiling is near, or the server keeps many
    /// stanzas only because they were not written down.
    func raiseCeiling(_ streams: any StreamKeeper) async {
        let now = place.withLock { $0 }
        guard let kept = now.kept, let standing = await client.standing(on: now.stream),
            Int64(clamping: standing.sent) + StreamMark.headroom / 2 > now.ceiling
                || standing.committed > standing.writtenDown + Self.mostUntold
        else { return }
        do {
            let mark = mark(standing, kept)
            try await streams.keep(mark)
            await self.kept(mark)
        } catch {
            logger.info("where the stream stands could not be written down: \(error)")
        }
    }

    private func stream(of turn: StreamTurn) -> UInt64? {
        place.withLock { $0.kept == turn.mark.stream ? $0.stream : nil }
    }

    private func mark(_ standing: StreamStanding, _ kept: Int64) -> StreamMark {
        let ceiling = Int64(clamping: standing.sent) + StreamMark.headroom
        place.withLock { if $0.kept == kept { $0.ceiling = max($0.ceiling, ceiling) } }
        return StreamMark(
            stream: kept, committed: Int64(clamping: standing.committed),
            acknowledged: Int64(clamping: standing.acknowledged), ceiling: ceiling)
    }
}
