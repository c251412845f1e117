import Foundation
import Sealing

/// What a program of a member needs to know of itself and of the bridge: `profile.json`.
public struct Profile: Sendable, Equatable {
    public static let version = 1

    /// Where the bridge is.
    public enum Place: Sendable, Equatable {
        /// On this machine: the path of its socket.
        case socket(String)
        /// On another one: a name that `ssh` knows, and the path of the socket there.
        case host(String, remoteSocket: String)
    }

    public var member: MemberID
    public var place: Place

    public init(member: MemberID, place: Place) {
        self.member = member
        self.place = place
    }
}

/// Why a profile cannot be used.
public struct ProfileError: Error, Sendable, Equatable, CustomStringConvertible {
    public let path: String
    public let reason: String

    public var description: String { "The profile '\(path)' cannot be used: \(reason)." }
}

extension Profile {
    private struct Stored: Codable {
        var version: Int
        var member: String
        var socket: String?
        var host: String?
        var remoteSocket: String?
    }

    /// The stored form: JSON with `socket`, or with `host` and `remoteSocket`.
    public func encoded() throws -> [UInt8] {
        var stored = Stored(version: Self.version, member: member.rawValue)
        switch place {
        case .socket(let path): stored.socket = path
        case .host(let name, let path):
            stored.host = name
            stored.remoteSocket = path
        }
        return try JSONForm.encode(stored)
    }

    /// Reads the stored form.
    ///
    /// - Parameter path: for the error only.
    /// - Throws: `ProfileError`.
    public init(decoding json: [UInt8], path: String = ProfileFolder.profileName) throws(ProfileError) {
        let stored: Stored
        do {
            stored = try JSONForm.decode(json, version: Self.version, name: "profile")
        } catch .unsupportedVersion(let found) {
            throw ProfileError(path: path, reason: "its version \(found) is not known to this version of Sila")
        } catch {
            throw ProfileError(path: path, reason: "it is not JSON of the documented form")
        }
        guard let member = MemberID(rawValue: stored.member) else {
            throw ProfileError(path: path, reason: "its member is not a short name")
        }
        switch (stored.socket, stored.host, stored.remoteSocket) {
        case (let socket?, nil, nil) where !socket.isEmpty:
            self.init(member: member, place: .socket(socket))
        case (nil, let host?, let remote?) where !host.isEmpty && !remote.isEmpty:
            self.init(member: member, place: .host(host, remoteSocket: remote))
        default:
            throw ProfileError(path: path, reason: "it must say 'socket', or 'host' and 'remoteSocket'")
        }
    }
}

/// The folder of one member on a staff machine.
public struct ProfileFolder: Sendable, Equatable {
    public static let profileName = "profile.json"
    public let path: String

    public init(_ path: String) { self.path = path }

    public var profile: String { file(Self.profileName) }
    public var pin: String { file("roster.pin") }
    /// Replies that were not sent yet, sealed.
    public var drafts: String { file("drafts") }
    /// The last line of the audit log that was verified.
    public var auditMark: String { file("audit.seen") }
    public func keyFile(of member: MemberID) -> String { file("\(member).key") }

    private func file(_ name: String) -> String { (path as NSString).appendingPathComponent(name) }

    /// Reads the profile. Throws `FileError` or `ProfileError`.
    public func readProfile() throws -> Profile {
        try Profile(decoding: PrivateFile.read(profile), path: profile)
    }

    /// Writes the profile in one go, mode 0600.
    public func write(_ profile: Profile) throws {
        try PrivateFile.replace(self.profile, with: profile.encoded())
    }

    /// Reads the pin. Throws `FileError` or `RosterError`.
    public func readPin() throws -> RosterPin { try RosterPin(decoding: PrivateFile.read(pin)) }

    /// Writes the pin in one go. For a new profile: afterwards `RosterTrust` moves it on.
    public func write(_ pin: RosterPin) throws { try PrivateFile.replace(self.pin, with: pin.encoded()) }
}
