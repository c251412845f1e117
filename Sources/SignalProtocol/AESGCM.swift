import Crypto

import struct Foundation.Data

/// AES-GCM as OMEMO 0.3 uses it (XEP-0384 v0.3.0 §4.4), with IVs of 12 to 16 bytes: 12 is what
/// is sent today, 16 what older clients send.
public enum AESGCM {
    /// Length of the authentication tag in bytes.
    public static let tagCount = 16
    /// The IV lengths that are read, in bytes.
    public static let ivCounts = 12...16

    /// Why a text could not be opened or sealed.
    public enum Failure: Error, Hashable, Sendable {
        /// Not a length AES or GCM knows; key, IV and tag are 16, 12 to 16, and 16 bytes.
        case badParameterLength
        /// The tag does not fit: altered, or the wrong key.
        case authenticationFailed
    }

    /// - Parameters:
    ///   - key: 16, 24 or 32 bytes.
    ///   - iv: 12 to 16 bytes, never used before with this key.
    /// - Returns: ciphertext as long as the plaintext, and the tag of 16 bytes.
    public static func seal(
        _ plaintext: [UInt8], key: [UInt8], iv: [UInt8], authenticating data: [UInt8] = []
    ) throws(Failure) -> (ciphertext: [UInt8], tag: [UInt8]) {
        guard ivCounts.contains(iv.count) else { throw .badParameterLength }
        do {
            let box = try AES.GCM.seal(
                plaintext, using: SymmetricKey(data: key), nonce: AES.GCM.Nonce(data: iv), authenticating: data)
            return (box.ciphertext.withUnsafeBytes { [UInt8]($0) }, box.tag.withUnsafeBytes { [UInt8]($0) })
        } catch {
            throw .badParameterLength
        }
    }

    /// - Parameters:
    ///   - key: 16, 24 or 32 bytes.
    ///   - iv: 12 to 16 bytes.
    ///   - tag: 16 bytes.
    public static func open(
        _ ciphertext: [UInt8], tag: [UInt8], key: [UInt8], iv: [UInt8], authenticating data: [UInt8] = []
    ) throws(Failure) -> [UInt8] {
        guard ivCounts.contains(iv.count), tag.count == tagCount, [16, 24, 32].contains(key.count) else {
            throw .badParameterLength
        }
        do {
            let box = try AES.GCM.SealedBox(nonce: AES.GCM.Nonce(data: iv), ciphertext: ciphertext, tag: tag)
            return try AES.GCM.open(box, using: SymmetricKey(data: key), authenticating: data)
                .withUnsafeBytes { [UInt8]($0) }
        } catch {
            throw .authenticationFailed
        }
    }
}

/// Random bytes of the system's generator, for keys and IVs.
public func randomBytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        fillWithSystemRandom(UnsafeMutableRawBufferPointer(buffer))
        initialized = count
    }
}
