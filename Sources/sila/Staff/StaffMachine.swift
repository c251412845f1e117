import DeploymentConfiguration
import Foundation
import Glibc
import Inbox
import Sealing
import Unsealing

/// One member's folder of private keys: key file, pin and profile.
struct StaffMachine {
    /// Absolute.
    let folder: String
    let member: MemberID
    let bridge: StaffProfile.Bridge

    /// Reads the profile. Throws `CommandFailure`.
    init(
        _ options: BridgeOptions, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandFailure) {
        folder = try Self.folder(options.keys, environment: environment)
        let path = folder + "/profile.json"
        let profile = try StaffProfile.load(path)
        guard let member = MemberID(rawValue: profile.member) else {
            throw CommandFailure(.data, "The profile '\(path)' is damaged: its member is not a short name.")
        }
        guard let bridge = options.bridge ?? profile.bridge else {
            throw CommandFailure(.data, "The profile '\(path)' names no bridge. Give --socket or --host.")
        }
        self.member = member
        self.bridge = bridge
    }

    init(folder: String, member: MemberID, bridge: StaffProfile.Bridge) {
        self.folder = folder
        self.member = member
        self.bridge = bridge
    }

    /// The folder of private keys: the option, `$SILA_KEYS`, or the user's own.
    static func folder(_ option: String?, environment: [String: String]) throws(CommandFailure) -> String {
        let named = option ?? environment["SILA_KEYS"].flatMap { $0.isEmpty ? nil : $0 }
        return try DeploymentFiles(deployment: "/", keys: named, environment: environment).keys
    }

    var keyPath: String { folder + "/\(member).key" }
    var pinPath: String { folder + "/roster.pin" }

    /// The sealed private keys, with the public ones beside them.
    ///
    /// Throws `CommandFailure` (77) when others may read the file: only the passphrase would be left.
    func keyFile() throws -> StaffKeyFile {
        var status = stat()
        if stat(keyPath, &status) == 0, status.st_mode & 0o077 != 0 {
            throw CommandFailure(
                .permission, "Others may read the key file '\(keyPath)'. Close it to them: chmod 600 '\(keyPath)'")
        }
        guard let data = FileManager.default.contents(atPath: keyPath) else {
            throw CommandFailure(
                .missing,
                "The key file '\(keyPath)' cannot be read. Restore it from a backup; without one, make new keys with "
                    + "'sila join --new-keys' and ask a coordinator to admit them.")
        }
        return try StaffKeyFile(decoding: Array(data))
    }

    /// Asks for the passphrase and opens the private keys. Commands that change who belongs ask each
    /// time: an agent that was left open does not sign for them.
    func unlock(passphraseFile: String?) throws -> StaffKeys {
        let file = try keyFile()
        guard file.id == member else {
            throw CommandFailure(.data, "The key file '\(keyPath)' belongs to '\(file.id)', not to '\(member)'.")
        }
        return try file.unlock(try PassphrasePrompt.present(file: passphraseFile))
    }

    /// What this machine remembers of the roster; `nil` before it has seen one.
    func pin() throws -> RosterPin? {
        guard NewFiles.exists(pinPath) else { return nil }
        guard let data = FileManager.default.contents(atPath: pinPath) else {
            throw CommandFailure(.io, "'\(pinPath)' cannot be read.")
        }
        return try RosterPin(decoding: Array(data))
    }

    /// The roster as the bridge says it is, if it is the one that this machine knows, and remembers how
    /// far it was seen.
    func verified(_ stored: [UInt8]) throws -> (roster: Roster, verified: VerifiedRoster) {
        guard NewFiles.exists(pinPath) else {
            throw CommandFailure(
                .missing,
                "This machine does not know the deployment yet. Compare its fingerprint in person: sila whoami")
        }
        let trusted = try RosterTrust(profileFolder).accept(stored)
        return (try Roster(decoding: stored), trusted.verified)
    }

    /// Pins the roster of a deployment that this machine did not know.
    func pinFirst(_ verified: VerifiedRoster) throws {
        try ReplacedFile.write(try verified.pin.encoded(), to: pinPath, mode: 0o600)
    }
}

extension PassphrasePrompt {
    /// The passphrase of keys that are there: from the file `option`, what `SILA_PASSPHRASE_FILE`
    /// names, or typed once, unseen.
    static func present(
        file option: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Passphrase {
        guard let file = option ?? environment["SILA_PASSPHRASE_FILE"], !file.isEmpty else {
            return Passphrase(try Terminal().readHidden("Passphrase: "))
        }
        guard NewFiles.exists(file) else {
            throw CommandFailure(.missing, "The passphrase file '\(file)' does not exist.")
        }
        do {
            return Passphrase(try SecretFile.read(file))
        } catch {
            let reasons = error.problems.map(\.message).joined(separator: "; ")
            throw CommandFailure(.permission, "The passphrase file '\(file)' \(reasons)")
        }
    }
}

/// Replaces a small file of the staff's folder: the old one or the new one is there, whole.
enum ReplacedFile {
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(CommandFailure) {
        let temporary = path + ".new"
        try NewFiles.remove(temporary)
        try NewFiles.write(bytes, to: temporary, mode: mode)
        guard rename(temporary, path) == 0 else {
            throw CommandFailure(.io, "'\(path)' cannot be replaced: \(String(cString: strerror(errno))).")
        }
        try NewFiles.synchronize(folder: (path as NSString).deletingLastPathComponent)
    }
}
