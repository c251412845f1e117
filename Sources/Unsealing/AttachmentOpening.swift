import Crypto
import Foundation
import Messaging

extension AttachmentSecret {
    /// Opens a file as it was sent: ciphertext, then the tag of 16 bytes (XEP-0454 §3).
    ///
    /// - Returns: `nil` when it was altered, cut off, or belongs to another key.
    public func open(_ sealed: Data) -> Data? {
        guard sealed.count >= Self.tagCount else { return nil }
        do {
            let box = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: nonce), ciphertext: sealed.dropLast(Self.tagCount),
                tag: sealed.suffix(Self.tagCount))
            return try AES.GCM.open(box, using: SymmetricKey(data: key))
        } catch {
            return nil
        }
    }
}
