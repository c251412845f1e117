import Backup
import DeploymentConfiguration
import Foundation
import Sealing
import Unsealing

/// Makes the folder of a deployment from a backup: all of it, or nothing. `silad` makes the database of the rows, when
/// it is started there.
struct RestoreWork {
    let data: BackupReading
    let keys: BackupReading
    /// Absolute.
    let folder: String

    /// What was found, and what is still to be done.
    struct Result {
        let madeAt: Date
        let generation: Int64
        let fingerprint: String
        let keyMode: String
        let rows: Int
        let attachments: Int
        let members: [String]
        /// Paths in sila.yaml that lie elsewhere, by key.
        let elsewhere: [(key: String, path: String)]
    }

    /// What was read of the two files before anything is written.
    private struct Checked {
        let data: BackupHeader
        let keys: BackupHeader
        let key: RecoveryKey
        let roster: VerifiedRoster
        let configuration: SilaConfiguration
        var rows = 0
        var attachments = 0
    }

    /// - Parameters:
    ///   - words: asked for only once the files are known to be a backup and the folder to be free.
    func run(_ words: () throws -> String) throws -> Result {
        try refuseDeployment()
        let headers = (data: try data.header(), keys: try keys.header())
        do {
            try RestoredRows.check(data: headers.data, keys: headers.keys)
        } catch {
            throw CommandFailure(.data, "\(error) Nothing was made.")
        }
        let key = try RecoveryKey(secret: try RecoveryWords.parse(try words()))
        let checked = try check(headers.data, headers.keys, key)
        try write(checked)
        return Result(
            madeAt: Date(timeIntervalSince1970: Double(headers.data.madeAt) / 1000),
            generation: headers.data.generation + 1, fingerprint: checked.roster.fingerprint,
            keyMode: checked.configuration.keys.mode.name, rows: checked.rows, attachments: checked.attachments,
            members: checked.roster.members.values.map { "\($0.id) (\($0.role.rawValue))" }.sorted(),
            elsewhere: elsewhere(checked.configuration))
    }

    private func refuseDeployment() throws {
        guard NewFiles.exists(folder) else { return }
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
        guard let names, names.isEmpty else {
            throw CommandFailure(
                .exists,
                "'\(folder)' is there and is not an empty folder. A backup is never put over a deployment: name a folder "
                    + "that is not there yet.")
        }
    }

    // MARK: Checking

    private func check(_ dataHeader: BackupHeader, _ keysHeader: BackupHeader, _ key: RecoveryKey) throws -> Checked {
        var files: [String: [UInt8]] = [:]
        var rows = 0
        var attachments = 0
        for reading in [keys, data] {
            var current = ""
            try reading.each(key) { frame in
                switch frame {
                case .row: rows += 1
                case .file(let path):
                    guard BackupPlace.mode(of: path) != nil, files[path] == nil else {
                        throw CommandFailure(
                            .data, "'\(reading.path)' is not taken: it holds a file that does not belong there.")
                    }
                    current = path
                    if path.hasPrefix("store/attachments/") { attachments += 1 } else { files[path] = [] }
                case .bytes(let bytes): files[current]? += bytes
                case .schema, .table, .end: break
                }
            }
        }
        let roster = try verify(files, dataHeader, key)
        let configuration = try SilaConfiguration.parse(
            String(decoding: try file("sila.yaml", files), as: UTF8.self), path: "sila.yaml", directory: folder)
        try verifyWorkingKey(files, configuration, roster, key)
        return Checked(
            data: dataHeader, keys: keysHeader, key: key, roster: roster, configuration: configuration, rows: rows,
            attachments: attachments)
    }

    private func file(_ path: String, _ files: [String: [UInt8]]) throws(CommandFailure) -> [UInt8] {
        guard let bytes = files[path] else {
            throw CommandFailure(.data, "The backup is not taken: it lacks '\(path)'. Nothing was made.")
        }
        return bytes
    }

    private func verify(
        _ files: [String: [UInt8]], _ header: BackupHeader, _ key: RecoveryKey
    ) throws -> VerifiedRoster {
        let pin = try RosterPin(decoding: file("keys/roster.pin", files))
        let roster = try Roster(decoding: file("keys/roster.json", files)).verified(by: pin)
        guard roster.deployment == header.deployment else {
            throw CommandFailure(.data, "The roster in the backup is of another deployment. Nothing was made.")
        }
        guard roster.recoveryKey == key.publicKey else {
            throw CommandFailure(.data, "The words are not those of the roster in the backup. Nothing was made.")
        }
        let keyring = ArchiveKeyring(
            try KeyringFile(decoding: file("keys/archive-keyring.json", files)).pruned(for: roster))
        let held = Set(try keyring.unlock(key, roster: roster).publicKeys.map(\.id))
        guard roster.archiveKeys.allSatisfy({ held.contains($0.id) }) else {
            throw CommandFailure(.data, "The keyring in the backup lacks keys of the archive. Nothing was made.")
        }
        return roster
    }

