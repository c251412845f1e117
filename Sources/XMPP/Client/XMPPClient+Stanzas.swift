/// Sending, asking, answering.
extension XMPPClient {
    /// Sends a stanza. It returns once the operating system has it, or once it waits for the
    /// resumption of a stream that broke meanwhile; `confirmed` or `unsettled` follows if it has a
    /// token.
    /// - Throws: `ClientError.offline`: it was not sent and will not be.
    public func send(_ stanza: Element, token: StreamManagement.Token? = nil) async throws {
        guard isOnline else { throw ClientError.offline }
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            enqueueStanza(stanza, token: token, done: done)
        }
    }

    /// Sends a stanza, and does not wait for the network.
    /// - Throws: `ClientError.offline`: it was not sent and will not be.
    public func post(_ stanza: Element) throws {
        guard isOnline else { throw ClientError.offline }
        enqueueStanza(stanza, token: nil, done: nil)
    }

    /// Sends a stanza already serialised with `jabber:client` declared. In a turn (`beginTurn`) it counts
    /// also while the connection is broken, and goes out when the stream is resumed.
    /// - Parameter expected: the stream it is for; on any later one it is not sent.
    /// - Throws: `ClientError.offline`: it was not sent and will not be.
    public func send(
        serialized bytes: [UInt8], token: StreamManagement.Token? = nil, on expected: UInt64? = nil
    ) async throws {
        guard expected ?? stream == stream else { throw ClientError.offline }
        guard isOnline else {
            guard hold == .turn, management.resumptionID != nil, !resumptionIsDoubtful else {
                throw ClientError.offline
            }
            return management.sent(bytes, token: token)
        }
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            management.sent(bytes, token: token)
            enqueue(bytes, done: done)
            requestAcknowledgement()
        }
    }

    /// Asks and waits for the answer (RFC 6120 §8.2.3).
    /// - Parameters:
    ///   - type: `get` or `set`.
    ///   - to: `nil`: our own account.
    /// - Returns: the whole `<iq type='result'/>`.
    /// - Throws: `StanzaError` from the other side; `ClientError`; `CancellationError`.
    public func iq(
        _ type: String, to: JID? = nil, _ payload: Element, deadline: Duration = .seconds(30)
    ) async throws -> Element {
        guard isOnline else { throw ClientError.offline }
        let id = Self.randomID()
        var stanza = Element("iq", Namespace.client, attributes: [("type", type), ("id", id)], children: [payload])
        if let to { stanza["to"] = to.text }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (answer: CheckedContinuation<Element, any Error>) in
                if Task.isCancelled { return answer.resume(throwing: CancellationError()) }
                let timer = Task {
                    do { try await Task.sleep(for: deadline) } catch { return }
                    self.fail(id, ClientError.noAnswer)
                }
                pending[id] = PendingIQ(to: to, answer: answer, timer: timer)
                enqueueStanza(stanza, token: nil, done: nil)
            }
        } onCancel: {
            Task { await self.fail(id, CancellationError()) }
        }
    }

    /// The stanza is stored, or needs no storing: the server may forget it.
    public func committed(_ number: UInt64) {
        management.committed(number)
        if isOnline, management.shouldAcknowledge() { enqueue(SMElement.answer(management.answer())) }
    }

    /// 128 random bits.
    public static func randomID() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<2).map { _ in String(UInt64.random(in: .min ... .max, using: &random), radix: 36) }.joined()
    }

    // MARK: IQs

    func fail(_ id: String, _ error: any Error) {
        guard let pending = pending.removeValue(forKey: id) else { return }
        pending.timer.cancel()
        pending.answer.resume(throwing: error)
    }

    func failPending() {
        for id in Array(pending.keys) { fail(id, ClientError.offline) }
    }

    func handleIQ(_ iq: Element) {
        switch iq["type"] {
        case "result", "error": takeAnswer(iq)
        case "get", "set": answer(iq)
        default: break
        }
    }

    private func takeAnswer(_ iq: Element) {
        // Only from where it was asked: others may guess, but not answer.
        guard let id = iq["id"], let asked = pending[id], isFrom(asked.to, iq["from"]) else { return }
        pending[id] = nil
        asked.timer.cancel()
        if iq["type"] == "error" {
            asked.answer.resume(throwing: StanzaError(iq))
        } else {
            asked.answer.resume(returning: iq)
        }
    }

    private func isFrom(_ to: JID?, _ from: String?) -> Bool {
        guard let to else { return isOwnAccount(from) }
        guard let from else { return to == configuration.account }
        return (try? JID(from)) == to
    }

    /// Whether a stanza comes from our own account or server (RFC 6120 §8.1.2.1).
    func isOwnAccount(_ from: String?) -> Bool {
        guard let from else { return true }
        guard let from = try? JID(from) else { return false }
        return from.bare == configuration.account || from.text == configuration.account.domain
    }

    private func answer(_ iq: Element) {
        var reply = Element("iq", Namespace.client, attributes: [("type", "result")])
        reply["id"] = iq["id"]
        reply["to"] = iq["from"]
        let payload = iq.children.first
        switch (iq["type"], payload?.name, payload?.namespace) {
        case ("get", "ping", Namespace.ping): break
        case ("get", "query", Namespace.discoInfo):
            let node = payload?["node"]
            if (node?.utf8.count ?? 0) <= EntityIdentity.nodeLimit {
                reply.append(configuration.identity.query(node: node))
            } else {
                // XEP-0030 §7. It is not repeated: the answer is kept until the server has it.
                reply["type"] = "error"
                reply.append(StanzaError(condition: "item-not-found", type: "cancel").element)
            }
        default:
            // RFC 6120 §8.4.
            reply["type"] = "error"
            reply.append(StanzaError(condition: "service-unavailable", type: "cancel").element)
        }
        enqueueStanza(reply, token: nil, done: nil)
    }
}
