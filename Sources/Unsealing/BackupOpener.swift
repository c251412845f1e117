import Backup
import Crypto
import Sealing

/// Opens one file of a backup with the recovery key, piece by piece. A piece that was altered, moved, or taken from
/// another backup does not open, and one that is missing is noticed.
public struct BackupOpener {
    /// The bytes of the file from where the last call ended, at most so many, none at its end.
    public typealias Read = (_ count: Int) throws -> [UInt8]

    public let header: BackupHeader
    private let key: SymmetricKey
    private let headerHash: [UInt8]
    private let read: Read
    private var frames = BackupFrameReader()
    private var pieces: Int64 = 0
    private var sawLast = false

    /// Reads the header alone, which anybody can.
    public static func header(_ read: Read) throws -> BackupHeader {
        try BackupHeader.read(try fill(BackupHeader.byteCount, read)).header
    }

    /// - Throws: `BackupError`; what `read` throws.
    public init(_ recovery: RecoveryKey, read: @escaping Read) throws {
        let beginning = try Self.fill(BackupHeader.byteCount, read)
        let parts = try BackupHeader.read(beginning)
        guard parts.header.recoveryKey == recovery.recipient.id else { throw BackupError.wrongWords }
        let secret: SecretBytes
        do {
            secret = try recovery.recipient.open(
                encapsulatedKey: parts.encapsulatedKey, ciphertext: parts.sealedKey, info: BackupForm.info,
                authenticating: parts.header.bound, format: BackupForm.format)
        } catch {
            throw BackupError.damaged("its header was altered")
        }
        header = parts.header
        key = secret.key
        headerHash = BackupForm.hash(beginning)
        self.read = read
    }

    /// What comes next; `nil` once the whole file was read and is whole.
    public mutating func next() throws -> BackupFrame? {
        while true {
            if let frame = try frames.next() { return frame }
            if sawLast {
                try frames.finish()
                guard try read(1).isEmpty else { throw BackupError.damaged("something stands behind its end") }
                return nil
            }
            frames.append(try piece())
        }
    }

    private mutating func piece() throws -> [UInt8] {
        let length = try Self.fill(4, read)
        guard length.count == 4 else { throw BackupError.cutOff }
        let count = Int(length.reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        guard (AEAD.overhead...(BackupForm.pieceCount + AEAD.overhead)).contains(count) else {
            throw BackupError.damaged("a piece has \(count) bytes")
        }
        let sealed = try Self.fill(count, read)
        guard sealed.count == count else { throw BackupError.cutOff }
        // Only the last may be shorter; whether a full one is it, its tag tells.
        if count == BackupForm.pieceCount + AEAD.overhead, let plain = try? open(sealed, isLast: false) { return plain }
        guard let plain = try? open(sealed, isLast: true) else {
            throw BackupError.damaged("piece \(pieces + 1) was altered, or is of another backup")
        }
        sawLast = true
        return plain
    }

    private mutating func open(_ sealed: [UInt8], isLast: Bool) throws -> [UInt8] {
        let plain = try AEAD.open(
            sealed, key: key, version: BackupHeader.version,
            authenticating: BackupForm.associatedData(header: headerHash, number: pieces, isLast: isLast),
            format: BackupForm.format)
        pieces += 1
        return plain
    }

    private static func fill(_ count: Int, _ read: Read) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try read(count - bytes.count)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }
}
