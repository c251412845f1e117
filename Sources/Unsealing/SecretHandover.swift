import Sealing

// What passes between the agent, which holds a member's keys, and the programs of the same person
// beside it. Package access: nothing outside of this package can take a key out of its holder.

extension StaffKeys {
    /// The private keys, 64 bytes, for the agent that `sila unlock` starts.
    package var handover: SecretBytes {
        var bytes = secret
        return SecretBytes(wiping: &bytes)
    }

    /// From what `handover` gave. Throws `UnsealingError.keyFile` when these are not two private keys.
    package init(id: MemberID, handover: SecretBytes) throws(UnsealingError) {
        var bytes = handover.withUnsafeBytes { Array($0) }
        defer { for index in bytes.indices { bytes[index] = 0 } }
        guard bytes.count == 64, let keys = try? StaffKeys(id: id, secret: bytes) else {
            throw .keyFile(reason: "what was handed over is not two private keys of 32 bytes")
        }
        self = keys
    }
}

extension OpenedSegment {
    /// The segment key, 32 bytes: opens the records of one contact, day and compartment only.
    package var handover: SecretBytes { secret }

    /// From what `handover` gave, and what the database says beside the segment.
    /// Throws `UnsealingError.sealing` unless there are 32 bytes.
    package init(segment: SegmentDescription, handover: SecretBytes) throws(UnsealingError) {
        guard handover.count == 32 else {
            throw .sealing(
                .malformed(format: "opened segment key", reason: "it has \(handover.count) bytes instead of 32"))
        }
        self.init(segment: segment, secret: handover)
    }
}
