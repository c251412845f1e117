/// The numbers of our stanzas, for an owner who writes them down before the bytes leave.
///
/// All stanzas share one count. Whoever must know the number of the next one takes a turn: until it ends,
/// the others wait.
extension XMPPClient {
    enum Hold: Sendable {
        /// The owner sends stanzas whose numbers it has written down.
        case turn
        /// A stream of an earlier run was resumed, and the owner has not settled yet what it had sent on it:
        /// until then a number could be given twice.
        case restoration
    }

    /// Takes up a stream of an earlier run; before `run`.
    public func restore(_ stream: KeptStream) { management.restore(stream) }

    /// Begins a turn: from now on only `send(serialized:)` sends.
    /// - Parameter expected: the stream it is for.
    /// - Returns: where the stream stands. The next stanza has the number after `sent`.
    /// - Throws: `ClientError.offline`, also when another stream has begun.
    public func beginTurn(on expected: UInt64) throws(ClientError) -> StreamStanding {
        guard isOnline, hold == nil, let standing = standing(on: expected) else { throw .offline }
        hold = .turn
        return standing
    }

    /// Ends a turn, after everything whose number was written down has been sent or taken back.
    public func endTurn(on expected: UInt64) {
        if hold == .turn, stream == expected { release() }
    }

    /// Ends a turn of which nobody knows what was written down: its stream is not used any more, so that
    /// none of its numbers can mean another stanza.
    public func abandonTurn(on expected: UInt64) async {
        guard hold == .turn, stream == expected else { return }
        management.forgetResumption()
        await end(.silent(step: "writing down what is sent"))
    }

    /// After `ClientEvent.restored`: what was sent on the stream is settled.
    public func goOn() {
        guard hold == .restoration else { return }
        release()
        Task { await self.proveResumption() }
    }

    /// Where the stream stands once these are committed too; `nil` when another one has begun.
    public func standing(on expected: UInt64, with numbers: [UInt64] = []) -> StreamStanding? {
        guard stream == expected, let boundJID else { return nil }
        return StreamStanding(
            resumptionID: management.resumptionID, jid: boundJID, committed: management.committedCount(with: numbers),
            acknowledged: management.acknowledgedCount, sent: management.sentCount,
            writtenDown: management.writtenDown)
    }

    /// So many committed stanzas of a stream are written down: now the server may be told.
    public func wroteDown(_ count: UInt64, on expected: UInt64) {
        guard stream == expected else { return }
        management.wroteDown(count)
        if isOnline, management.shouldAcknowledge() { enqueue(SMElement.answer(management.answer())) }
    }

    private func release() {
        hold = nil
        let waiting = held
        held = []
        for write in waiting {
            management.sent(write.bytes, token: nil)
            if isOnline {
                enqueue(write.bytes, done: write.done)
            } else {
                // They go out when the stream is resumed.
                write.done?.resume()
            }
        }
        if isOnline { requestAcknowledgement() }
    }

    /// A new stream begins: whatever waited was for the old one.
    func dropHeld() {
        hold = nil
        for write in held { write.done?.resume() }
        held = []
    }
}
