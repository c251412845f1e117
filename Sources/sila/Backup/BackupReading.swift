import Backup
import Foundation
import Sealing
import Unsealing

/// Reads one file of a backup from the disk.
struct BackupReading {
    let path: String

    /// What is in the clear.
    func header() throws(CommandFailure) -> BackupHeader {
        try named { try BackupOpener.header(try bytes()) }
    }

    /// Reads all of it, so that what is not whole is found before anything is written.
    func each(_ key: RecoveryKey, _ take: (BackupFrame) throws -> Void) throws {
        var opener = try named { try BackupOpener(key, read: try bytes()) }
        while let frame = try named({ try opener.next() }) { try take(frame) }
    }

    private func bytes() throws -> BackupOpener.Read {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure(.missing, "'\(path)' cannot be read: \(String(cString: strerror(errno))).")
        }
        return { [UInt8](try handle.read(upToCount: $0) ?? Data()) }
    }

    /// Every error says of which file it is.
    private func named<R>(_ body: () throws -> R) throws(CommandFailure) -> R {
        do {
            return try body()
        } catch let error as CommandFailure {
            throw error
        } catch let error as BackupError {
            throw CommandFailure(.data, "'\(path)' is not taken: \(error). Nothing was made.")
        } catch {
            throw CommandFailure(.io, "'\(path)' cannot be read: \(error). Nothing was made.")
        }
    }
}

/// Where a file of a backup may lie in the folder of a deployment. Whoever knows the recovery key's public half, which
/// is in the roster, can make a backup: so it is not believed where its files go.
enum BackupPlace {
    /// The folder, its file, and the permissions of that.
    static func mode(of path: String) -> mode_t? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.isEmpty, parts.allSatisfy({ isName($0) }) else { return nil }
        switch path {
        case "sila.yaml", "keys/roster.json", "keys/roster.pin", "keys/archive-keyring.json": return 0o640
        case "keys/xmpp.password", "keys/working.key": return 0o600
        default: break
        }
        if parts[0] == "store" { return parts.count == 3 && parts[1] == "attachments" ? 0o600 : nil }
        // Certificates, where the configuration names them. They take no other file's place.
        return parts[0] == "keys" ? 0o600 : 0o644
    }

    private static func isName(_ part: Substring) -> Bool {
        !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 255
            && part.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
    }
}
