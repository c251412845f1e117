/// Setting the stream up, and reading it.
extension XMPPClient {
    func negotiate(_ reader: inout StreamReader) async throws -> StreamNegotiation.Outcome {
        var negotiation = try StreamNegotiation(
            account: configuration.account, password: configuration.password, resource: configuration.resource,
            resumption: resumptionIsDoubtful ? nil : management.beginResumption())
        var actions = negotiation.start()
        while true {
            for action in actions {
                switch action {
                case .openStream:
                    try reader.restart()
                    enqueue(StreamTag.open(to: configuration.account.domain))
                case .send(let element): enqueue(element)
                case .established(let outcome): return outcome
                }
            }
            let element = try await next(&reader, step: negotiation.stepName)
            actions = try negotiation.receive(element)
        }
    }

    /// The next element, within the deadline of a step.
    private func next(_ reader: inout StreamReader, step: String) async throws -> Element {
        let deadline = configuration.stepDeadline
        let timer = Task {
            try await Task.sleep(for: deadline)
            await self.end(.silent(step: step))
        }
        defer { timer.cancel() }
        return try await nextElement(&reader)
    }

    private func nextElement(_ reader: inout StreamReader) async throws -> Element {
        while true {
            if let ready = reader.takeReady() {
                guard let element = ready else { throw StreamFailure.ended }
                return element
            }
            waitingSince = .now
            defer { waitingSince = nil }
            guard let bytes = try await reader.transport.receive() else { throw StreamFailure.ended }
            try reader.feed(bytes)
        }
    }

    func establish(_ outcome: StreamNegotiation.Outcome) async throws {
        onlineSince = .now
        if let h = outcome.resumedH {
            if management.isRestored { return try await restored(h: h, outcome.jid) }
            let (confirmed, again) = try management.resumed(h: h)
            isOnline = true
            for bytes in again { enqueue(bytes) }
            requestAcknowledgement()
            if !confirmed.isEmpty { await events.put(.confirmed(confirmed)) }
            await events.put(.online(resumed: true))
            resumptionIsDoubtful = true
            Task { await self.proveResumption() }
            return
        }
        resumptionIsDoubtful = false
        if management.isRestored {
            let taken = management.restoredFailed(h: outcome.failedH)
            await events.put(
                .restored(
                    Restoration(
                        isResumed: false, taken: taken, wasImpossible: outcome.failedH != nil && taken == nil)))
        }
        let (confirmed, unsettled) = management.resumptionFailed(h: outcome.failedH)
        dropHeld()
        boundJID = outcome.jid
        management.enabled(id: outcome.resumptionID)
        stream += 1
        isOnline = true
        if !confirmed.isEmpty { await events.put(.confirmed(confirmed)) }
        if !unsettled.isEmpty { await events.put(.unsettled(unsettled)) }
        await events.put(.online(resumed: false))
    }

    /// The server goes on with a stream of an earlier run. Nothing of ours leaves until the owner has settled
    /// what was sent on it: else one of those could be taken for what leaves now, which has the same number.
    private func restored(h: UInt32, _ jid: JID) async throws {
        let taken = try management.restoredResumed(h: h)
        stream += 1
        boundJID = jid
        hold = .restoration
        isOnline = true
        resumptionIsDoubtful = true
        await events.put(.restored(Restoration(isResumed: true, taken: taken)))
        await events.put(.online(resumed: true))
    }

    /// A line cut in the middle of a stanza can leave the server with half of it: it resumes the
    /// stream, but waits for the other half and hears nothing of what we say (seen with Prosody 0.12).
    /// Until it has answered once, the next connection does not resume.
    func proveResumption() async {
        let deadline = min(configuration.proofDeadline, configuration.pingDeadline)
        let end = ContinuousClock.now + configuration.pingDeadline
        while true {
            do {
                _ = try await iq("get", to: nil, Element("ping", Namespace.ping), deadline: deadline)
                resumptionIsDoubtful = false
                return
            } catch is StanzaError {
                resumptionIsDoubtful = false
                return
            } catch ClientError.noAnswer {
                // What it sends again may be much, and stands before the answer.
                let silent = waitingSince.map { $0.duration(to: .now) } ?? .zero
                if silent >= deadline || .now >= end { return await self.end(.silent(step: "resumption")) }
            } catch {
                // The connection ended; the doubt stays.
                return
            }
        }
    }

    /// Reads until the stream ends.
    func read(_ reader: inout StreamReader) async throws {
        let watch = Task { await self.watchPeer() }
        defer { watch.cancel() }
        while true { try await handle(try await nextElement(&reader)) }
    }

    private func handle(_ element: Element) async throws {
        switch element.namespace {
        case Namespace.client: try await handleStanza(element)
        case Namespace.streamManagement: try await handleManagement(element)
        case Namespace.stream where element.name == "error": throw StreamFailure(streamError: element)
        default: break
        }
    }

    private func handleManagement(_ element: Element) async throws {
        switch element.name {
        case "r": enqueue(SMElement.answer(management.answer()))
        case "a":
            guard let h = SMElement.h(element) else {
                throw StreamFailure.protocolViolation(step: "stream management: no h")
            }
            let confirmed = try management.acknowledged(h)
            requestAcknowledgement()
            if !confirmed.isEmpty { await events.put(.confirmed(confirmed)) }
        default: break
        }
    }

    private func handleStanza(_ stanza: Element) async throws {
        let number = management.received()
        let stanza = stanza.refusal == nil ? stanza : stanza.abridged
        switch stanza.name {
        case "iq":
            handleIQ(stanza)
            committed(number)
        case "message" where takeArchived(stanza): committed(number)
        case "message", "presence": await events.put(.stanza(stanza, number: number))
        default: committed(number)
        }
    }

    /// Pings when nothing came for a while: a half-open connection looks like a quiet one.
    private func watchPeer() async {
        while !Task.isCancelled {
            // A server that takes nothing, while our own reader may be held back: no ping would tell.
            let stuck = writingSince.map { $0.duration(to: .now) } ?? .zero
            if stuck > configuration.pingInterval + configuration.pingDeadline {
                return await end(.silent(step: "writing"))
            }
            let idle = waitingSince.map { $0.duration(to: .now) } ?? .zero
            let left = configuration.pingInterval - idle
            if left > .zero {
                try? await Task.sleep(for: left)
                continue
            }
            do {
                _ = try await iq(
                    "get", to: nil, Element("ping", Namespace.ping), deadline: configuration.pingDeadline)
            } catch ClientError.noAnswer {
                // Unless bytes came meanwhile, or we were the ones who did not read.
                let silent = waitingSince.map { $0.duration(to: .now) } ?? .zero
                if silent >= configuration.pingDeadline { return await end(.silent(step: "ping")) }
            } catch {
                // An error is an answer too.
            }
        }
    }
}
