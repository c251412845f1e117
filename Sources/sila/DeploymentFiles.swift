import Foundation
import Sealing

/// Where the files of a deployment and the staff's private files are.
struct DeploymentFiles {
    /// The deployment's folder, absolute.
    let deployment: String
    /// The folder of the staff's private keys, absolute.
    let keys: String

    /// Makes both paths absolute. `keys` defaults to `$XDG_DATA_HOME/sila`, or `~/.local/share/sila`.
    init(
        deployment: String, keys: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandFailure) {
        self.deployment = Self.absolute(deployment)
        if let keys {
            self.keys = Self.absolute(keys)
        } else if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") {
            self.keys = Self.absolute(data + "/sila")
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            self.keys = Self.absolute(home + "/.local/share/sila")
        } else {
            throw CommandFailure(.missing, "HOME is not set; name a folder for the private keys with --keys.")
        }
    }

    private static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }

    /// What the daemon reads.
    var daemonKeys: String { deployment + "/keys" }
    var store: String { deployment + "/store" }
    var roster: String { daemonKeys + "/roster.json" }
    var rosterPin: String { daemonKeys + "/roster.pin" }
    var keyring: String { daemonKeys + "/archive-keyring.json" }
    /// Where silad listens for staff, unless sila.yaml says otherwise.
    var socket: String { deployment + "/run/staff.sock" }
    var workingKey: String { daemonKeys + "/working.key" }
    /// There while a set-up runs, and after one that was cut off.
    var unfinished: String { daemonKeys + "/init-unfinished" }

    /// What only staff have.
    var staffPin: String { keys + "/roster.pin" }
    var profile: String { keys + "/profile.json" }
    func staffKey(_ member: MemberID) -> String { keys + "/\(member).key" }
}
