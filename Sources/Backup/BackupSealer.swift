import Crypto
import Sealing

/// Writes one file of a backup: everything in it is sealed to the recovery key, so whoever writes it cannot read it
/// again.
public struct BackupSealer {
    private let key: SymmetricKey
    private let headerHash: [UInt8]
    private let randomness: Randomness
    private let write: ([UInt8]) throws -> Void
    private var waiting: [UInt8] = []
    private var pieces: Int64 = 0
    private var frames: Int64 = 0

    /// Writes the beginning of the file.
    ///
    /// - Parameters:
    ///   - recoveryKey: X25519, 32 bytes, from the verified roster; `header.recoveryKey` is its id.
    ///   - write: takes the bytes of the file, in order.
    public init(
        _ header: BackupHeader, recoveryKey: [UInt8], write: @escaping ([UInt8]) throws -> Void
    ) throws {
        try self.init(header, recoveryKey: recoveryKey, randomness: .system, write: write)
    }

    package init(
        _ header: BackupHeader, recoveryKey: [UInt8], randomness: Randomness, write: @escaping ([UInt8]) throws -> Void
    ) throws {
        var bytes = randomness.bytes(32)
        let secret = SecretBytes(wiping: &bytes)
        let sealed = try HPKESuite.seal(
            secret, to: recoveryKey, info: BackupForm.info, authenticating: header.bound, format: BackupForm.format)
        let beginning = header.bound + sealed.encapsulatedKey + sealed.ciphertext
        self.init(key: secret.key, beginning: beginning, randomness: randomness, write: write)
        try write(beginning)
    }

    /// For a known key, as tests hold it.
    package init(
        key: SymmetricKey, beginning: [UInt8], randomness: Randomness, write: @escaping ([UInt8]) throws -> Void
    ) {
        self.key = key
        headerHash = BackupForm.hash(beginning)
        self.randomness = randomness
        self.write = write
    }

    public mutating func add(_ frame: BackupFrame) throws {
        waiting += frame.encoded
        frames += 1
        // The last piece is marked as such, so one is kept back.
        while waiting.count > BackupForm.pieceCount {
            try seal(Array(waiting.prefix(BackupForm.pieceCount)), isLast: false)
            waiting.removeFirst(BackupForm.pieceCount)
        }
    }

    /// Writes the end. The file is whole only then.
    public mutating func finish() throws {
        try add(.end(frames))
        try seal(waiting, isLast: true)
        waiting = []
    }

    private mutating func seal(_ bytes: [UInt8], isLast: Bool) throws {
        let sealed = try AEAD.seal(
            bytes, key: key, version: BackupHeader.version,
            authenticating: BackupForm.associatedData(header: headerHash, number: pieces, isLast: isLast),
            format: BackupForm.format, randomness: randomness)
        pieces += 1
        try write(withUnsafeBytes(of: UInt32(sealed.count).bigEndian) { Array($0) } + sealed)
    }
}
