import Crypto
import FoundationEssentials

/// Hybrid public key encryption as every format of Sila uses it: DHKEM(X25519, HKDF-SHA256),
/// HKDF-SHA256, ChaCha20Poly1305, base mode, one message a context (RFC 9180 §6.1, §7).
package enum HPKESuite {
    package static let suite = HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly
    package static let encapsulatedKeyCount = 32

    /// Seals a secret to a public key. Returns the encapsulated key (32 bytes) and the ciphertext.
    package static func seal(
        _ secret: SecretBytes, to publicKey: [UInt8], info: [UInt8], authenticating data: [UInt8], format: String
    ) throws(SealingError) -> (encapsulatedKey: [UInt8], ciphertext: [UInt8]) {
        do {
            let recipient = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey)
            var sender = try HPKE.Sender(recipientKey: recipient, ciphersuite: suite, info: Data(info))
            let ciphertext = try secret.withUnsafeBytes {
                try sender.seal(Data($0), authenticating: Data(data))
            }
            return (Array(sender.encapsulatedKey), Array(ciphertext))
        } catch {
            throw .internalFailure(format: format, detail: "\(error)")
        }
    }
}
