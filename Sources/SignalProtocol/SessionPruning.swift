internal import CSignalProtocol

extension SignalEndpoint {
    /// How many archived states the session with this address carries; 0 without a session.
    public func archivedStates(of address: SignalAddress) throws -> Int {
        guard let record = try readRecord(address) else { return 0 }
        return record.withPointer { record in
            var count = 0
            var node = session_record_get_previous_states_head(record)
            while let current = node {
                count += 1
                node = session_record_get_previous_states_next(current)
            }
            return count
        }
    }

    /// How many messages were encrypted since the other side's last answer reached us, in the present
    /// state of the session; 0 without a session.
    public func sendingChainLength(of address: SignalAddress) throws -> UInt32 {
        guard let record = try readRecord(address) else { return 0 }
        return record.withPointer { record in
            guard let state = session_record_get_state(record), session_state_has_sender_chain(state) == 1,
                let chain = session_state_get_sender_chain_key(state)
            else { return 0 }
            return ratchet_chain_key_get_index(chain)
        }
    }

    /// Drops the oldest archived states of a session beyond `limit` and stores what remains.
    /// - Returns: how many were dropped.
    @discardableResult
    public func pruneArchivedStates(of address: SignalAddress, keeping limit: Int) throws -> Int {
        guard let record = try readRecord(address) else { return 0 }
        let pruned = try record.withPointer { record -> (dropped: Int, bytes: [UInt8])? in
            // The list runs from the newest to the oldest.
            var kept = 0
            var dropped = 0
            var node = session_record_get_previous_states_head(record)
            while let current = node {
                if kept < limit {
                    kept += 1
                    node = session_record_get_previous_states_next(current)
                } else {
                    dropped += 1
                    node = session_record_get_previous_states_remove(record, current)
                }
            }
            guard dropped > 0 else { return nil }
            let buffer = try Handle<BufferHandle>("serialize-session") { session_record_serialize($0, record) }
            return (dropped, buffer.bytes())
        }
        guard let pruned else { return 0 }
        try bridge.sessions.storeSession(pruned.bytes, for: address)
        return pruned.dropped
    }

    private func readRecord(_ address: SignalAddress) throws -> Handle<Counted>? {
        guard let bytes = try bridge.sessions.loadSession(address) else { return nil }
        return try Handle<Counted>("read-session") { out in
            context.withPointer { session_record_deserialize(out, bytes, bytes.count, $0) }
        }
    }
}
