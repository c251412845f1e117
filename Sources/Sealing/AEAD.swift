import Crypto
import FoundationEssentials
import Glibc

/// A version byte, a nonce of 12 bytes, the ciphertext and a tag of 16 bytes: AES-256-GCM
/// (NIST SP 800-38D). The version must be part of the associated data that the caller gives.
package enum AEAD {
    package static let nonceCount = 12
    package static let tagCount = 16
    package static let overhead = 1 + nonceCount + tagCount

    package static func seal(
        _ plaintext: [UInt8], key: SymmetricKey, version: UInt8, authenticating data: [UInt8], format: String,
        randomness: Randomness
    ) throws(SealingError) -> [UInt8] {
        do {
            let nonce = try AES.GCM.Nonce(data: randomness.bytes(nonceCount))
            let box = try AES.GCM.seal(plaintext, using: key, nonce: nonce, authenticating: data)
            // With a nonce of 12 bytes there is always the combined form: nonce, ciphertext, tag.
            guard let combined = box.combined else {
                throw SealingError.internalFailure(format: format, detail: "the nonce has another length")
            }
            return [UInt8](unsafeUninitializedCapacity: 1 + combined.count) { buffer, count in
                buffer[0] = version
                combined.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[1...])
                        .copyMemory(from: $0)
                }
                count = 1 + combined.count
            }
        } catch {
            throw .internalFailure(format: format, detail: "\(error)")
        }
    }

    package static func open(
        _ sealed: [UInt8], key: SymmetricKey, version: UInt8, authenticating data: [UInt8], format: String
    ) throws(SealingError) -> [UInt8] {
        guard let found = sealed.first else { throw .malformed(format: format, reason: "it is empty") }
        guard found == version else { throw .unsupportedVersion(format: format, found: found) }
        guard sealed.count >= overhead else {
            throw .malformed(
                format: format, reason: "it has \(sealed.count) bytes, fewer than the \(overhead) of an empty one")
        }
        do {
            let box = try AES.GCM.SealedBox(combined: sealed[1...])
            return try AES.GCM.open(box, using: key, authenticating: data).withUnsafeBytes { [UInt8]($0) }
        } catch {
            throw .notAuthentic(format: format)
        }
    }
}

/// Where random bytes come from: the system, or in known-answer tests a fixed list.
package struct Randomness: Sendable {
    package let bytes: @Sendable (_ count: Int) -> [UInt8]

    package init(_ bytes: @escaping @Sendable (Int) -> [UInt8]) { self.bytes = bytes }

    /// The system's generator, as Swift's own, but one call for all bytes and not one for each eight.
    package static let system = Randomness { count in
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let start = buffer.baseAddress { arc4random_buf(start, count) }
            initialized = count
        }
    }
}
