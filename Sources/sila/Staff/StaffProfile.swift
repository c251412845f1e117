import ArgumentParser
import Foundation
import Sealing

/// `profile.json` in the folder of private keys: who works on this machine, and where the bridge is.
struct StaffProfile: Codable, Equatable {
    /// Where the staff API is reached.
    enum Bridge: Equatable {
        /// A Unix socket of this machine.
        case socket(String)
        /// A host that SSH knows, and the socket there; without one, its default.
        case host(String, socket: String?)
    }

    static let currentVersion = 1
    /// Where `silad` listens on a machine set up as the documentation says.
    static let systemSocket = "/run/sila/staff.sock"

    var version = Self.currentVersion
    var member: String
    var socket: String?
    var host: String?
    var remoteSocket: String?

    init(member: MemberID, bridge: Bridge) {
        self.member = member.rawValue
        switch bridge {
        case .socket(let path): socket = path
        case .host(let name, let path): (host, remoteSocket) = (name, path)
        }
    }

    /// `nil` when the profile names none.
    var bridge: Bridge? {
        if let host { return .host(host, socket: remoteSocket) }
        return socket.map(Bridge.socket)
    }

    /// The stored form.
    func encoded() throws -> [UInt8] { Array(try Output.json(self).utf8) }

    /// Reads `profile.json`. Throws `CommandFailure`.
    static func load(_ path: String) throws(CommandFailure) -> StaffProfile {
        guard NewFiles.exists(path) else {
            throw CommandFailure(
                .missing,
                "There is no profile '\(path)'. On a new machine: sila join. For keys that lie elsewhere: --keys or "
                    + "SILA_KEYS.")
        }
        guard let data = FileManager.default.contents(atPath: path), data.count <= 1 << 16 else {
            throw CommandFailure(.io, "The profile '\(path)' cannot be read.")
        }
        guard let profile = try? JSONDecoder().decode(StaffProfile.self, from: data) else {
            throw CommandFailure(.data, "The profile '\(path)' is damaged. Make a new one with 'sila join --new-keys'.")
        }
        guard profile.version == currentVersion else {
            throw CommandFailure(
                .data,
                "The profile '\(path)' has version \(profile.version), which this version of Sila does not know. "
                    + "Update Sila.")
        }
        return profile
    }
}

/// Options of every command that talks to the bridge.
struct BridgeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of private keys. Default: $SILA_KEYS, or ~/.local/share/sila.", valueName: "folder"),
        completion: .directory)
    var keys: String?

    @Option(
        help: ArgumentHelp("The bridge's socket on this machine. Default: the profile's.", valueName: "path"),
        completion: .file())
    var socket: String?

    @Option(help: ArgumentHelp("The bridge's host, reached by SSH. Default: the profile's.", valueName: "name"))
    var host: String?

    @Option(
        help: ArgumentHelp("A file with the passphrase of the private keys.", valueName: "file"), completion: .file())
    var passphraseFile: String?

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        if socket != nil, host != nil { throw ValidationError("Give --socket or --host, not both.") }
    }

    /// What these options replace in the profile.
    var bridge: StaffProfile.Bridge? {
        if let host { return .host(host, socket: nil) }
        return socket.map(StaffProfile.Bridge.socket)
    }
}