    /// Without it the daemon could open nothing that it must: who wrote, and its own identity.
    private func verifyWorkingKey(
        _ files: [String: [UInt8]], _ configuration: SilaConfiguration, _ roster: VerifiedRoster, _ key: RecoveryKey
    ) throws {
        switch configuration.keys.mode {
        case .file, .tpm:
            _ = try WorkingKeySource.parse(file("keys/working.key", files), path: "keys/working.key")
        case .operator:
            let keyring = try ArchiveKeyring(decoding: file("keys/archive-keyring.json", files))
            guard try keyring.unlockWorkingKey(key, roster: roster) != nil else {
                throw CommandFailure(.data, "The keyring in the backup lacks the working key. Nothing was made.")
            }
        }
    }

    // MARK: Writing

    /// Everything goes into a folder beside it, which gets its name at the end.
    private func write(_ checked: Checked) throws {
        let unfinished = folder + ".restoring"
        guard !NewFiles.exists(unfinished) else {
            throw CommandFailure(
                .exists,
                "'\(unfinished)' is there: a restore that was cut off, or one at work. Remove it, then try again.")
        }
        do {
            try NewFiles.folder(unfinished, mode: 0o755)
            for name in ["keys", "store", "store/attachments"] {
                try NewFiles.folder(unfinished + "/" + name, mode: 0o700)
            }
            let rows = try RestoreOutput(unfinished + "/store/" + RestoredRows.fileName, mode: 0o600)
            try rows.write(RestoredRows.head(data: checked.data, keys: checked.keys))
            for reading in [data, keys] { try write(reading, checked.key, rows: rows, into: unfinished) }
            try rows.close()
            for name in ["store/attachments", "store", "keys", "."] {
                try NewFiles.synchronize(folder: unfinished + "/" + name)
            }
            guard rename(unfinished, folder) == 0 else {
                throw CommandFailure(.io, "'\(folder)' cannot be made: \(String(cString: strerror(errno))).")
            }
        } catch {
            try? FileManager.default.removeItem(atPath: unfinished)
            throw error
        }
        try NewFiles.synchronize(folder: (folder as NSString).deletingLastPathComponent)
    }

    private func write(_ reading: BackupReading, _ key: RecoveryKey, rows: RestoreOutput, into root: String) throws {
        var file: RestoreOutput?
        var count: Int64 = 0
        try reading.each(key) { frame in
            switch frame {
            case .schema, .table, .row:
                try rows.write(frame.encoded)
                count += 1
            case .file(let path):
                try file?.close()
                guard let mode = BackupPlace.mode(of: path) else {
                    throw CommandFailure(.data, "The backup was changed while it was read.")
                }
                let whole = root + "/" + path
                try NewFiles.folder((whole as NSString).deletingLastPathComponent, mode: 0o755)
                file = try RestoreOutput(whole, mode: mode)
            case .bytes(let bytes): try file?.write(bytes)
            case .end: break
            }
        }
        try file?.close()
        try rows.write(BackupFrame.end(count).encoded)
    }

    /// What the configuration names and is not where the restore has put it, or is not in a backup at all.
    private func elsewhere(_ configuration: SilaConfiguration) -> [(key: String, path: String)] {
        var named = [
            ("store.path", configuration.store.path, folder + "/store/sila.sqlite"),
            ("keys.roster", configuration.keys.roster, folder + "/keys/roster.json"),
            ("keys.roster-pin", configuration.keys.rosterPin, folder + "/keys/roster.pin"),
            ("keys.archive-keyring", configuration.keys.archiveKeyring, folder + "/keys/archive-keyring.json"),
            ("xmpp.password-file", configuration.xmpp.passwordFile, folder + "/keys/xmpp.password"),
            ("content.bots", configuration.content.bots, ""),
            ("content.translations", configuration.content.translations, ""),
        ]
        if case .file(let path) = configuration.keys.mode {
            named.append(("keys.working-key", path, folder + "/keys/working.key"))
        }
        if let path = configuration.xmpp.tls.caFile, !path.hasPrefix(folder + "/") {
            named.append(("xmpp.tls.ca-file", path, ""))
        }
        if !configuration.staff.socket.hasPrefix(folder + "/") {
            named.append(("staff.socket", configuration.staff.socket, ""))
        }
        return named.filter { $0.1 != $0.2 }.map { (key: $0.0, path: $0.1) }
    }
}

/// A file that is written piece by piece, and is on the disk once it is closed.
final class RestoreOutput {
    private let path: String
    private let handle: FileHandle

    init(_ path: String, mode: mode_t) throws(CommandFailure) {
        self.path = path
        try NewFiles.write([], to: path, mode: mode)
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw CommandFailure(.io, "'\(path)' cannot be written: \(String(cString: strerror(errno))).")
        }
        self.handle = handle
    }

    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        do {
            try handle.write(contentsOf: Data(bytes))
        } catch {
            throw CommandFailure(.io, "'\(path)' cannot be written: is the disk full?")
        }
    }

    func close() throws(CommandFailure) {
        do {
            try handle.synchronize()
            try handle.close()
        } catch {
            throw CommandFailure(.io, "'\(path)' cannot be written to the disk.")
        }
    }
}
