/// The rows of a backup after `sila` has opened it, on their way into a database that `silad` makes of them: the one
/// cannot make a database, the other cannot open a backup. What is sealed in the database is sealed here too.
public enum RestoredRows {
    /// The name of the file, beside the database that is to be.
    public static let fileName = "restored.rows"
    static let beginning: [UInt8] = Array("SILR".utf8) + [BackupHeader.version]

    /// What stands before the frames of the data and, behind them, of the keys; `end` closes each part.
    public static func head(data: BackupHeader, keys: BackupHeader) -> [UInt8] { beginning + data.bound + keys.bound }

    /// Bytes of the head.
    public static let headCount = beginning.count + 2 * BackupHeader.boundCount

    /// Reads the head.
    public static func read(head bytes: [UInt8]) throws(BackupError) -> (data: BackupHeader, keys: BackupHeader) {
        guard bytes.count == headCount, bytes.starts(with: beginning) else { throw .notABackup }
        let split = beginning.count + BackupHeader.boundCount
        return (
            try BackupHeader(bound: Array(bytes[beginning.count..<split])),
            try BackupHeader(bound: Array(bytes[split...]))
        )
    }

    /// Whether these keys belong to this data: made together, or the keys later in the same life of the deployment.
    /// Earlier ones lack what opens the newest messages.
    public static func check(data: BackupHeader, keys: BackupHeader) throws(BackupPairError) {
        guard data.kind == .data else { throw .notData }
        guard keys.kind == .keys else { throw .notKeys }
        guard data.deployment == keys.deployment else { throw .otherDeployment }
        guard data.generation == keys.generation else { throw .otherGeneration }
        if data.backup == keys.backup { return }
        guard keys.sequence >= data.sequence, keys.madeAt >= data.madeAt else { throw .olderKeys }
    }
}

/// Why two files are not one backup.
public enum BackupPairError: Error, Equatable, Sendable, CustomStringConvertible {
    case notData
    case notKeys
    case otherDeployment
    case otherGeneration
    case olderKeys

    public var description: String {
        switch self {
        case .notData: "The first file is one of keys. Name the data first, then the keys."
        case .notKeys: "The second file is one of data. Name the data first, then the keys."
        case .otherDeployment: "The keys are of another deployment than the data."
        case .otherGeneration:
            "The keys are from before or after a restore that lies between them and the data. "
                + "Take keys that were made with the data, or after it and before that restore."
        case .olderKeys:
            "The keys are older than the data: the newest messages could not be opened with them. "
                + "Take the keys that were made with the data, or later ones."
        }
    }
}
