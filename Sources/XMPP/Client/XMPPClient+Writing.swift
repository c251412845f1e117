/// The way out: one writer, so that bytes leave in the order in which they were queued.
extension XMPPClient {
    func enqueueStanza(
        _ stanza: Element, token: StreamManagement.Token?, done: CheckedContinuation<Void, Never>?
    ) {
        let bytes = stanza.serialized(inheriting: Namespace.client)
        if hold != nil, token == nil { return held.append(Write(bytes: bytes, done: done)) }
        management.sent(bytes, token: token)
        enqueue(bytes, done: done)
        requestAcknowledgement()
    }

    func enqueue(_ element: Element) { enqueue(element.serialized(inheriting: Namespace.client)) }

    func enqueue(_ bytes: [UInt8], done: CheckedContinuation<Void, Never>? = nil) {
        writes.append(Write(bytes: bytes, done: done))
        if writer == nil, let transport { writer = Task { await self.write(to: transport) } }
    }

    func requestAcknowledgement() {
        if management.shouldRequest() { enqueue(SMElement.request) }
    }

    private func write(to transport: any Transport) async {
        while !writes.isEmpty {
            // Everything that waits in one go: fewer TLS records.
            let batch = writes
            writes = []
            writingSince = .now
            defer { writingSince = nil }
            do {
                try await transport.send(batch.flatMap(\.bytes))
            } catch {
                // The reader finds the connection closed and says why. Stanzas stay in
                // `management`, to be sent again or reported.
            }
            for write in batch { write.done?.resume() }
        }
        writer = nil
    }

    /// Waits until nothing is queued; two seconds at most, since the other side may have stopped reading.
    func drainWrites() async {
        if closeReason != nil { await transport?.close() }
        let transport = transport
        // Detached: our own task may be cancelled, and would not sleep.
        let timer = Task.detached {
            try await Task.sleep(for: .seconds(2))
            await transport?.close()
        }
        defer { timer.cancel() }
        while let writer { await writer.value }
    }

    /// Acknowledges what is committed, then closes the stream (RFC 6120 §4.4, XEP-0198 §4), unless it is to
    /// be resumed by the next run: a stream without an end is kept (XEP-0198 §5).
    func sayGoodbye() {
        guard transport != nil else { return }
        if management.isEnabled, !management.isRestored { enqueue(SMElement.answer(management.answer())) }
        if configuration.leavesStreamResumable, management.resumptionID != nil { return }
        enqueue(StreamTag.close)
    }
}
