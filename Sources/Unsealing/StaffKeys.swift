import Crypto
import FoundationEssentials
import Sealing

/// The private keys of a member of staff. They exist in memory only while they are unlocked.
public struct StaffKeys: Sendable, CustomStringConvertible {
    public let id: MemberID
    private let signing: Curve25519.Signing.PrivateKey
    private let sealing: Curve25519.KeyAgreement.PrivateKey

    /// New random keys for a member.
    public init(id: MemberID) {
        self.id = id
        signing = Curve25519.Signing.PrivateKey()
        sealing = Curve25519.KeyAgreement.PrivateKey()
    }

    /// From 64 bytes: Ed25519 seed (32), X25519 private key (32).
    init(id: MemberID, secret: [UInt8]) throws {
        self.id = id
        signing = try Curve25519.Signing.PrivateKey(rawRepresentation: secret.prefix(32))
        sealing = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret.dropFirst(32))
    }

    var secret: [UInt8] { Array(signing.rawRepresentation) + Array(sealing.rawRepresentation) }

    /// Ed25519, 32 bytes.
    public var signingPublicKey: [UInt8] { Array(signing.publicKey.rawRepresentation) }
    /// X25519, 32 bytes.
    public var sealingPublicKey: [UInt8] { Array(sealing.publicKey.rawRepresentation) }

    /// How this member stands in a roster.
    public func member(role: Role) -> RosterMember {
        RosterMember(id: id, role: role, signingKey: signingPublicKey, sealingKey: sealingPublicKey)
    }

    /// An Ed25519 signature (RFC 8032), 64 bytes.
    public func sign(_ bytes: [UInt8]) throws(UnsealingError) -> [UInt8] {
        do {
            return Array(try signing.signature(for: bytes))
        } catch {
            throw .internalFailure("signing failed: \(error)")
        }
    }

    /// The key to which archive keys are wrapped for this member.
    var recipient: RecipientKey { RecipientKey(key: sealing) }

    public var description: String { "<keys of \(id)>" }
}

/// The recovery key: it opens every archive key, and exists only as words on paper.
public struct RecoveryKey: Sendable, CustomStringConvertible {
    let recipient: RecipientKey
    private let secret: SecretBytes

    /// A new random key.
    public init() throws(UnsealingError) {
        try self.init(secret: SecretBytes(randomCount: 32))
    }

    /// From the 32 bytes that the words say.
    public init(secret: SecretBytes) throws(UnsealingError) {
        do {
            let key = try secret.withUnsafeBytes { try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0) }
            recipient = RecipientKey(key: key)
        } catch {
            throw .internalFailure("a recovery key has 32 bytes: \(error)")
        }
        self.secret = secret
    }

    /// X25519, 32 bytes: stands in the roster.
    public var publicKey: [UInt8] { recipient.publicKey }

    /// The words to write down. They are the key: whoever reads them reads everything.
    public var words: [String] { secret.withUnsafeBytes { RecoveryWords.encode(Array($0)) } }

    public var description: String { "<recovery key>" }
}

/// A private X25519 key to which something can be wrapped by HPKE.
struct RecipientKey: Sendable {
    let key: Curve25519.KeyAgreement.PrivateKey

    var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }
    var id: KeyID { KeyID(publicKey: publicKey) }

    func open(
        encapsulatedKey: [UInt8], ciphertext: [UInt8], info: [UInt8], authenticating data: [UInt8], format: String
    ) throws(SealingError) -> SecretBytes {
        do {
            var recipient = try HPKE.Recipient(
                privateKey: key, ciphersuite: HPKESuite.suite, info: Data(info),
                encapsulatedKey: Data(encapsulatedKey))
            var bytes = Array(try recipient.open(Data(ciphertext), authenticating: Data(data)))
            return SecretBytes(wiping: &bytes)
        } catch {
            throw .notAuthentic(format: format)
        }
    }
}
