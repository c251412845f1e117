import Backup
import DeploymentConfiguration
import Foundation
import Sealing
import Store

/// `silad backup`: two files, sealed to the recovery key of the roster, beside a daemon that may run.
///
/// It needs no passphrase and can read nothing back, so a timer does it at night.
public struct BackupRun {
    /// What was made, and what was old.
    public struct Report: Encodable, Sendable {
        public let version = 1
        public let madeAt: Date
        public let generation: Int64
        public let data: String
        public let keys: String
        public let bytes: Int
        public let rows: Int
        public let attachments: Int
        /// Backups that were removed because their time was over.
        public let removed: [String]
    }

    /// Days for which keys are kept: what is erased today opens for nobody after that.
    public static let keyDays = 30

    private let configuration: SilaConfiguration
    private let configurationPath: String
    private let progress: (String) -> Void

    /// - Parameter progress: told what is being done.
    public init(configurationPath: String, progress: @escaping (String) -> Void = { _ in }) throws {
        self.configurationPath = configurationPath
        self.progress = progress
        configuration = try SilaConfiguration.load(from: configurationPath)
    }

    public func run(now: Date = Date()) throws -> Report {
        // All that can be missing is looked for before anything is written.
        let files = try BackupFiles(configuration, configurationPath: configurationPath)
        let roster = files.roster
        let backup = Randomness.system.bytes(16)
        let name = Self.name(now, backup)
        let keys = try BackupOutput(folder: configuration.backup.keys, name: name + ".keys")
        defer { keys.discard() }
        let data = try BackupOutput(folder: configuration.backup.data, name: name + ".data")
        defer { data.discard() }

        progress("rows")
        var (facts, rows, sealer) = try StoreSnapshot.read(path: configuration.store.path) { snapshot in
            let facts = try snapshot.facts()
            func header(_ kind: BackupKind) -> BackupHeader {
                BackupHeader(
                    kind: kind, deployment: roster.deployment, backup: backup, generation: facts.generation,
                    sequence: facts.sequence, madeAt: Int64(now.timeIntervalSince1970 * 1000),
                    recoveryKey: KeyID(publicKey: roster.recoveryKey))
            }
            var sealer = try BackupSealer(header(.keys), recoveryKey: roster.recoveryKey, write: keys.write)
            var rows = try snapshot.rows(for: .keys) { try sealer.add($0) }
            for file in files.keys { try sealer.add(file: file.path, file.bytes) }
            try sealer.finish()
            sealer = try BackupSealer(header(.data), recoveryKey: roster.recoveryKey, write: data.write)
            rows += try snapshot.rows(for: .data) { try sealer.add($0) }
            return (facts, rows, sealer)
        }
        for file in files.data { try sealer.add(file: file.path, file.bytes) }
        // They are never changed, so they need not be read within the snapshot, which holds the log up.
        progress("files of messages")
        let folder = URL(fileURLWithPath: configuration.store.path).deletingLastPathComponent().path + "/attachments"
        var attachments = 0
        for token in facts.attachments where try sealer.add(attachment: token, at: "\(folder)/\(token)") {
            attachments += 1
        }
        try sealer.finish()

        // Data without keys opens nothing; so the keys are there first.
        try keys.keep()
        try data.keep()
        try BackupMark(storePath: configuration.store.path).write(madeAt: now)
        return Report(
            madeAt: now, generation: facts.generation, data: data.path, keys: keys.path,
            bytes: keys.count + data.count, rows: rows, attachments: attachments,
            removed: try removeOld(roster, now: now))
    }

    private static func name(_ now: Date, _ backup: [UInt8]) -> String {
        let time = now.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        return "sila-\(time)-" + backup.prefix(4).map { String(format: "%02x", $0) }.joined()
    }

    /// Removes what is older than it is kept: of this deployment only, by what stands in the files.
    private func removeOld(_ roster: VerifiedRoster, now: Date) throws -> [String] {
        var removed: [String] = []
        for (folder, kind, days) in [
            (configuration.backup.keys, BackupKind.keys, Self.keyDays),
            (configuration.backup.data, BackupKind.data, configuration.backup.keepDays),
        ] {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            where name.hasPrefix("sila-") {
                // What a run that was cut off left has an ending of its own, and no use.
                let isUnfinished = name.hasSuffix(".\(kind.name).new")
                guard isUnfinished || name.hasSuffix("." + kind.name) else { continue }
                let path = folder + "/" + name
                guard let handle = FileHandle(forReadingAtPath: path),
                    let bytes = try? handle.read(upToCount: BackupHeader.byteCount),
                    let header = try? BackupHeader.read([UInt8](bytes)).header, header.kind == kind,
                    header.deployment == roster.deployment,
                    header.madeAt
                        < Int64(now.timeIntervalSince1970 * 1000) - Int64(isUnfinished ? 1 : days) * 86_400_000
                else { continue }
                guard unlink(path) == 0 else {
                    throw BackupError.cannotWrite("'\(path)' is too old and cannot be removed")
                }
                removed.append(path)
            }
        }
        return removed
    }
}

extension BackupSealer {
    mutating func add(file path: String, _ bytes: [UInt8]) throws {
        try add(.file(path))
        try add(.bytes(bytes))
    }

    /// - Returns: `false` when there is no such file: its contact was erased meanwhile, or it is not here yet.
    mutating func add(attachment token: String, at path: String) throws -> Bool {
        guard let handle = FileHandle(forReadingAtPath: path) else { return false }
        try add(.file("store/attachments/\(token)"))
        while let bytes = try handle.read(upToCount: 1 << 18), !bytes.isEmpty { try add(.bytes([UInt8](bytes))) }
        return true
    }
}
