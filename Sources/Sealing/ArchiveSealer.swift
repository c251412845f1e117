import Messaging

/// Makes segment keys for the archive. It knows public keys only and can open nothing.
public struct ArchiveSealer: Sendable {
    private let keys: [Compartment: ArchivePublicKey]
    private let randomness: Randomness

    /// Uses the newest archive key of each compartment in the roster.
    public init(roster: VerifiedRoster) {
        self.init(keys: roster.currentArchiveKeys)
    }

    package init(keys: [ArchivePublicKey], randomness: Randomness = .system) {
        self.keys = keys.reduce(into: [:]) { newest, key in
            if newest[key.compartment].map({ $0.generation < key.generation }) ?? true {
                newest[key.compartment] = key
            }
        }
        self.randomness = randomness
    }

    /// The compartments that can be sealed to. The daemon needs all of them before it starts.
    public var compartments: Set<Compartment> { Set(keys.keys) }

    /// Whether records of a compartment are sealed to this archive key now, and not to an older one.
    package func isCurrent(_ key: KeyID, for compartment: Compartment) -> Bool { keys[compartment]?.id == key }

    /// A new random key for what concerns one contact on one day. `wrapped` is stored in the same
    /// transaction as the first record under it; the key itself stays in memory until the day ends.
    ///
    /// Throws `SealingError.noArchiveKey` when the roster lacks the compartment.
    public func makeSegment(
        contact: ContactID, day: ArchiveDay, compartment: Compartment
    ) throws(SealingError) -> SegmentKey {
        guard let archiveKey = keys[compartment] else { throw .noArchiveKey(compartment) }
        let segment = SegmentDescription(
            id: try SegmentID(bytes: randomness.bytes(SegmentID.byteCount)),
            contact: contact, day: day, compartment: compartment)
        var bytes = randomness.bytes(32)
        let secret = SecretBytes(wiping: &bytes)
        let sealed = try HPKESuite.seal(
            secret, to: archiveKey.publicKey, info: WrappedSegment.info(archiveKey: archiveKey.id),
            authenticating: WrappedSegment.associatedData(segment), format: WrappedSegment.format)
        let wrapped = try WrappedSegment(
            bytes: [WrappedSegment.version] + archiveKey.id.bytes + sealed.encapsulatedKey + sealed.ciphertext)
        return SegmentKey(segment: segment, wrapped: wrapped, secret: secret, randomness: randomness)
    }
}

/// A key under which the records of one contact, day and compartment are sealed. It seals only:
/// the code that opens is in another module, which the daemon does not contain.
public struct SegmentKey: Sendable, CustomStringConvertible {
    public let segment: SegmentDescription
    public let wrapped: WrappedSegment
    private let secret: SecretBytes
    private let randomness: Randomness

    package init(
        segment: SegmentDescription, wrapped: WrappedSegment, secret: SecretBytes, randomness: Randomness = .system
    ) {
        self.segment = segment
        self.wrapped = wrapped
        self.secret = secret
        self.randomness = randomness
    }

    /// Seals one record: padded to a bucket, then AES-256-GCM under this key.
    ///
    /// - Parameters:
    ///   - plaintext: the encoded record, at most 16 MiB.
    ///   - kind: what it is; `record`: its place. Both must be given again to open it.
    /// - Returns: version (1 byte), nonce (12), ciphertext, tag (16).
    public func seal(_ plaintext: [UInt8], kind: RecordKind, record: RecordID) throws(SealingError) -> [UInt8] {
        try AEAD.seal(
            try Padding.pad(plaintext, format: SealedRecord.format), key: secret.key, version: SealedRecord.version,
            authenticating: SealedRecord.associatedData(segment, kind: kind, record: record),
            format: SealedRecord.format, randomness: randomness)
    }

    /// Seals a message. The same as sealing its encoded form with kind `message`.
    public func seal(_ message: MessageRecord, record: RecordID) throws(SealingError) -> [UInt8] {
        try seal(message.encoded(), kind: .message, record: record)
    }

    public var description: String { "<segment key for \(segment.compartment.rawValue) on \(segment.day)>" }
}
