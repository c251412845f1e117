import Foundation
import Sealing

/// Trust in a roster comes from the pin on this machine, never from the bridge: what the bridge gives
/// is verified against it, and the pin moves on with what was seen.
public struct RosterTrust: Sendable {
    private let folder: ProfileFolder

    public init(_ folder: ProfileFolder) { self.folder = folder }

    /// Takes a roster in its stored form.
    ///
    /// The pin is read, and written when the roster is longer, under a lock: two programs at once
    /// cannot move it back.
    ///
    /// - Throws: `RosterRefusal` when it is another roster, an old one, or one that does not hold;
    ///   `FileError` when the pin cannot be read or written.
    public func accept(_ stored: [UInt8]) throws -> TrustedRoster {
        try PrivateFile.locked(folder.pin) {
            let pin = try readPin()
            let verified: VerifiedRoster
            do throws(RosterError) {
                verified = try Roster(decoding: stored).verified(by: pin)
            } catch {
                throw RosterRefusal(error: error)
            }
            if verified.pin != pin { try folder.write(verified.pin) }
            return TrustedRoster(verified: verified, stored: stored)
        }
    }

    private func readPin() throws -> RosterPin {
        do {
            return try folder.readPin()
        } catch let error as RosterError {
            throw FileError(folder.pin, "the pin is damaged: \(error)")
        }
    }
}

/// The bridge gave a roster that must not be used. Loud: it may be an attack.
public struct RosterRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    public let error: RosterError

    /// Whether somebody may have put another roster, or an old one, in its place; else it is damaged.
    public var isSubstituted: Bool {
        switch error {
        case .notPinned, .rolledBack, .rewritten, .brokenChain, .badSignature, .rule: true
        case .missing, .unreadable, .unsupportedVersion, .malformed, .empty: false
        }
    }

    public var description: String {
        guard isSubstituted else { return "The bridge's roster cannot be used. \(error)" }
        return "WARNING: the bridge gave a roster that must not be trusted. \(error) "
            + "Nothing was sealed, sent or logged in with it. Speak to a coordinator in person before you go on."
    }
}
