import Crypto
import Foundation
import Sealing
import StaffProtocol
import Unsealing

/// A member's keys in the memory of this process, unlocked.
public actor UnlockedKeys: KeyHolder {
    public nonisolated let member: MemberID
    private let keys: StaffKeys
    private var opener = ArchiveOpener(keys: [])
    private var opened: [Data: Known] = [:]

    /// An opened segment, and what it was opened from: the same token with other values beside it is
    /// opened anew, and then does not open.
    private struct Known {
        let sealed: SealedSegment
        let segment: OpenedSegment
    }

    /// Segments that are kept open at most; beyond it all are forgotten and opened again when needed.
    private static let limit = 100_000

    public init(_ keys: StaffKeys) {
        self.keys = keys
        member = keys.id
    }

    public func signLogin(deployment: [UInt8], challenge: [UInt8]) throws -> [UInt8] {
        try keys.sign(LoginTranscript.bytes(deployment: deployment, member: member, challenge: challenge))
    }

    public func use(keyring: [UInt8], roster: TrustedRoster) throws {
        opener = try ArchiveKeyring(decoding: keyring).unlock(keys, roster: roster.verified)
        opened = [:]
    }

    public func open(_ segments: [SealedSegment]) -> [Data: OpenedSegment] {
        var result: [Data: OpenedSegment] = [:]
        for segment in segments {
            if let known = opened[segment.token], known.sealed == segment {
                result[segment.token] = known.segment
            } else if let key = try? segment.open(with: opener) {
                if opened.count >= Self.limit { opened = [:] }
                opened[segment.token] = Known(sealed: segment, segment: key)
                result[segment.token] = key
            }
        }
        return result
    }

    public func localKey(_ purpose: LocalPurpose) throws -> SecretBytes { try keys.localKey(purpose) }
}

extension SealedSegment {
    /// Opens the segment key. Throws `SealingError` or `UnsealingError`.
    public func open(with opener: ArchiveOpener) throws -> OpenedSegment {
        try opener.open(WrappedSegment(bytes: Array(wrapped)), segment: description())
    }
}

extension StaffKeys {
    /// The local key of a purpose, the same each time.
    ///
    /// It is derived from a signature over a fixed text that is never shown to anyone: Ed25519
    /// signatures depend on key and text alone (RFC 8032 §5.1.6), so no other secret need be stored.
    public func localKey(_ purpose: LocalPurpose) throws(UnsealingError) -> SecretBytes {
        var transcript = Transcript("sila local key", version: 1)
        transcript.add(id.rawValue)
        transcript.add(purpose.rawValue)
        var signature = try sign(transcript.bytes)
        let secret = SecretBytes(wiping: &signature)
        let key = secret.withUnsafeBytes { bytes in
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: bytes), info: transcript.bytes, outputByteCount: 32)
        }
        return SecretBytes(key)
    }
}
