import Messaging
import OMEMO
import XMPP

/// Takes the events of the stream in order, and holds live messages back while the archive is read.
actor LinkSession {
    /// Live messages held back during the catch-up at most, in number and in bytes.
    private let mostWaiting: Int
    private static let mostWaitingBytes = 32 * 1024 * 1024

    private let link: XMPPLink
    private let host: any LinkHost
    private let tokens: TokenBook
    /// Live messages that wait for the end of the catch-up; `nil` when there is none.
    private var waiting: [Waiting]?
    private var waitingBytes = 0
    /// The numbers of those that did not fit. The archive has them, and is read once more for them.
    private var overflowed: [UInt64] = []
    private var catchUp: Task<Void, Never>?
    /// The stream is the one of the last run: what was sent on it is settled by its count.
    private var isRestored = false
    /// On it the archive was read to its end before: nothing can be missing.
    private var isContinuous = false
    private var ownKeys: Task<Void, Never>?
    /// One is about to begin: it sees all that changed until then.
    private var ownKeysAreDue = false
    private var ownKeysBackoff = Backoff(first: .milliseconds(200), limit: .seconds(300))

    private struct Waiting {
        let envelope: Envelope
        let number: UInt64
    }

    init(link: XMPPLink, host: any LinkHost, tokens: TokenBook, mostWaiting: Int) {
        self.mostWaiting = mostWaiting
        self.link = link
        self.host = host
        self.tokens = tokens
    }

    func run() async {
        let upkeep = Task { await keepUp() }
        for await event in link.client.events { await take(event) }
        upkeep.cancel()
        catchUp?.cancel()
        ownKeys?.cancel()
    }

    private func take(_ event: ClientEvent) async {
        switch event {
        case .restored(let restoration):
            let stored = await link.settle(restoration, host.streams)
            isRestored = restoration.isResumed
            isContinuous = restoration.isResumed && stored?.isCaughtUp == true
            // The archive is read all the same: our keys may have been changed meanwhile, and it costs a question.
            if isRestored { hold([]) }
        case .online(resumed: true):
            // A catch-up that the broken connection ended goes on first.
            if waiting != nil {
                // The server sends what is not committed again.
                dropWaiting()
                return begin()
            }
            await host.online(resumed: true)
            await link.sendOwedReceipts()
        case .online(resumed: false):
            // What waited came on the old stream, and is in the archive.
            isRestored = false
            isContinuous = false
            await link.begin()
            dropWaiting()
            begin()
        case .stanza(let stanza, let number):
            await take(stanza, number)
        case .confirmed(let ids):
            await host.confirmed(ids.map { OutboxID($0) })
        case .unsettled:
            // They stay handed over and are settled by the archive once we are online.
            break
        case .offline(let failure):
            // `waiting` stays: the next connection begins where this one ended.
            catchUp?.cancel()
            await host.offline(reason: failure.description)
        }
    }

    private func take(_ stanza: Element, _ number: UInt64) async {
        switch IncomingStanza(stanza, account: link.account) {
        case .message(let message) where !message.isEphemeral:
            let token = tokens.make(.init(number: number, receipt: message.receipt))
            await take(message.envelope(now: link.clock(), token: token), number)
            return
        case .deviceList(let jid, let list?):
            if jid == link.account.text {
                await noteOwnList(list)
            } else {
                // Fetched anew when there is something to say; nothing is stored for whoever asks.
                link.lists.remove(jid)
            }
        case .message, .deviceList, .ignored:
            break
        }
        await link.client.committed(number)
    }

    private func take(_ envelope: Envelope, _ number: UInt64) async {
        guard let count = waiting?.count else { return await host.received(envelope) }
        if count < mostWaiting, waitingBytes < Self.mostWaitingBytes {
            waiting?.append(Waiting(envelope: envelope, number: number))
            waitingBytes += envelope.payload.encoded().count
        } else {
            leaveToArchive(envelope, number)
        }
    }

    /// The archive's copy brings everything, the receipt too. What it does not have stays
    /// unacknowledged: the server keeps it.
    private func leaveToArchive(_ envelope: Envelope, _ number: UInt64) {
        if let token = envelope.token { tokens.take(token) }
        if envelope.position != nil { overflowed.append(number) }
    }

    private func dropWaiting() {
        for token in (waiting ?? []).compactMap(\.envelope.token) { tokens.take(token) }
        hold([])
        overflowed = []
    }

    private func hold(_ messages: [Waiting]) {
        waiting = messages
        waitingBytes = messages.reduce(0) { $0 + $1.envelope.payload.encoded().count }
    }

    /// Before the archive is read once more: what waits and is in it makes room, or one more live
    /// message would be enough to read it again, and so on for ever.
    private func makeRoom() {
        guard let all = waiting else { return }
        for message in all where message.envelope.position != nil { leaveToArchive(message.envelope, message.number) }
        hold(all.filter { $0.envelope.position == nil })
    }

    private func noteOwnList(_ list: DeviceList) async {
        let own = try? await host.withCodec { codec in try (codec as? XMPPCodec)?.engine.deviceList() }
        if list != own { ownListChanged() }
    }

    /// Beside the events: it asks the server, and the answer stands behind events not yet taken.
    private func ownListChanged() {
        if ownKeysAreDue { return }
        ownKeysAreDue = true
        let before = ownKeys
        // Another client of our account may put its device back each time: we do it ever more slowly.
        let delay = ownKeysBackoff.next()
        ownKeys = Task {
            await before?.value
            do {
                try await Task.sleep(for: delay)
                ownKeysAreDue = false
                try await OwnKeys(link: link, host: host).publish()
            } catch {
                link.logger.warning("our own device list could not be looked after: \(error)")
            }
        }
    }

    /// Reads the archive, again if it fails, and then hands over what came live meanwhile.
    private func begin() {
        let before = catchUp
        before?.cancel()
        if waiting == nil { hold([]) }
        catchUp = Task {
            await before?.value
            while !Task.isCancelled {
                if !overflowed.isEmpty { makeRoom() }
                let came = overflowed
                overflowed = []
                do {
                    try await link.writeDown(host.streams)
                    try await CatchUp(link: link, host: host, tokens: tokens, isContinuous: isContinuous).run()
                    try Task.checkCancellation()
                    // They came before the archive was read to its end, and that is committed.
                    for number in came { await link.client.committed(number) }
                    if !overflowed.isEmpty { continue }
                    await goLive()
                    return
                } catch ClientError.offline {
                    // It begins again at the next connection.
                    return
                } catch {
                    if Task.isCancelled { return }
                    overflowed = came + overflowed
                    link.logger.warning("the catch-up waits; once more in a moment: \(error)")
                    try? await Task.sleep(for: .seconds(5))
                }
            }
        }
    }

    private func goLive() async {
        while let next = waiting, !next.isEmpty {
            hold([])
            for message in next { await host.received(message.envelope) }
        }
        if Task.isCancelled { return }
        waiting = nil
        await host.online(resumed: isRestored)
        await link.sendOwedReceipts()
        // Everything that was under way when we came is stored: used prekeys may go.
        await host.drain()
        await look(after: .usedPreKeys)
    }

    private enum Upkeep { case bundle, usedPreKeys }

    private func look(after what: Upkeep) async {
        let keys = OwnKeys(link: link, host: host)
        do {
            switch what {
            case .bundle: try await keys.replenish()
            case .usedPreKeys: try await keys.replaceUsedPreKeys()
            }
        } catch {
            if !Task.isCancelled { link.logger.info("our bundle waits for its renewal: \(error)") }
        }
    }

    /// While the stream is live: what is owed without words goes out every ten seconds, when a reply that says more
    /// had its time; prekeys that were used are replaced in the bundle each minute, and deleted each day; the
    /// signed prekey is renewed when its time has come.
    private func keepUp() async {
        var ticks = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(10))
            ticks += 1
            if Task.isCancelled { continue }
            if ticks % 6 == 0 { await link.raiseCeiling(host.streams) }
            if waiting != nil { continue }
            await EmptyMessages(link: link, host: host).send()
            if ticks % 6 == 0 { await look(after: ticks % (6 * 24 * 60) == 0 ? .usedPreKeys : .bundle) }
        }
    }
}
