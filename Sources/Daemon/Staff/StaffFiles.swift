import Foundation
import Sealing

/// Roster, pin and keyring of a deployment, on the disk.
struct StaffFiles: Sendable {
    let roster: String
    let pin: String
    let keyring: String
    /// How a file is replaced; tests put a failure in its place.
    var write: @Sendable (_ bytes: [UInt8], _ path: String) throws -> Void = { try AtomicFile.write($0, to: $1) }

    /// What the files say, checked.
    struct Contents: Sendable {
        var roster: Roster
        var stored: [UInt8]
        var verified: VerifiedRoster
        var keyring: KeyringFile
    }

    /// The largest of these files that is read, in bytes: about 10,000 entries of a roster.
    static let sizeLimit = 8 << 20

    /// Reads and verifies. Throws `RosterError`.
    ///
    /// A crash may have come between two files: then the keyring has more than the roster allows. What
    /// it has too much is left out.
    func read() throws -> Contents {
        let pin = try RosterPin(decoding: bytes(pin))
        let stored = try bytes(roster)
        let roster = try Roster(decoding: stored)
        let verified = try roster.verified(by: pin)
        let keyring = try KeyringFile(decoding: bytes(keyring)).pruned(for: verified)
        return Contents(roster: roster, stored: stored, verified: verified, keyring: keyring)
    }

    /// Replaces what was read before, in an order in which each state between is usable: first a
    /// keyring for both rosters, then the roster, then what only the old one needed goes.
    func replace(_ old: Contents, by new: Contents) throws {
        try write(try new.keyring.merged(with: old.keyring).encoded(), keyring)
        try write(new.stored, roster)
        try write(try new.verified.pin.encoded(), pin)
        try write(try new.keyring.encoded(), keyring)
    }

    private func bytes(_ path: String) throws(RosterError) -> [UInt8] {
        guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: path) }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unreadable(path: path, reason: "check that it is a file and that this user may read it")
        }
        guard data.count <= Self.sizeLimit else {
            throw .unreadable(path: path, reason: "it has more than \(Self.sizeLimit) bytes")
        }
        return Array(data)
    }
}
