import Backup
import DeploymentConfiguration
import Foundation
import Glibc
import Sealing

/// The files of a deployment that go into a backup beside its rows, by their usual places in its folder.
struct BackupFiles {
    struct File {
        let path: String
        let bytes: [UInt8]
    }

    /// Beside the segment keys: who belongs, and every secret of the machine.
    let keys: [File]
    /// Configuration, and certificates that it names inside of the folder.
    let data: [File]
    /// Whose recovery key everything is sealed to.
    let roster: VerifiedRoster

    /// The largest that is taken, in bytes.
    static let limit = 8 << 20

    init(_ configuration: SilaConfiguration, configurationPath: String) throws {
        var (keys, roster) = try Self.staffFiles(configuration.keys)
        self.roster = roster
        keys.append(File(path: "keys/xmpp.password", bytes: try Self.read(configuration.xmpp.passwordFile)))
        switch configuration.keys.mode {
        case .file(let path):
            keys.append(File(path: "keys/working.key", bytes: try WorkingKeySource.file(path: path).contents()))
        case .tpm(let name):
            keys.append(File(path: "keys/working.key", bytes: try WorkingKeySource.credential(name: name).contents()))
        case .operator:
            // It stands in the keyring, wrapped for the recovery key too.
            break
        }
        self.keys = keys
        let folder = URL(fileURLWithPath: configurationPath).standardizedFileURL.deletingLastPathComponent().path
        var data = [File(path: "sila.yaml", bytes: try Self.read(configurationPath))]
        for path in Set([configuration.xmpp.tls.caFile, configuration.attachments.caFile].compactMap(\.self)).sorted()
        where path.hasPrefix(folder + "/") {
            data.append(File(path: String(path.dropFirst(folder.count + 1)), bytes: try Self.read(path)))
        }
        self.data = data
    }

    /// Roster, pin and keyring, as they belong together. The daemon replaces one after the other when staff change:
    /// whoever reads between two of them tries again.
    private static func staffFiles(
        _ keys: SilaConfiguration.Keys
    ) throws -> (files: [File], roster: VerifiedRoster) {
        var failure: any Error = DaemonError(.configuration, "the roster cannot be read")
        for attempt in 0..<5 {
            if attempt > 0 { usleep(200_000) }
            do {
                let files = [
                    File(path: "keys/roster.json", bytes: try read(keys.roster)),
                    File(path: "keys/roster.pin", bytes: try read(keys.rosterPin)),
                    File(path: "keys/archive-keyring.json", bytes: try read(keys.archiveKeyring)),
                ]
                let roster = try Roster(decoding: files[0].bytes).verified(by: RosterPin(decoding: files[1].bytes))
                let keyring = try KeyringFile(decoding: files[2].bytes)
                try requireRecoverable(keyring, roster, isOperator: keys.mode == .operator)
                return (files, roster)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// A backup that the words do not open is none.
    private static func requireRecoverable(
        _ keyring: KeyringFile, _ roster: VerifiedRoster, isOperator: Bool
    ) throws {
        let recovery = KeyID(publicKey: roster.recoveryKey)
        guard KeyHolding(roster: roster, keyring: keyring).keys.allSatisfy(\.isRecoverable),
            !isOperator || keyring.working.contains(where: { $0.recipient == recovery })
        else {
            throw DaemonError(
                .configuration,
                "the keyring lacks keys for the recovery words, so nothing could be restored: put back the newest "
                    + "copy of keys.archive-keyring")
        }
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw DaemonError(.configuration, "'\(path)' cannot be read: run this as the user who runs silad")
        }
        guard bytes.count <= limit else { throw DaemonError(.configuration, "'\(path)' has more than \(limit) bytes") }
        return [UInt8](bytes)
    }
}

/// One file that is being written: under another name until it is whole and on the disk.
final class BackupOutput {
    let path: String
    private(set) var count = 0
    private var descriptor: Int32
    private var unfinished: String { path + ".new" }

    init(folder: String, name: String) throws {
        path = folder + "/" + name
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw BackupError.cannotWrite("the folder '\(folder)' cannot be made")
        }
        descriptor = open(path + ".new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw Self.failure(path) }
            rest = rest.dropFirst(written)
        }
        count += bytes.count
    }

    /// Gives it its name.
    func keep() throws {
        guard fsync(descriptor) == 0, rename(unfinished, path) == 0 else { throw Self.failure(path) }
        close(descriptor)
        descriptor = -1
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.failure(path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw Self.failure(path) }
    }

    /// Removes it, unless it was kept.
    func discard() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        unlink(unfinished)
    }

    private static func failure(_ path: String) -> BackupError {
        .cannotWrite("'\(path)': \(String(cString: strerror(errno)))")
    }
}
