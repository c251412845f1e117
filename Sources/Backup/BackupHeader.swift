import Crypto
import Sealing

/// Which of the two files of a backup it is.
public enum BackupKind: UInt8, Sendable, CaseIterable {
    /// Everything but what opens a person.
    case data = 1
    /// Segment keys, addresses and the working key: kept 30 days, and apart from the data.
    case keys = 2

    /// As in messages, and as the ending of a file's name.
    public var name: String {
        switch self {
        case .data: "data"
        case .keys: "keys"
        }
    }
}

/// What stands in the clear at the beginning of a backup file (`Documentation/formats.md`). All of it is bound to
/// what follows.
public struct BackupHeader: Sendable, Equatable {
    public static let version: UInt8 = 1
    static let magic: [UInt8] = Array("SILB".utf8)
    /// Bytes before the sealed key, and with it.
    package static let boundCount = 78
    public static let byteCount = boundCount + HPKESuite.encapsulatedKeyCount + 48

    public let kind: BackupKind
    /// The id of the deployment, from its roster.
    public let deployment: [UInt8]
    /// Random; both files of one backup have the same.
    public let backup: [UInt8]
    /// How often the deployment was restored before.
    public let generation: Int64
    /// The number of the last line of the audit log: which of two backups of one generation is newer.
    public let sequence: Int64
    /// Milliseconds since 1970.
    public let madeAt: Int64
    /// To whom it is sealed.
    public let recoveryKey: KeyID

    public init(
        kind: BackupKind, deployment: [UInt8], backup: [UInt8], generation: Int64, sequence: Int64, madeAt: Int64,
        recoveryKey: KeyID
    ) {
        self.kind = kind
        self.deployment = deployment
        self.backup = backup
        self.generation = generation
        self.sequence = sequence
        self.madeAt = madeAt
        self.recoveryKey = recoveryKey
    }

    /// What is bound to the sealed key.
    package var bound: [UInt8] {
        var bytes = Self.magic + [Self.version, kind.rawValue]
        bytes += deployment + backup
        for number in [generation, sequence, madeAt] { bytes += number.backupBytes }
        return bytes + recoveryKey.bytes
    }

    /// From what `bound` gave.
    package init(bound bytes: [UInt8]) throws(BackupError) {
        guard bytes.count == Self.boundCount, bytes.starts(with: Self.magic) else { throw .notABackup }
        guard bytes[4] == Self.version else { throw .newerVersion(bytes[4]) }
        guard let kind = BackupKind(rawValue: bytes[5]) else { throw .damaged("it is neither data nor keys") }
        let recovery: KeyID
        do {
            recovery = try KeyID(bytes: Array(bytes[62...]))
        } catch {
            throw .damaged("\(error)")
        }
        self.init(
            kind: kind, deployment: Array(bytes[6..<22]), backup: Array(bytes[22..<38]),
            generation: Int64(backupBytes: bytes[38..<46]), sequence: Int64(backupBytes: bytes[46..<54]),
            madeAt: Int64(backupBytes: bytes[54..<62]), recoveryKey: recovery)
        guard generation >= 0, sequence >= 0, madeAt >= 0 else {
            throw .damaged("a number in its header is negative")
        }
    }

    /// Reads the beginning of a file. `bytes` are `byteCount` bytes of it, or fewer when it ends there.
    ///
    /// - Returns: the header, the encapsulated key and the sealed key of the file.
    package static func read(
        _ bytes: [UInt8]
    ) throws(BackupError) -> (header: BackupHeader, encapsulatedKey: [UInt8], sealedKey: [UInt8]) {
        guard bytes.starts(with: magic) else { throw .notABackup }
        guard bytes.count > magic.count else { throw .cutOff }
        guard bytes[4] == version else { throw .newerVersion(bytes[4]) }
        guard bytes.count == byteCount else { throw .cutOff }
        let header = try BackupHeader(bound: Array(bytes[..<boundCount]))
        let split = boundCount + HPKESuite.encapsulatedKeyCount
        return (header, Array(bytes[boundCount..<split]), Array(bytes[split...]))
    }
}

/// How the key of a file and its pieces are sealed.
package enum BackupForm {
    package static let format = "backup"
    /// Plaintext of a piece: all but the last have as much.
    package static let pieceCount = 1 << 16

    package static let info: [UInt8] = Transcript("sila backup key", version: BackupHeader.version).bytes

    /// Binds a piece to its file, its place, and to being the last one or not.
    package static func associatedData(header hash: [UInt8], number: Int64, isLast: Bool) -> [UInt8] {
        var transcript = Transcript("sila backup piece", version: BackupHeader.version)
        transcript.add(hash)
        transcript.add(number)
        transcript.add(isLast ? UInt8(1) : UInt8(0))
        return transcript.bytes
    }

    package static func hash(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}

/// Why a backup is not taken.
public enum BackupError: Error, Equatable, Sendable, CustomStringConvertible {
    case notABackup
    case newerVersion(UInt8)
    case cutOff
    case damaged(String)
    /// The words do not open it.
    case wrongWords
    case cannotWrite(String)

    public var description: String {
        switch self {
        case .notABackup: "it is not a backup of Sila"
        case .newerVersion(let version):
            "it has format version \(version), which this version of Sila does not know: use a newer one"
        case .cutOff: "it is cut off: copy it again from where it was made"
        case .damaged(let reason): "it is damaged: \(reason)"
        case .wrongWords:
            "the recovery words do not open it: they are of another deployment, or of a recovery key from another time"
        case .cannotWrite(let reason): "it cannot be written: \(reason)"
        }
    }
}

extension Int64 {
    /// Eight bytes, most significant first.
    package var backupBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }

    /// From eight bytes.
    package init(backupBytes: some Sequence<UInt8>) {
        self.init(bitPattern: backupBytes.reduce(0) { $0 << 8 | UInt64($1) })
    }
}
