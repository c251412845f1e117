import Crypto
import FoundationEssentials

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
            var sealed: [UInt8] = []
            sealed.reserveCapacity(overhead + plaintext.count)
            sealed.append(version)
            sealed.append(contentsOf: nonce)
            sealed.append(contentsOf: box.ciphertext)
            sealed.append(contentsOf: box.tag)
            return sealed
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
            return Array(try AES.GCM.open(box, using: key, authenticating: data))
        } catch {
            throw .notAuthentic(format: format)
        }
    }
}

/// Where random bytes come from: the system, or in known-answer tests a fixed list.
package struct Randomness: Sendable {
    package let bytes: @Sendable (_ count: Int) -> [UInt8]

    package init(_ bytes: @escaping @Sendable (Int) -> [UInt8]) { self.bytes = bytes }

    package static let system = Randomness { count in
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let word: UInt64 = generator.next()
            withUnsafeBytes(of: word) { bytes.append(contentsOf: $0.prefix(count - bytes.count)) }
        }
        return bytes
    }
}
