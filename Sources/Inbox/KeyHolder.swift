import Foundation
import Sealing
import StaffProtocol
import Unsealing

/// Whoever holds a member's private keys: this process, or the agent beside it. Private keys never
/// pass through it; what passes are signatures, and keys of single segments.
public protocol KeyHolder: Sendable {
    /// Whose keys they are.
    var member: MemberID { get }

    /// Signs a log-in, and nothing else: `LoginTranscript.bytes` of these values.
    ///
    /// - Parameters:
    ///   - deployment: from the verified roster, 16 bytes.
    ///   - challenge: from the bridge, 32 bytes.
    /// - Returns: an Ed25519 signature, 64 bytes.
    func signLogin(deployment: [UInt8], challenge: [UInt8]) async throws -> [UInt8]

    /// Takes the archive keys that are wrapped for this member: once after a log-in, and again when
    /// the roster changes.
    ///
    /// - Parameters:
    ///   - keyring: the stored form, as the bridge gives it.
    ///   - roster: verified against the pin of this machine.
    /// - Throws: `UnsealingError` when a wrapped key is not the one that the roster names.
    func use(keyring: [UInt8], roster: TrustedRoster) async throws

    /// Opens segment keys. Those that this member cannot open, that were erased or that do not hold
    /// are left out: the others open all the same.
    ///
    /// - Returns: by `SealedSegment.token`.
    func open(_ segments: [SealedSegment]) async throws -> [Data: OpenedSegment]

    /// A key of 32 bytes that only this member has, for what lies on this machine.
    func localKey(_ purpose: LocalPurpose) async throws -> SecretBytes
}

/// What a local key is for: keys of different purposes have nothing to do with each other.
public enum LocalPurpose: String, Sendable, CaseIterable, Codable {
    /// Replies that were not sent yet.
    case drafts
}

/// A roster that holds against the pin, with the bytes it was read from.
public struct TrustedRoster: Sendable, Equatable {
    public let verified: VerifiedRoster
    /// `roster.json`.
    public let stored: [UInt8]

    init(verified: VerifiedRoster, stored: [UInt8]) {
        self.verified = verified
        self.stored = stored
    }
}
