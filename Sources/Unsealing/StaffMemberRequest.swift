import Crypto
import Foundation
import Sealing

/// What a new member hands to a coordinator: a short name and two public keys, signed with them. It
/// holds no secret; what is compared in person is its fingerprint.
public struct MemberRequest: Sendable, Equatable {
    public static let version = 1
    /// Bytes of the stored form at most.
    public static let limit = 16_384

    public let id: MemberID
    /// Ed25519, 32 bytes.
    public let signingKey: [UInt8]
    /// X25519, 32 bytes.
    public let sealingKey: [UInt8]
    /// Ed25519 over name and keys by the signing key: whoever asks has it.
    let signature: [UInt8]

    /// The request for these keys.
    public init(_ keys: StaffKeys) throws(UnsealingError) {
        id = keys.id
        signingKey = keys.signingPublicKey
        sealingKey = keys.sealingPublicKey
        signature = try keys.sign(
            Self.signedBytes(id: id, signingKey: signingKey, sealingKey: sealingKey))
    }

    /// Five words, to be compared in person by both.
    public var fingerprint: String {
        MemberFingerprint.words(id: id, signingKey: signingKey, sealingKey: sealingKey)
    }

    func member(role: Role) -> RosterMember {
        RosterMember(id: id, role: role, signingKey: signingKey, sealingKey: sealingKey)
    }

    private static func signedBytes(id: MemberID, signingKey: [UInt8], sealingKey: [UInt8]) -> [UInt8] {
        var transcript = Transcript("sila member request", version: UInt8(version))
        transcript.add(id.rawValue)
        transcript.add(signingKey)
        transcript.add(sealingKey)
        return transcript.bytes
    }

    private struct Stored: Codable {
        var version: Int
        var member: String
        var signingKey: Data
        var sealingKey: Data
        var signature: Data
    }

    /// The stored form: JSON with binary values in base64.
    public func encoded() throws(StaffChangeError) -> [UInt8] {
        do {
            return try JSONForm.encode(
                Stored(
                    version: Self.version, member: id.rawValue, signingKey: Data(signingKey),
                    sealingKey: Data(sealingKey), signature: Data(signature)))
        } catch {
            throw .roster(error)
        }
    }

    /// Reads the stored form and checks the signature. Throws `StaffChangeError.request`.
    public init(decoding json: [UInt8]) throws(StaffChangeError) {
        guard json.count <= Self.limit else { throw .request(reason: "it has more than \(Self.limit) bytes") }
        let stored: Stored
        do {
            stored = try JSONForm.decode(json, version: Self.version, name: "request")
        } catch .unsupportedVersion(let found) {
            throw .request(reason: "its format version \(found) is not known to this version of Sila")
        } catch .malformed(let reason) {
            throw .request(reason: reason)
        } catch {
            throw .request(reason: "\(error)")
        }
        guard let id = MemberID(rawValue: stored.member) else {
            throw .request(reason: "its name is not 1 to 32 lower-case letters, digits and hyphens")
        }
        self.id = id
        signingKey = Array(stored.signingKey)
        sealingKey = Array(stored.sealingKey)
        signature = Array(stored.signature)
        guard (try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: sealingKey)) != nil,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: signingKey)
        else { throw .request(reason: "its keys are not public keys of 32 bytes") }
        let bytes = Self.signedBytes(id: id, signingKey: signingKey, sealingKey: sealingKey)
        guard key.isValidSignature(signature, for: bytes) else {
            throw .request(reason: "its signature is not by the key in it: it was altered")
        }
    }
}
