import FoundationEssentials

import Glibc

/// Where the daemon gets its working key from.
public enum WorkingKeySource: Sendable, Equatable {
    /// A file with mode 0600. For demos: whoever has the disk has the key.
    case file(path: String)
    /// A systemd credential, which systemd decrypts with the TPM (systemd.exec(5), `LoadCredentialEncrypted=`).
    case credential(name: String)

    /// The name under which the unit file hands over the key.
    public static let defaultCredential = "sila-working-key"

    /// Reads the key. `environment` is where `CREDENTIALS_DIRECTORY` is looked up.
    public func load(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(WorkingKeyError) -> WorkingKey {
        let (bytes, path) = try read(environment)
        return try Self.parse(bytes, path: path)
    }

    /// The text of the file, for a backup that is sealed to the recovery key; checked to hold a key.
    public func contents(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(WorkingKeyError) -> [UInt8] {
        let (bytes, path) = try read(environment)
        _ = try Self.parse(bytes, path: path)
        return bytes
    }

    private func read(_ environment: [String: String]) throws(WorkingKeyError) -> (bytes: [UInt8], path: String) {
        switch self {
        case .file(let path):
            return (try PrivateFile.read(path, ownerOnly: true), path)
        case .credential(let name):
            guard let directory = environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty else {
                throw .noCredentials(name: name)
            }
            guard !name.isEmpty, !name.contains("/"), name != "..", name != "." else {
                throw .unreadable(path: name, reason: "it is not the name of a credential")
            }
            let path = directory + "/" + name
            // systemd itself sets owner and mode of its credentials directory.
            return (try PrivateFile.read(path, ownerOnly: false), path)
        }
    }

    /// The text of a working key file: a line that names format and version, a line with the key
    /// in base64.
    public static func fileContents(_ key: SecretBytes) -> [UInt8] {
        let body = key.withUnsafeBytes { Data($0).base64EncodedString() }
        return Array("\(header)\n\(body)\n".utf8)
    }

    private static let header = "sila-working-key-v1"

    /// Reads the text of a working key file; `path` is for errors.
    public static func parse(_ bytes: [UInt8], path: String) throws(WorkingKeyError) -> WorkingKey {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadable(path: path, reason: "it is not text")
        }
        let lines = text.split(whereSeparator: \.isNewline)
        guard let first = lines.first, first.hasPrefix("sila-working-key-") else {
            throw .unreadable(path: path, reason: "it is not a working key file")
        }
        guard first == header else {
            throw .unreadable(
                path: path, reason: "its format '\(first.prefix(40))' is not known to this version of Sila")
        }
        guard lines.count == 2, var data = Data(base64Encoded: String(lines[1])).map(Array.init),
            data.count == WorkingKey.byteCount
        else {
            throw .unreadable(
                path: path, reason: "its second line is not a key of \(WorkingKey.byteCount) bytes in base64")
        }
        do {
            return try WorkingKey(root: SecretBytes(wiping: &data))
        } catch {
            throw .unreadable(path: path, reason: "\(error)")
        }
    }
}

/// Why the working key could not be read.
public enum WorkingKeyError: Error, Equatable, Sendable, CustomStringConvertible {
    case missing(path: String)
    case unreadable(path: String, reason: String)
    /// Others on this machine could read the key.
    case tooOpen(path: String, mode: String)
    case wrongOwner(path: String)
    case noCredentials(name: String)

    public var description: String {
        switch self {
        case .missing(let path):
            "The working key '\(path)' does not exist. Make one with 'sila init', or correct keys.working-key."
        case .unreadable(let path, let reason):
            "The working key '\(path)' cannot be read: \(reason)."
        case .tooOpen(let path, let mode):
            "The working key '\(path)' has mode \(mode): others can read it. Run: chmod 600 '\(path)'"
        case .wrongOwner(let path):
            "The working key '\(path)' belongs to another user. Run: chown \"$(id -un)\" '\(path)' as root."
        case .noCredentials(let name):
            "Key mode 'tpm' needs a systemd credential '\(name)', but CREDENTIALS_DIRECTORY is not set. "
                + "Start silad as a systemd service with LoadCredentialEncrypted=\(name):/path."
        }
    }
}

/// Reads a small secret file after looking at who may read it.
enum PrivateFile {
    static let limit = 4096

    static func read(_ path: String, ownerOnly: Bool) throws(WorkingKeyError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOENT { throw .missing(path: path) }
            throw .unreadable(path: path, reason: String(cString: strerror(code)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "it is not a regular file")
        }
        if ownerOnly {
            // Checked on the open file: the name cannot be pointed elsewhere in between.
            guard status.st_mode & 0o077 == 0 else {
                throw .tooOpen(path: path, mode: String(status.st_mode & 0o7777, radix: 8))
            }
            guard status.st_uid == geteuid() || geteuid() == 0 else { throw .wrongOwner(path: path) }
        }
        guard status.st_size <= limit else {
            throw .unreadable(path: path, reason: "it has more than \(limit) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else {
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        return Array(bytes.prefix(count))
    }
}
