import Crypto
import Foundation
import Messaging

/// AES-256-GCM over a whole file: ciphertext, then the tag (XEP-0454 §3). Nothing is authenticated beside it.
public enum AttachmentCipher {
    /// Seals a file under a key that is used for nothing else.
    ///
    /// - Throws: `SealingError.internalFailure`.
    public static func seal(_ plaintext: Data, with secret: AttachmentSecret) throws(SealingError) -> Data {
        do {
            let box = try AES.GCM.seal(
                plaintext, using: SymmetricKey(data: secret.key), nonce: AES.GCM.Nonce(data: secret.nonce))
            return box.ciphertext + box.tag
        } catch {
            throw .internalFailure(format: "attachment", detail: "\(type(of: error))")
        }
    }
}

extension AttachmentSecret {
    /// A new key and a nonce of 12 bytes, from the system's generator.
    public static func random() -> AttachmentSecret {
        let bytes = Randomness.system.bytes(keyCount + 12)
        // Lengths are those that it takes.
        return AttachmentSecret(
            unchecked: Array(bytes.prefix(keyCount)), nonce: Array(bytes.suffix(12)))
    }
}
