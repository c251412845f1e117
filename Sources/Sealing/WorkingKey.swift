import Crypto
import Messaging
import Synchronization

/// The key of the machine: it seals and opens the working ring, and makes the keyed hashes by
/// which addresses and repeated messages are found.
///
/// Each use has a subkey of its own (HKDF-SHA256, RFC 5869), so that a value of one use says
/// nothing about another. The root is 32 random bytes.
public final class WorkingKey: Sendable, CustomStringConvertible {
    public static let byteCount = 32

    /// Which working key this is. Says nothing about the key.
    public let id: KeyID
    private let root: SecretBytes
    /// Begun with their keys: copied for each hash, so that the key is set up once.
    private let lookupMAC: HMAC<SHA256>
    private let dedupMAC: HMAC<SHA256>
    private let fieldKeys = Mutex<[Field.Name: SymmetricKey]>([:])
    private let randomness: Randomness

    /// Throws `SealingError.malformed` unless the root has 32 bytes.
    public convenience init(root: SecretBytes) throws(SealingError) {
        try self.init(root: root, randomness: .system)
    }

    package init(root: SecretBytes, randomness: Randomness) throws(SealingError) {
        guard root.count == Self.byteCount else {
            throw .malformed(
                format: "working key", reason: "it has \(root.count) bytes instead of \(Self.byteCount)")
        }
        self.root = root
        self.randomness = randomness
        lookupMAC = HMAC(key: Self.subkey(of: root, purpose: "lookup"))
        dedupMAC = HMAC(key: Self.subkey(of: root, purpose: "dedup"))
        id = try KeyID(
            bytes: Self.subkey(of: root, purpose: "id").withUnsafeBytes { Array($0.prefix(KeyID.byteCount)) })
    }

    private static func subkey(of root: SecretBytes, purpose: String) -> SymmetricKey {
        var info = Transcript("sila working key", version: 1)
        info.add(purpose)
        return HKDF<SHA256>.deriveKey(inputKeyMaterial: root.key, info: info.bytes, outputByteCount: 32)
    }

    /// Seals the value of one field. Its length shows, plus 29 bytes.
    ///
    /// - Returns: version (1 byte), nonce (12), ciphertext, tag (16).
    public func seal(_ value: [UInt8], in field: Field) throws(SealingError) -> [UInt8] {
        try AEAD.seal(
            value, key: key(for: field), version: Field.version, authenticating: field.associatedData,
            format: Field.format, randomness: randomness)
    }

    /// Opens what `seal` made for the same field. Throws `SealingError.notAuthentic` for any other.
    public func open(_ sealed: [UInt8], in field: Field) throws(SealingError) -> [UInt8] {
        try AEAD.open(
            sealed, key: key(for: field), version: Field.version, authenticating: field.associatedData,
            format: Field.format)
    }

    /// A keyed hash (HMAC-SHA256, 32 bytes) by which a value is found again without being stored.
    /// The same value under another purpose gives another hash.
    public func lookup(_ value: [UInt8], purpose: String) -> [UInt8] {
        var transcript = Transcript("sila lookup", version: 1)
        transcript.add(purpose)
        transcript.add(value)
        return Self.authenticate(transcript, with: lookupMAC)
    }

    /// The keyed hash by which an address is found.
    public func lookup(_ address: Address) -> [UInt8] {
        lookup(Array(address.value.utf8), purpose: "address:" + address.channel.rawValue)
    }

    /// The keyed hash (32 bytes) by which a message handed over again is recognised.
    public func dedup(_ source: DedupSource, channel: ChannelID) -> [UInt8] {
        var transcript = Transcript("sila dedup", version: 1)
        transcript.add(channel.rawValue)
        transcript.add(source.bytes)
        return Self.authenticate(transcript, with: dedupMAC)
    }

    private static func authenticate(_ transcript: Transcript, with begun: HMAC<SHA256>) -> [UInt8] {
        var mac = begun
        mac.update(data: transcript.bytes)
        return mac.finalize().withUnsafeBytes { Array($0) }
    }

    public var description: String { "<working key>" }

    // A key for each table and column keeps the number of random nonces under one key far below
    // the 2^32 that NIST SP 800-38D §8.3 allows.
    private func key(for field: Field) -> SymmetricKey {
        fieldKeys.withLock { keys in
            if let key = keys[field.name] { return key }
            let key = Self.subkey(of: root, purpose: "field:\(field.table).\(field.column)")
            keys[field.name] = key
            return key
        }
    }
}

/// The place of a sealed value of the working ring: bound to its ciphertext, so that values cannot
/// change places.
public struct Field: Hashable, Sendable {
    package static let version: UInt8 = 1
    package static let format = "sealed field"

    /// Which column of which table.
    struct Name: Hashable, Sendable {
        let table: String
        let column: String
    }

    let name: Name
    public var table: String { name.table }
    public var column: String { name.column }
    /// What identifies the row: a row number, or the bytes of another unique key.
    package let row: [UInt8]

    public init(table: String, row: Int64, column: String) {
        name = Name(table: table, column: column)
        self.row = [1] + withUnsafeBytes(of: row.bigEndian) { Array($0) }
    }

    public init(table: String, row: [UInt8], column: String) {
        name = Name(table: table, column: column)
        self.row = [2] + row
    }

    package var associatedData: [UInt8] {
        var transcript = Transcript("sila field", version: Self.version)
        transcript.add(table)
        transcript.add(column)
        transcript.add(row)
        return transcript.bytes
    }
}
